"""What a study still needs: which of its runs are there, which must be trained, and the cost."""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any

from made import datasets, runs
from made.base.errors import MadeError
from made.runs.folder import LIVING, RESUMABLE, Run
from made.setups.config import ExperimentConfig
from made.setups.estimate import estimate
from made.studies.study import Cell, LeftOut, Study, comparable

# What a run takes beside its training: a process of its own, which loads torch and the data.
START_SECONDS = 3.0


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One run of a study. run: the one that is there, or None where it must be trained."""

    values: tuple[Any, ...]
    seed: int
    label: str
    config: ExperimentConfig
    run: Run | None = None
    state: str = ""

    @property
    def is_finished(self) -> bool:
        return self.state == "finished"

    @property
    def is_living(self) -> bool:
        return self.state in LIVING

    @property
    def waits(self) -> bool:
        """Whether it has to be started, or to go on."""
        return self.run is None or self.state in RESUMABLE


@dataclass(frozen=True, kw_only=True)
class Plan:
    """seconds: of all training that is left, at most, one run after another; None: unknown.

    memory_bytes: at the peak of the largest of these runs.
    """

    wanted: tuple[Wanted, ...]
    left_out: tuple[LeftOut, ...]
    seconds: float | None
    memory_bytes: int

    @property
    def waiting(self) -> tuple[Wanted, ...]:
        """What has to be started, or to go on: every cell with one seed, then with the next."""
        seeds = list(dict.fromkeys(one.seed for one in self.wanted))
        waiting = (one for one in self.wanted if one.waits)
        return tuple(sorted(waiting, key=lambda one: seeds.index(one.seed)))

    @property
    def found(self) -> tuple[Run, ...]:
        """The runs that are there."""
        return tuple(one.run for one in self.wanted if one.run is not None)


def plan(study: Study, listed: Iterable[Run] | None = None, *, own: Container[str] = ()) -> Plan:
    """Match a study with runs, by default all that there are, newest first.

    A finished run is taken before a living one, and that before one that can be resumed; among
    equals one of those that the study has already. own: their ids.
    """
    known = _known(runs.list_runs() if listed is None else listed)
    wanted: list[Wanted] = []
    left_out = list(study.left_out())
    seconds: list[float | None] = []
    memory = 0
    for cell in study.cells():
        ones = [_wanted(study, cell, seed, known, own) for seed in cell.configs]
        number = sum(one.waits for one in ones)
        if number:
            first = ones[0].config
            cost = estimate(first, datasets.info(first.data))
            if not cost.fits:
                left_out.append(LeftOut(cell.values, cost.reason))
                ones = [one for one in ones if one.run is not None]
            else:
                each = None if cost.seconds is None else START_SECONDS + cost.seconds
                seconds += [each] * number
                memory = max(memory, cost.memory_bytes)
        wanted += ones
    return Plan(
        wanted=tuple(wanted),
        left_out=tuple(left_out),
        seconds=None if None in seconds else sum(filter(None, seconds)),
        memory_bytes=memory,
    )


def _known(listed: Iterable[Run]) -> dict[ExperimentConfig, list[Run]]:
    """The runs of each configuration, whatever device it is for."""
    found: dict[ExperimentConfig, list[Run]] = {}
    for run in listed:
        try:
            found.setdefault(comparable(run.config), []).append(run)
        except MadeError:
            continue
    return found


def _wanted(
    study: Study,
    cell: Cell,
    seed: int,
    known: dict[ExperimentConfig, list[Run]],
    own: Container[str],
) -> Wanted:
    config = cell.configs[seed]
    states = [(run, run.state) for run in known.get(comparable(config), [])]
    usable = [(run, state) for run, state in states if not run.is_shipped or state == "finished"]
    run, state = min(
        usable,
        key=lambda pair: (pair[1] != "finished", pair[1] not in LIVING, pair[0].id not in own),
        default=(None, ""),
    )
    return Wanted(
        values=cell.values,
        seed=seed,
        label=study.label(cell.values, seed),
        config=config,
        run=run,
        state=state,
    )
