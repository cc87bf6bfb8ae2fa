"""Runs as tables: one row a run, the unit and the split of every figure in its column's name."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any, Literal
from urllib.parse import quote

import pandas as pd

from made.base.text import DASH, exact, shown, told_apart
from made.plots import palette
from made.runs import notes
from made.runs.folder import Run
from made.setups.config import FIELDS, field_title
from made.setups.words import setting_text
from made.views.comparison import (
    BEST_EPOCH,
    FIGURE_COLUMNS,
    MASK_SETS,
    PARAMETERS,
    TEST_ERROR,
    TEST_RECONSTRUCTION,
    RunRow,
    differing_settings,
)

NAME, STATUS, DATASET, PROBLEM = "Name", "Status", "Dataset", "Why it cannot be read"
NAMES = {field_title(name): name for name in FIELDS}  # of the settings, by their titles
COUNTS = (BEST_EPOCH, MASK_SETS, PARAMETERS)
OPTIONAL_COLUMNS = (TEST_ERROR, TEST_RECONSTRUCTION, MASK_SETS)
BY, COLOUR, TAGS, NOTE, ARCHIVED = "By", "Colour", "Tags", "Note", "Archived"
_TONES = (palette.DATA, palette.MODEL, "#1f9a6b", "#9467d6", "#d1458b", palette.REFERENCE)
DOTS = dict(zip(notes.COLOURS, _TONES, strict=True))
# Where every figure is to be told from every other, so many rows are too many to be.
MOST_TOLD_APART = 40
MOST_DECIMALS = 6


def runs_table(
    rows: Sequence[RunRow], only_differing: bool = True, ticked: Sequence[str] = ()
) -> pd.DataFrame:
    """The table to pick runs from: one row a run, what is noted of it, its settings and figures.

    ticked: ids of the runs whose differences are shown, where there are two or more of them.
    """
    compared = [row for row in rows if row.id in set(ticked)]
    names = differing_settings(compared if len(compared) > 1 else rows)
    names = names if only_differing else list(FIELDS)
    names = [name for name in names if any(name in row.settings for row in rows)]
    columns: dict[str, Any] = {
        NAME: [row.label for row in rows],
        STATUS: [row.status.state for row in rows],
        DATASET: [row.config.data.dataset for row in rows],
        **_noted_columns(rows),
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


def number_formats(table: pd.DataFrame) -> dict[str, str]:
    """For each column of numbers a printf pattern, or "localized" for counts.

    A column is shown in as many decimals as tell its figures apart, a standard error in those of
    its figure.
    """
    formats: dict[str, str] = {}
    decimals = 0
    for title in map(str, table):
        column = table[title]
        if not pd.api.types.is_numeric_dtype(column):
            continue
        values = [float(value) for value in column.dropna()]
        if (name := NAMES.get(title)) is not None:
            formats[title] = "%d" if name.endswith("seed") else "localized"
            if pd.api.types.is_float_dtype(column):
                formats[title] = "plain"
        elif pd.api.types.is_integer_dtype(column):
            formats[title] = "localized"
        else:
            decimals = decimals if "±" in title else decimals_of(values)
            formats[title] = f"%.{decimals}f"
    return formats


def decimals_of(values: Sequence[float]) -> int:
    """Decimals in which a column of figures is shown: four significant digits, more for twins.

    >>> decimals_of([10.5458, 10.5531]), decimals_of([88.04, 107.6]), decimals_of([0.0656, 0.3479])
    (3, 2, 4)
    """
    sizes = [abs(value) for value in values if value and math.isfinite(value)]
    if not sizes:
        return 0
    decimals = max(3 - math.floor(math.log10(median(sizes))), 0)
    if len(values) <= MOST_TOLD_APART:
        decimals = len(told_apart(values, decimals=decimals)[0].partition(".")[2])
    return min(decimals, MOST_DECIMALS)


def as_text(table: pd.DataFrame) -> Any:
    """The table with every number shown in four significant digits; it still sorts by value."""
    return table.style.format({title: _format(str(title), table[title]) for title in table})


def dot(colour: str) -> str:
    """The address of a picture of a colour that a run was given; empty for no colour."""
    if colour not in DOTS:
        return ""
    circle = f"<circle cx='8' cy='8' r='6' fill='{DOTS[colour]}'/>"
    picture = f"<svg xmlns='http://www.w3.org/2000/svg' width='16' height='16'>{circle}</svg>"
    return f"data:image/svg+xml,{quote(picture)}"


def _noted_columns(rows: Sequence[RunRow]) -> dict[str, Any]:
    """Whose runs they are, in a class, and what people noted, where they noted anything."""
    columns: dict[str, list[Any]] = {
        BY: [row.by for row in rows],
        COLOUR: [row.notes.colour for row in rows],
        TAGS: [list(row.notes.tags) for row in rows],
        NOTE: [row.notes.words for row in rows],
    }
    return {name: column for name, column in columns.items() if any(column)}


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
        columns[name] = typed_column(values, "Int64" if name in COUNTS else "Float64")
    return columns


def typed_column(values: Sequence[float | None], dtype: Literal["Int64", "Float64"]) -> Any:
    """Numbers of which some may be missing, None, as a column that sorts by value."""
    return pd.Series(list(values), dtype=dtype).array


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
