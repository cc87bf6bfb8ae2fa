"""Runs as tables: one row a run, the unit and the split of every figure in its column's name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd

from made.base.text import DASH, exact, shown
from made.runs.folder import Run
from made.setups.config import FIELDS, field_title
from made.setups.words import setting_text
from made.views.comparison import (
    BEST_EPOCH,
    FIGURE_COLUMNS,
    MASK_SETS,
    PARAMETERS,
    TEST_RECONSTRUCTION,
    RunRow,
    differing_settings,
)

NAME, STATUS, DATASET, PROBLEM = "Name", "Status", "Dataset", "Why it cannot be read"
NAMES = {field_title(name): name for name in FIELDS}  # of the settings, by their titles
COUNTS = (BEST_EPOCH, MASK_SETS, PARAMETERS)
OPTIONAL_COLUMNS = (TEST_RECONSTRUCTION, MASK_SETS)


def runs_table(rows: Sequence[RunRow], only_differing: bool = True) -> pd.DataFrame:
    """The table to pick runs from: one row a run, its settings and its figures."""
    names = differing_settings(rows) if only_differing else list(FIELDS)
    names = [name for name in names if any(name in row.settings for row in rows)]
    columns: dict[str, Any] = {
        NAME: [row.label for row in rows],
        STATUS: [row.status.state for row in rows],
        DATASET: [row.config.data.dataset for row in rows],
    }
    settings, figures = _settings_columns(rows, names), _figure_columns(rows)
    # All the settings are too many to stand before the figures.
    columns |= settings | figures if only_differing else figures | settings
    return pd.DataFrame(columns)


def problems_table(runs: Sequence[Run]) -> pd.DataFrame:
    """Runs that cannot be read: one row a run with the reason."""
    return pd.DataFrame(
        {
            NAME: [run.label for run in runs],
            "Id": [run.id for run in runs],
            PROBLEM: [(run.problem or "").partition(": its ")[2] for run in runs],
        }
    )


def problems_alt(runs: Sequence[Run]) -> str:
    """The runs that cannot be read in a sentence each."""
    return " ".join(run.problem or "" for run in runs)


def figures_table(rows: Sequence[RunRow]) -> pd.DataFrame:
    """The figures of chosen runs, with the settings in which they differ."""
    names = [name for name in differing_settings(rows) if name != "device"]
    columns = {NAME: [row.label for row in rows], STATUS: [row.stand for row in rows]}
    return pd.DataFrame(columns | _settings_columns(rows, names) | _figure_columns(rows))


def figures_alt(rows: Sequence[RunRow]) -> str:
    """The figures table in a sentence."""
    parts = []
    for row in rows:
        known = [
            f"{name} {shown(value)}"
            for name in FIGURE_COLUMNS
            if (value := row.figures.get(name)) is not None
        ]
        parts.append(f"{row.label}: {', '.join(known) or 'no figures yet'}")
    return "; ".join(parts) + "."


def csv_text(rows: Sequence[RunRow]) -> str:
    """Every figure in full precision and every setting, one line a run."""
    columns = {
        "Id": [row.id for row in rows],
        NAME: [row.label for row in rows],
        STATUS: [row.status.state for row in rows],
        **_figure_columns(rows, all_of_them=True),
        **{name: [exact(row.config.flat()[name]) for row in rows] for name in FIELDS},
    }
    return pd.DataFrame(columns).to_csv(index=False)


def as_text(table: pd.DataFrame) -> Any:
    """The table with every number shown in four significant digits; it still sorts by value."""
    return table.style.format({title: _format(str(title), table[title]) for title in table})


def _settings_columns(rows: Sequence[RunRow], names: Sequence[str]) -> dict[str, Any]:
    return {field_title(name): _column([row.settings.get(name) for row in rows]) for name in names}


def _column(values: list[Any]) -> Any:
    """Numbers stay numbers, so that they sort; what has no effect is missing."""
    known = [value for value in values if value is not None]
    if all(type(value) is int for value in known):
        return pd.array(values, dtype="Int64")
    if all(type(value) in (int, float) for value in known):
        return pd.array(values, dtype="Float64")
    return [exact(value) for value in values]


def _figure_columns(rows: Sequence[RunRow], all_of_them: bool = False) -> dict[str, Any]:
    columns = {}
    for name in FIGURE_COLUMNS:
        values = [row.figures.get(name) for row in rows]
        trivial = {None, 1} if name == MASK_SETS else {None}
        if name in OPTIONAL_COLUMNS and not all_of_them and set(values) <= trivial:
            continue
        columns[name] = pd.array(values, dtype="Int64" if name in COUNTS else "Float64")
    return columns


def _format(title: str, column: pd.Series) -> Callable[[Any], str] | None:
    """How the cells of a column are shown; None where they are text already."""
    if not pd.api.types.is_numeric_dtype(column):
        return None
    name = NAMES.get(title)

    def cell(value: Any) -> str:
        if pd.isna(value):
            return DASH
        number = value.item() if hasattr(value, "item") else value
        return shown(number) if name is None else setting_text(name, number)

    return cell
