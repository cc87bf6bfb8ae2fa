"""A comparison as the matrix shows it: pictures, figures and curves, computed once and sent once.

The browser moves through the epochs by itself, so everything that it will say stands here as text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from made.base.text import significant, with_error
from made.plots.cells import data_address
from made.studies.errors import Mean, is_told_apart
from made.studies.grid import Cell, Grid, difference
from made.studies.known import Known
from made.studies.verdict import Verdict
from made.views import matrix_curves
from made.views.cell_pictures import Painter


def matrix(grid: Grid, verdict: Verdict, known: Known, painter: Painter) -> dict[str, Any]:
    """All that the component needs, as JSON can hold it."""
    truth = painter.truth()
    return {
        "columns": list(grid.columns),
        "rows": [
            {"title": title, "notes": _notes(grid, known, row)}
            for row, title in enumerate(grid.rows)
        ],
        "truth": None if truth is None else data_address(truth),
        "truthTitle": "Data" if painter.known.joint is None else "Truth",
        "measure": f"{grid.measure.title} ({grid.measure.unit})",
        "isExact": grid.measure.is_exact,
        "numSeeds": grid.num_seeds,
        "firstEpoch": grid.first_epoch,
        "lastEpoch": grid.num_epochs,
        "scale": scale_of(painter),
        "cells": [_cell(cell, grid, verdict, known, painter) for cell in grid.cells],
        "ties": _brackets(grid),
        "opens": _telling(grid, verdict),
        "curves": matrix_curves.curves(grid, verdict, known),
    }


def scale_of(painter: Painter) -> dict[str, Any] | None:
    """What the colours mean, as JSON can hold it."""
    return None if painter.scale is None else asdict(painter.scale)


def _telling(grid: Grid, verdict: Verdict) -> int:
    """The cell that a matrix opens with: the clearest that has memorised, else the last winner."""
    found = [*verdict.memorised[:1], *verdict.winners[::-1]]
    return grid.cells.index(found[0]) if found else 0


def _notes(grid: Grid, known: Known, row: int) -> list[str]:
    """What is said below the head of a row."""
    if len(grid.rows) == 1 or row >= len(known.num_train) or not known.num_states:
        return []
    num_train = known.num_train[row]
    return [] if not num_train else [f"{significant(num_train / known.num_states, 2)} a state"]


def _cell(
    cell: Cell, grid: Grid, verdict: Verdict, known: Known, painter: Painter
) -> dict[str, Any]:
    at_best = painter.at_best(cell)
    painted = {epoch: painter.at(cell, epoch) for epoch in painter.epochs(cell)}
    pictures = {epoch: pixels for epoch, pixels in painted.items() if pixels is not None}
    is_short = len(grid.rows) > 1
    epochs = range(grid.first_epoch, cell.num_epochs + 1)
    bound = known.above_entropy(known.independence)
    is_beaten = cell.measure.is_exact and bound is not None and cell.figure is not None
    return {
        "column": cell.column,
        "row": cell.row,
        "name": cell.name,
        "isBest": cell in verdict.winners,
        "chip": "best" if cell in verdict.sure else "lowest",
        "hasMemorised": cell in verdict.memorised,
        "isBeaten": bool(is_beaten and cell.figure and cell.figure.value >= (bound or math.inf)),
        "best": said(cell.figure, is_short),
        "bestEpoch": cell.mean_best_epoch,
        "bestEpochs": _range(cell.best_epochs),
        "numEpochs": cell.num_epochs,
        "figures": [said(cell.at(epoch), is_short) for epoch in epochs],
        "kept": list(pictures),
        "pictures": [data_address(pixels) for pixels in pictures.values()],
        "bestPicture": None if at_best is None else data_address(at_best),
        "learning": matrix_curves.learning(cell, known),
    }


def said(mean: Mean | None, is_short: bool = False) -> dict[str, Any] | None:
    """A figure as text, its error apart, and its value for the bar.

    is_short: with one digit of the error, for the narrow cells of a matrix.
    """
    if mean is None or not math.isfinite(mean.value):
        return None
    text = with_error(mean.value, mean.error, more=-1 if is_short and mean.error else 0)
    value, _, error = text.partition(" ± ")
    return {"value": mean.value, "text": value, "error": error}


def _range(epochs: Sequence[int]) -> str:
    if not epochs:
        return "–"
    low, high = min(epochs), max(epochs)
    return str(low) if low == high else f"{low} – {high}"


def _brackets(grid: Grid) -> list[tuple[int, int, int]]:
    """Stretches of columns of which no two are told apart: first, last, and the lane to draw in."""
    if len(grid.rows) > 1:
        return []
    cells = [cell for cell in grid.row(0) if cell.figure is not None]
    found: list[tuple[int, int, int]] = []
    for start in range(len(cells)):
        end = start
        while end + 1 < len(cells) and _are_level(cells[start : end + 2]):
            end += 1
        first, last = cells[start].column, cells[end].column
        is_within = any(before <= first and last <= after for before, after, _ in found)
        if end > start and not is_within:
            lane = int(any(after >= first and not lane for _, after, lane in found))
            found.append((first, last, lane))
    return found


def _are_level(cells: Sequence[Cell]) -> bool:
    """Whether the last of these differs from none of the others by more than noise."""
    *others, last = cells
    return all(_is_noise(cell, last) for cell in others)


def _is_noise(first: Cell, second: Cell) -> bool:
    found = difference(first, second)
    return found is not None and found.error is not None and not is_told_apart(found)
