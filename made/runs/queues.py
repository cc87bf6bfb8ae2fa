"""Where a run waits for its turn: in our line for a device, or in the queue of an engine."""

from __future__ import annotations

from typing import Protocol

from made.runs import line
from made.runs.folder import Run
from made.setups.config import ExperimentConfig


class Queue(Protocol):
    """is_endless: whether any number may wait at no cost, so a study hands over all at once."""

    is_endless: bool

    def require_place(self, config: ExperimentConfig) -> None:
        """Raises MadeError where no device could ever train such a run."""
        ...

    def enter(self, run: Run) -> None:
        """Record the device, and that the run waits; the caller holds the run's lock."""
        ...

    def leave(self, run: Run) -> None:
        """Take it out again."""
        ...


class Line:
    """Our own: each run that waits in it is a process."""

    is_endless = False

    def require_place(self, config: ExperimentConfig) -> None:
        line.resolve_device(config)

    def enter(self, run: Run) -> None:
        line.enter(run)

    def leave(self, run: Run) -> None:
        line.leave(run)


LINE = Line()


def queue_of(launcher: object) -> Queue:
    """The queue that a launcher brings with it as its `queue`, or our line."""
    queue: Queue = getattr(launcher, "queue", LINE)
    return queue
