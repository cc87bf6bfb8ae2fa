"""How far a study has come, in numbers and in a word."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Literal

from made import datasets
from made.base.errors import MadeError
from made.base.text import counted, duration
from made.runs.folder import LAUNCH_GRACE_SECONDS, LIVING, Run
from made.setups import cores
from made.setups.estimate import estimate
from made.studies.folder import StoredStudy
from made.studies.study import as_planned, comparable

State = Literal[
    "new",
    "starting",
    "training",
    "pausing",
    "stopping",
    "paused",
    "stopped",
    "interrupted",
    "failed",
    "incomplete",
    "finished",
]
LAST_WORDS = frozenset({"ended", "paused", "stopped", "failed"})
GOING_ON = frozenset({"starting", "training", "pausing", "stopping"})


@dataclass(frozen=True, kw_only=True)
class Progress:
    """number: of all its runs, those that are not there yet included.

    seconds_left: about, None where nothing goes on or nothing tells.
    """

    state: State
    number: int
    finished: int
    living: int
    failed: int
    seconds_left: float | None = None
    message: str = ""

    @property
    def goes_on(self) -> bool:
        return self.state in GOING_ON

    def said(self) -> str:
        """In a line: "3 of 18 runs finished · about 4 min left"."""
        parts = [f"{self.finished:,} of {counted(self.number, 'run')} finished"]
        if self.failed:
            parts.append(f"{self.failed} failed")
        if self.goes_on and self.seconds_left:
            parts.append(f"{duration(self.seconds_left)} left")
        return " · ".join(parts)


def progress(stored: StoredStudy) -> Progress:
    """How far a study has come. Raises MadeError where it cannot be read."""
    runs = stored.runs()
    wanted = {
        comparable(config): cell.configs
        for cell in stored.study.cells()
        for config in cell.configs.values()
    }
    there = {comparable(run.config): run for run in as_planned(runs)}
    if not wanted:  # the data are gone, and with them what would be trained
        wanted = {config: {} for config in there}
    statuses = [there[config].status() for config in wanted if config in there]
    states: Counter[str] = Counter(status.state for status in statuses)
    number, finished = len(wanted), states["finished"]
    state = _state(stored, is_finished=bool(number) and finished == number)
    left = None
    if state in GOING_ON:
        each, slots = _cost_of_one(stored, runs)
        begun = [status.seconds_left for status in statuses if status.state == "training"]
        waiting = number - finished - len(begun) - states["failed"]
        if each is not None:
            seconds = [each if one is None else one for one in begun] + [each] * waiting
            left = cores.seconds_of_all((one, slots) for one in seconds)
    return Progress(
        state=state,
        number=number,
        finished=finished,
        living=sum(states[word] for word in LIVING),
        failed=states["failed"],
        seconds_left=left,
        message=stored.status.message,
    )


def _state(stored: StoredStudy, *, is_finished: bool) -> State:
    said = stored.status
    # One that has said its last word may hold its lock for moments more.
    if stored.is_alive and said.state not in LAST_WORDS:
        words: dict[str | None, State] = {"pause": "pausing", "stop": "stopping"}
        return words.get(stored.requested, "training")
    if is_finished or stored.is_shipped:
        return "finished"
    if said.state == "starting" and abs(time.time() - said.launched) < LAUNCH_GRACE_SECONDS:
        return "starting"
    if said.state == "starting" or said.state == "conducting":
        return "interrupted"
    return "incomplete" if said.state == "ended" else said.state


def _cost_of_one(stored: StoredStudy, runs: Sequence[Run]) -> tuple[float | None, int]:
    """About how many seconds one run takes, as those that are finished, else as is estimated; and
    how many slots."""
    results = [run.result or {} for run in runs]
    taken = [result["training_seconds"] for result in results if "training_seconds" in result]
    try:
        cells = stored.study.cells()
        config = next(iter(cells[0].configs.values()))
        slots = cores.slots_wanted(config)
        seconds = None if taken else estimate(config, datasets.info(config.data)).seconds
    except (MadeError, IndexError):
        seconds, slots = None, cores.num_slots()
    return fmean(taken) if taken else seconds, slots
