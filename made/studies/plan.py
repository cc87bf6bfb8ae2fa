"""What a study still needs: which of its runs are there, which must be trained, and the cost."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from made import datasets, runs
from made.base.errors import MadeError
from made.people.persons import Owner
from made.runs.folder import LIVING, RESUMABLE, Run
from made.setups import cores
from made.setups.config import ExperimentConfig
from made.setups.estimate import Estimate, estimate
from made.studies.study import Cell, LeftOut, Study, as_planned, comparable

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
    """seconds: until all is trained that is left, at most, side by side where a device takes
    several runs at once; None: unknown.

    memory_bytes: at the peak, of as many of the largest of these runs as train at once.
    """

    wanted: tuple[Wanted, ...]
    left_out: tuple[LeftOut, ...]
    seconds: float | None
    memory_bytes: int

    @property
    def waiting(self) -> tuple[Wanted, ...]:
        """What has to be started, or to go on: every cell with one seed, then with the next."""
        return _waiting(self.wanted)

    @property
    def found(self) -> tuple[Run, ...]:
        """The runs that are there."""
        return tuple(one.run for one in self.wanted if one.run is not None)


def plan(
    study: Study,
    listed: Iterable[Run] | None = None,
    *,
    own: Container[str] = (),
    owner: Owner | None = None,
) -> Plan:
    """Match a study with runs, by default all that there are, newest first.

    A finished run is taken before a living one, and that before one that can be resumed; among
    equals one of those that the study has already. own: their ids.
    owner: who asks, in a class, where nobody goes on with what another has left.
    """
    every = runs.list_runs() if listed is None else listed
    known = _known(run for run in every if owner is None or not _is_left_by_another(run, owner))
    wanted: list[Wanted] = []
    left_out = list(study.left_out())
    costs: dict[ExperimentConfig, Estimate] = {}
    for cell in study.cells():
        ones = [_wanted(study, cell, seed, known, own) for seed in cell.configs]
        if any(one.waits for one in ones):
            first = ones[0].config
            cost = estimate(first, datasets.info(first.data))
            if not cost.fits:
                left_out.append(LeftOut(cell.values, cost.reason))
                ones = [one for one in ones if one.run is not None]
            costs |= {one.config: cost for one in ones}
        wanted += ones
    waiting = _waiting(wanted)
    return Plan(
        wanted=tuple(wanted),
        left_out=tuple(left_out),
        seconds=_seconds(waiting, costs),
        memory_bytes=max((_memory_bytes(one, waiting, costs) for one in waiting), default=0),
    )


def _waiting(wanted: Sequence[Wanted]) -> tuple[Wanted, ...]:
    seeds = list(dict.fromkeys(one.seed for one in wanted))
    waiting = (one for one in wanted if one.waits)
    return tuple(sorted(waiting, key=lambda one: seeds.index(one.seed)))


def _seconds(waiting: Sequence[Wanted], costs: Mapping[ExperimentConfig, Estimate]) -> float | None:
    """Until the last of them is done, in their order; None where nothing tells."""
    each = []
    for one in waiting:
        seconds = costs[one.config].seconds
        if seconds is None:
            return None
        each.append((START_SECONDS + seconds, cores.slots_wanted(one.config)))
    return cores.seconds_of_all(each)


def _memory_bytes(
    one: Wanted, waiting: Sequence[Wanted], costs: Mapping[ExperimentConfig, Estimate]
) -> int:
    """What runs like this one take at once."""
    number = min(cores.side_by_side(one.config), len(waiting))
    return number * costs[one.config].memory_bytes


def _is_left_by_another(run: Run, owner: Owner) -> bool:
    """Whether a run rests unfinished, and somebody else's it is."""
    is_own = run.owner is not None and run.owner.key == owner.key
    return not is_own and run.state in RESUMABLE


def _known(listed: Iterable[Run]) -> dict[ExperimentConfig, list[Run]]:
    """The runs of each configuration, whatever device it is for."""
    found: dict[ExperimentConfig, list[Run]] = {}
    for run in as_planned(listed):
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
