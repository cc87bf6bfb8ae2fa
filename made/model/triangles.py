"""The mask between two layers of sorted degrees: a staircase, cut into blocks of rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Tread:
    """Rows first … last-1 of a staircase; row `first` sees `full` columns, row last-1 `width`."""

    first: int
    last: int
    full: int
    width: int


def treads_of(ends: np.ndarray, worth: float) -> list[Tread]:
    """Cut a staircase into blocks of rows, as long as a cut saves more than `worth` weights.

    ends: for each row how many of the first columns it sees; never falling.
    """
    treads: list[Tread] = []

    def cut(first: int, last: int) -> None:
        middles = np.arange(first + 1, last)
        saved = (middles - first) * (ends[last - 1] - ends[middles - 1])
        if len(middles) and saved.max() > worth:
            middle = int(middles[saved.argmax()])
            cut(first, middle)
            cut(middle, last)
        elif last > first:
            treads.append(Tread(first, last, int(ends[first]), int(ends[last - 1])))

    cut(0, len(ends))
    return treads


class Triangle:
    """The mask between two layers of degrees, rows and columns sorted.

    rows, columns: degrees, int64; strict: a row must have more than the degree of what it sees.
    row_order, column_order: which row or column comes first, second, … in the staircase.
    """

    def __init__(self, rows: np.ndarray, columns: np.ndarray, *, strict: bool):
        self.row_order = np.argsort(rows, kind="stable")
        self.column_order = np.argsort(columns, kind="stable")
        side = "left" if strict else "right"
        self.ends = np.searchsorted(columns[self.column_order], rows[self.row_order], side=side)

    def corner(self, tread: Tread) -> np.ndarray:
        """What the rows of a block see beyond the columns that all of them see; bool."""
        columns = np.arange(tread.full, tread.width)
        return columns < self.ends[tread.first : tread.last, None]
