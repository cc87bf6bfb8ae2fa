"""What a worker drives, however it learns: in this process, in several, or not at all in a test."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, Protocol, runtime_checkable

from made.setups.changes import Change
from made.training.events import Event
from made.training.path import EnginePath
from made.training.state import BestWeights, TrainingState


@runtime_checkable
class Learner(Protocol):
    """A training that tells what it does, event by event.

    Between two events its state is consistent and includes all steps told so far.
    """

    @property
    def path(self) -> EnginePath:
        """Which way the minibatches are computed."""
        ...

    def events(self) -> Generator[Event, None, None]:
        """Train to the end, which a `Finished` tells. Raises TrainingFailure where it cannot."""
        ...

    def change(self, values: Mapping[str, Any]) -> Change | None:
        """Go on with some settings changed, between two events; what that comes to.

        None where nothing is different. Raises MadeError where that cannot be.
        """
        ...

    def step_by_step(self, is_on: bool) -> None:
        """Tell of every single minibatch from now on, or again now and then; between two events.

        Raises MadeError where that cannot be.
        """
        ...

    def state(self) -> TrainingState:
        """Everything that an exact resume needs."""
        ...

    def best_weights(self) -> BestWeights:
        """The weights of the epoch with the lowest validation NLL."""
        ...

    def close(self) -> None:
        """Let go of processes and memory; only `best_weights` may be asked afterwards."""
        ...
