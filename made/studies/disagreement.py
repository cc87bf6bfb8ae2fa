"""Whether another study says the opposite of the same values, and of which most clearly."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations

from made.studies.grid import Cell, Grid
from made.studies.verdict import Part, Sentence, are_told_apart


def opposite(grid: Grid, other: Grid, title: str) -> Sentence | None:
    """Two columns that both studies tell apart, in opposite order; None where there are none.

    title: of the other study. Of several such pairs that which differs by the largest factors.
    """
    if not grid.axes or not other.axes or grid.axes[0] != other.axes[0]:
        return None
    found = max(_opposites(grid, other), key=lambda pair: pair[0], default=None)
    if found is None:
        return None
    _, better, worse, place = found
    where = f", {other.rows[place]}" if other.rows[place] else ""
    return (
        Part("Not so everywhere: ", "strong"),
        Part(f"in “{title}”{where}, {worse} is better than {better}."),
    )


def _opposites(grid: Grid, other: Grid) -> Iterator[tuple[float, str, str, int]]:
    """How clear a pair is, which of its columns is better here, which worse, and the other row."""
    for row in range(len(grid.rows)):
        for first, second in combinations(grid.ranked(row), 2):
            if not are_told_apart(second, first):
                continue
            names = grid.columns[first.column], grid.columns[second.column]
            for place in range(len(other.rows)):
                cells = {other.columns[cell.column]: cell for cell in other.ranked(place)}
                if not set(names) <= set(cells):
                    continue
                here, there = _gap(second, first), _gap(cells[names[0]], cells[names[1]])
                if there > 0 and are_told_apart(cells[names[0]], cells[names[1]]):
                    yield min(here, there), *names, place


def _gap(worse: Cell, better: Cell) -> float:
    """log of the ratio of two figures."""
    if (
        worse.figure is None
        or better.figure is None
        or min(worse.figure.value, better.figure.value) <= 0
    ):
        return 0.0
    return math.log(worse.figure.value / better.figure.value)
