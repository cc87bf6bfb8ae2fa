"""The figures of a comparison as a table: one row a cell, the best marked, the worst named."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import pandas as pd

from made.base.text import DASH, whole
from made.setups.config import field_title
from made.studies.errors import Mean, mean_of, said
from made.studies.grid import Cell, Grid, difference
from made.studies.readings import NLL
from made.views.moment import BEST, Moment


@dataclass(frozen=True, kw_only=True)
class CellRow:
    """One cell: its figure, how far it lies behind the best of its row, and what it cost.

    figure, test: as text with their errors, in as many decimals as tell the cells apart. behind:
    pair by pair, None for the best itself.
    """

    cell: Cell
    name: str
    figure: str
    behind: Mean | None
    test: str
    epochs: str
    num_parameters: int | None
    seconds: float | None
    is_best: bool
    is_worst: bool


def cell_rows(grid: Grid, place: int) -> list[CellRow]:
    """The cells of one row of a grid, the best first; those without a figure last."""
    cells = [*grid.ranked(place), *(cell for cell in grid.row(place) if cell.figure is None)]
    best = grid.best(place)
    worst = cells[-1] if len(cells) > 2 and cells[-1].figure is not None else None
    tests = _texts([test_figure(cell) for cell in cells])
    return [
        CellRow(
            cell=cell,
            name=grid.columns[cell.column],
            figure=figure,
            behind=None if best is None or cell is best else difference(cell, best),
            test=test,
            epochs=_range(cell.best_epochs),
            num_parameters=_first(cell, "num_parameters"),
            seconds=_first(cell, "training_seconds"),
            is_best=cell is best,
            is_worst=cell is worst,
        )
        for cell, figure, test in zip(cells, figure_texts(cells), tests, strict=True)
    ]


def figure_texts(cells: Sequence[Cell], moment: Moment = BEST) -> list[str]:
    """The figure of each cell then, with its error, in as many decimals as tell them apart."""
    return _texts([moment.figure(cell) for cell in cells])


def test_figure(cell: Cell) -> Mean | None:
    """The test NLL of a cell: over seeds, or of one run over its test examples."""
    runs = [reading for reading in cell.readings if "nll_nats" in reading.result]
    values = [reading.result["nll_nats"] for reading in runs]
    if len(values) == 1:
        return Mean(values[0], runs[0].error_over_examples(NLL), 1)
    return mean_of(values) if values else None


def behind_text(row: CellRow) -> str:
    """The difference with its sign, which equal figures need, too."""
    if row.is_best:
        return "best"
    if row.behind is None:
        return DASH
    return f"+{row.behind}" if row.behind.value >= 0 else str(row.behind)


def cells_table(grid: Grid) -> Any:
    """All cells as a styled table: shown as text with errors, sorted by value."""
    rows = [row for place in range(len(grid.rows)) for row in cell_rows(grid, place)]
    figure = f"{grid.measure.title} ({grid.measure.unit})"
    columns: dict[str, list[Any]] = {_head(grid, 0): [row.name for row in rows]}
    shown: dict[str, list[str]] = {}
    if len(grid.rows) > 1:
        columns[_head(grid, 1)] = [grid.rows[row.cell.row] for row in rows]
    columns[figure] = [_value(row.cell.figure) for row in rows]
    shown[figure] = [row.figure for row in rows]
    columns["Behind the best"] = [0.0 if row.is_best else _value(row.behind) for row in rows]
    shown["Behind the best"] = [
        f"{behind_text(row)}{' (worst)' if row.is_worst else ''}" for row in rows
    ]
    if grid.measure.is_exact:
        columns["Test NLL (nats / example)"] = [_value(test_figure(row.cell)) for row in rows]
        shown["Test NLL (nats / example)"] = [row.test for row in rows]
    columns["Best epoch"] = [row.cell.mean_best_epoch for row in rows]
    shown["Best epoch"] = [row.epochs for row in rows]
    columns["Runs"] = [len(row.cell.readings) for row in rows]
    columns["Parameters"] = [row.num_parameters for row in rows]
    shown["Parameters"] = [whole(row.num_parameters) for row in rows]
    columns["Time (s)"] = [row.seconds for row in rows]
    shown["Time (s)"] = [DASH if row.seconds is None else f"{row.seconds:,.0f}" for row in rows]
    style = pd.DataFrame(columns).style
    for name, texts in shown.items():
        for place, text in enumerate(texts):
            where = pd.IndexSlice[[place], [name]]
            style = style.format(partial(_instead, text), subset=where)
    best = [place for place, row in enumerate(rows) if row.is_best]
    return style.map(lambda _: "font-weight: bold", subset=pd.IndexSlice[best, :])


def _instead(text: str, value: object) -> str:
    """A text in place of the value that it says."""
    return text


def cells_alt(grid: Grid) -> str:
    """The table in a sentence."""
    rows = [row for place in range(len(grid.rows)) for row in cell_rows(grid, place)]
    return "; ".join(f"{row.cell.name}: {row.figure} {grid.measure.unit}" for row in rows) + "."


def _texts(means: Sequence[Mean | None]) -> list[str]:
    texts = iter(said([mean for mean in means if mean is not None]))
    return [DASH if mean is None else next(texts) for mean in means]


def _value(mean: Mean | None) -> float:
    return math.nan if mean is None else mean.value


def _head(grid: Grid, place: int) -> str:
    return field_title(grid.axes[place]) if place < len(grid.axes) else "Set-up"


def _range(epochs: Sequence[int]) -> str:
    if not epochs:
        return DASH
    low, high = min(epochs), max(epochs)
    return str(low) if low == high else f"{low} – {high}"


def _first(cell: Cell, name: str) -> Any:
    return next((reading.result[name] for reading in cell.readings if name in reading.result), None)  # type: ignore[literal-required]
