"""A place in the time of a comparison: the best epoch of each run, or one epoch for all cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from made.base.errors import MadeError
from made.studies.errors import Mean
from made.studies.grid import Cell, Grid
from made.studies.readings import Measure


@dataclass(frozen=True)
class Moment:
    """epoch: that of all cells, or None for the best epoch of each run.

    A run that has ended before stands at its last epoch.
    """

    epoch: int | None = None

    @property
    def is_best(self) -> bool:
        return self.epoch is None

    def figure(self, cell: Cell) -> Mean | None:
        """The figure of a cell then, with the error of its mean.

        At the best epochs that of the test, later and earlier that of the validation split.
        """
        return cell.figure if self.epoch is None else cell.at(self.epoch)

    def measured(self, measure: Measure) -> str:
        """What these figures are: before and after the best epoch nothing was tested.

        >>> from made.studies.readings import KL, NLL
        >>> BEST.measured(NLL), Moment(5).measured(NLL), Moment(5).measured(KL)
        ('NLL', 'NLL on validation', 'KL to the truth')
        """
        is_validation = not self.is_best and not measure.is_exact
        return f"{measure.title} on validation" if is_validation else measure.title

    def words(self) -> str:
        """As it follows on a noun, such as "Pictures".

        >>> Moment().words(), Moment(5).words()
        ('at the best epochs', 'after epoch 5')
        """
        return "at the best epochs" if self.epoch is None else f"after epoch {self.epoch}"


BEST = Moment()


def moment_of(told: Any, grid: Grid) -> Moment:
    """Where a slider stands: a whole number within the epochs of a grid, else the best epochs.

    told: whatever a browser has sent.
    """
    if isinstance(told, bool) or not isinstance(told, int | float) or told != told:
        return BEST
    return Moment(int(min(max(told, grid.first_epoch), grid.num_epochs)))


def find_moment(text: str, grid: Grid) -> Moment:
    """The moment that "best", "last" or the number of an epoch names. Raises MadeError."""
    if text == "best":
        return BEST
    if text == "last":
        return Moment(grid.num_epochs)
    first, last = grid.first_epoch, grid.num_epochs
    if not (text.isascii() and text.isdecimal()) or not first <= int(text[:9]) <= last:
        raise MadeError(
            f"There is no epoch {text[:20]!r}: name best, last, or a number from {first} to {last}."
        )
    return Moment(int(text))
