"""The curves of a comparison, placed on their axis: what the browser draws without arithmetic."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from made.base.text import significant
from made.plots.axis import Axis, axis_of, spread
from made.studies.errors import Mean
from made.studies.grid import Cell, Grid
from made.studies.known import Known
from made.studies.readings import Reading
from made.studies.verdict import Verdict

LABEL_GAP = 0.105  # of the height of the chart, between two labels at the ends of curves
MOST_CURVES = 16
MOST_POINTS = 200


def _thinned(num_epochs: int) -> list[int]:
    """Epochs of which a curve has a point: all, or so many as a chart can show."""
    stride = -(-num_epochs // MOST_POINTS) or 1
    return sorted({*range(0, num_epochs + 1, stride), num_epochs})


def curves(grid: Grid, verdict: Verdict, known: Known) -> dict[str, Any] | None:
    """One curve a cell, on one axis: the mean over the seeds and its band of one standard error."""
    if len(grid.rows) > 1 or len(grid.cells) > MOST_CURVES or not grid.num_epochs:
        return None
    points = {cell.column: _points(cell) for cell in grid.cells}
    bound = known.above_entropy(known.independence) if grid.measure.is_exact else known.independence
    values = [mean.value for found in points.values() for _, mean in found]
    values += [bound] if bound is not None else []
    if not values:
        return None
    floor = 0.0 if grid.measure.is_exact else known.entropy
    axis = axis_of(values, floor=_floor(values) if floor is None else floor)
    cells = [cell for cell in grid.cells if points[cell.column]]
    ends = [axis.place(points[cell.column][-1][1].value) for cell in cells]
    return {
        "title": _curve_title(grid, axis),
        "ticks": axis.ticks(),
        "lines": []
        if bound is None
        else [(axis.place(bound), f"independence {significant(bound, 3)}")],
        "series": [
            {
                "column": cell.column,
                "name": cell.name,
                "isBest": cell in verdict.winners,
                "points": [_placed(axis, epoch, mean) for epoch, mean in points[cell.column]],
                "best": _best_point(axis, cell),
                "label": label,
            }
            for cell, label in zip(cells, spread(ends, LABEL_GAP), strict=True)
        ],
    }


def _points(cell: Cell) -> list[tuple[int, Mean]]:
    means = [(epoch, cell.at(epoch)) for epoch in _thinned(cell.num_epochs)]
    return [(epoch, mean) for epoch, mean in means if mean and math.isfinite(mean.value)]


def _best_point(axis: Axis, cell: Cell) -> tuple[int, float] | None:
    """Where the ring of the best epoch stands on its curve."""
    mean = cell.at(cell.mean_best_epoch)
    return None if mean is None else (cell.mean_best_epoch, axis.place(mean.value))


def _floor(values: Sequence[float]) -> float:
    """A little below the best NLL, so that the gaps to it stand on a logarithmic scale."""
    low = min(values)
    return low - 0.05 * (sorted(values)[len(values) // 2] - low) - 1e-9


def _placed(axis: Axis, epoch: int, mean: Mean) -> tuple[int, float, float, float]:
    """A point of a curve with the ends of its band."""
    error = mean.error or 0.0
    return (
        epoch,
        round(axis.place(mean.value), 4),
        round(axis.place(mean.value - error), 4),
        round(axis.place(mean.value + error), 4),
    )


def _curve_title(grid: Grid, axis: Axis) -> list[str]:
    """What the curves are, line by line."""
    title = "KL through training" if grid.measure.is_exact else "Validation through training"
    exact = "nats, exact" if grid.measure.is_exact else grid.measure.unit
    scale = f"{exact}, log scale" if axis.is_log else exact
    if axis.is_log and axis.floor:
        scale = f"{exact}, log scale of the gap"
    if grid.num_seeds == 1:
        return [title, scale, "○ best epoch (validation)"]
    seeds = f"mean of {grid.num_seeds} seeds,"
    return [title, scale, seeds, "band ± 1 standard error", "○ best epoch (validation)"]


def learning(cell: Cell, known: Known) -> dict[str, Any] | None:
    """Training and validation NLL of the cell's first run, for a look at one cell."""
    reading: Reading = cell.readings[0]
    epochs = [record for record in reading.epochs if "validation_nll" in record]
    if not epochs:
        return None
    stride = -(-len(epochs) // MOST_POINTS) or 1
    epochs = [*epochs[::stride], *([epochs[-1]] if (len(epochs) - 1) % stride else [])]
    names = ("validation_nll", "train_nll")
    values = [record[name] for record in epochs for name in names if name in record]  # type: ignore[literal-required]
    bounds = [value for value in (known.entropy, known.independence) if value is not None]
    axis = axis_of([*values, *bounds])
    best = reading.best["epoch"] if reading.best else 0

    def line(name: str) -> list[tuple[int, float]]:
        return [
            (record["epoch"], round(axis.place(record[name]), 4))  # type: ignore[literal-required]
            for record in epochs
            if name in record
        ]

    entropy = known.entropy
    return {
        "ticks": axis.ticks(),
        "validation": line("validation_nll"),
        "training": line("train_nll"),
        "best": best,
        "entropy": None if entropy is None else axis.place(entropy),
    }
