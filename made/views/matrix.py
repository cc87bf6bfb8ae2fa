"""A comparison as the matrix shows it: pictures, figures and curves, computed once and sent once.

The browser moves through the epochs by itself, so everything that it will say stands here as text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from made.base.text import significant
from made.plots.cells import data_address
from made.studies.errors import Mean
from made.studies.grid import Cell, Grid
from made.studies.verdict import Known, Verdict
from made.views import matrix_curves
from made.views.cell_pictures import Painter


def matrix(grid: Grid, verdict: Verdict, known: Known, painter: Painter) -> dict[str, Any]:
    """All that the component needs, as JSON can hold it."""
    truth = painter.truth()
    scale = painter.scale
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
        "lastEpoch": grid.num_epochs,
        "scale": None if scale is None else asdict(scale),
        "cells": [_cell(cell, verdict, known, painter) for cell in grid.cells],
        "ties": _brackets(grid, verdict),
        "curves": matrix_curves.curves(grid, verdict, known),
    }


def _notes(grid: Grid, known: Known, row: int) -> list[str]:
    """What is said below the head of a row."""
    if len(grid.rows) == 1 or row >= len(known.num_train) or not known.num_states:
        return []
    num_train = known.num_train[row]
    return [] if not num_train else [f"{significant(num_train / known.num_states, 2)} a state"]


def _cell(cell: Cell, verdict: Verdict, known: Known, painter: Painter) -> dict[str, Any]:
    at_best = painter.at_best(cell)
    painted = {epoch: painter.at(cell, epoch) for epoch in painter.epochs(cell)}
    pictures = {epoch: pixels for epoch, pixels in painted.items() if pixels is not None}
    bound = known.above_entropy(known.independence)
    is_beaten = cell.measure.is_exact and bound is not None and cell.figure is not None
    return {
        "column": cell.column,
        "row": cell.row,
        "name": cell.name,
        "isBest": cell in verdict.winners,
        "hasMemorised": cell in verdict.memorised,
        "isBeaten": bool(is_beaten and cell.figure and cell.figure.value >= (bound or math.inf)),
        "best": _said(cell.figure),
        "bestEpoch": round(sum(cell.best_epochs) / len(cell.best_epochs))
        if cell.best_epochs
        else 0,
        "bestEpochs": _range(cell.best_epochs),
        "numEpochs": cell.num_epochs,
        "figures": [_said(cell.at(epoch)) for epoch in range(1, cell.num_epochs + 1)],
        "kept": list(pictures),
        "pictures": [data_address(pixels) for pixels in pictures.values()],
        "bestPicture": None if at_best is None else data_address(at_best),
        "learning": matrix_curves.learning(cell, known),
    }


def _said(mean: Mean | None) -> dict[str, Any] | None:
    """A figure as text, its error apart, and its value for the bar."""
    if mean is None or not math.isfinite(mean.value):
        return None
    value, _, error = str(mean).partition(" ± ")
    return {"value": mean.value, "text": value, "error": error}


def _range(epochs: Sequence[int]) -> str:
    if not epochs:
        return "–"
    low, high = min(epochs), max(epochs)
    return str(low) if low == high else f"{low} – {high}"


def _brackets(grid: Grid, verdict: Verdict) -> list[list[int]]:
    """Stretches of neighbouring columns of a single row that are not told apart."""
    if len(grid.rows) > 1:
        return []
    tied = {(first.column, second.column) for first, second in verdict.ties}
    tied |= {(second, first) for first, second in tied}
    stretches: list[list[int]] = []
    for column in range(len(grid.columns) - 1):
        if (column, column + 1) not in tied:
            continue
        if stretches and stretches[-1][1] == column:
            stretches[-1][1] = column + 1
        else:
            stretches.append([column, column + 1])
    return stretches
