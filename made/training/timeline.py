"""At which step an epoch begins and which settings hold there, where they change on the way."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from made.setups.changes import Change, config_at
from made.setups.config import ExperimentConfig


class Timeline:
    """The plan of a training over its steps. num_rows: of the training split.

    An epoch keeps the batch size that holds at its first step, so that it sees each row once.
    """

    def __init__(self, config: ExperimentConfig, num_rows: int, changes: Sequence[Change] = ()):
        self.begun_with, self.num_rows = config, num_rows
        self.changes = list(changes)
        self._starts = [0]

    def add(self, change: Change) -> None:
        """A change at or after every earlier one."""
        self.changes.append(change)
        del self._starts[max(1, bisect_right(self._starts, change.step)) :]

    def config_at(self, step: int) -> ExperimentConfig:
        return config_at(self.begun_with, self.changes, step)

    def start(self, epoch: int) -> int:
        """The first step of an epoch, both counted from 0."""
        while len(self._starts) <= epoch:
            self._starts.append(self._starts[-1] + self._length(self._starts[-1]))
        return self._starts[epoch]

    def batch_size(self, epoch: int) -> int:
        return self.config_at(self.start(epoch)).training.batch_size

    def num_steps(self, step: int) -> int:
        """Of the whole training, as it is planned at a step."""
        config = self.config_at(step)
        epoch = self.epoch_of(step)
        left = config.training.epochs - epoch
        if left <= 0 or step == self.start(epoch):
            return self.start(epoch) + max(0, left) * self._steps(config)
        return self.start(epoch + 1) + (left - 1) * self._steps(config)

    def epoch_of(self, step: int) -> int:
        """The epoch that a step is in: so many are done before it."""
        while self._starts[-1] <= step:
            self._starts.append(self._starts[-1] + self._length(self._starts[-1]))
        return bisect_right(self._starts, step) - 1

    def extended(self, step: int) -> int:
        """The epochs that were done when their number was last changed, up to a step; 0 if never.

        From there on the look-ahead counts anew.
        """
        steps = [
            change.step
            for change in self.changes
            if "epochs" in change.values and change.step <= step
        ]
        return self.epoch_of(steps[-1]) if steps else 0

    def _length(self, start: int) -> int:
        """The steps of the epoch that begins at a step."""
        return self._steps(self.config_at(start))

    def _steps(self, config: ExperimentConfig) -> int:
        return math.ceil(self.num_rows / config.training.batch_size)
