"""The mask between two layers of sorted degrees: a staircase, cut into blocks of rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

# Weights that must be saved, in a product with a minibatch, for one more product to pay.
WORTH_A_BLOCK = {"float32": 24_576, "bfloat16": 262_144}


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
        side: Literal["left", "right"] = "left" if strict else "right"
        self.ends = np.searchsorted(columns[self.column_order], rows[self.row_order], side=side)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.row_order), len(self.column_order)

    def num_kept(self, precision: str) -> int:
        """How many weights the blocks hold that products in this precision are cut into."""
        treads = treads_of(self.ends, WORTH_A_BLOCK[precision])
        return sum((tread.last - tread.first) * tread.width for tread in treads)

    def corner(self, tread: Tread) -> np.ndarray:
        """What the rows of a block see beyond the columns that all of them see; bool."""
        columns = np.arange(tread.full, tread.width)
        return columns < self.ends[tread.first : tread.last, None]


def triangles_of(
    degrees: Sequence[np.ndarray], *, has_direct: bool, is_strict: bool
) -> dict[str, Triangle]:
    """The masks of a network by the names of its weights.

    degrees: of all features, of the units of each hidden layer, and of all outputs. is_strict: an
    output must have more than the degree of what it sees.
    """
    features, *hidden, outputs = degrees
    triangles = {
        f"hidden_weights.{layer}": Triangle(rows, columns, strict=False)
        for layer, (columns, rows) in enumerate(pairwise([features, *hidden]))
    }
    if hidden:
        triangles["output_weight"] = Triangle(outputs, hidden[-1], strict=is_strict)
    if has_direct:
        triangles["direct_weight"] = Triangle(outputs, features, strict=is_strict)
    return triangles
