"""Runs as rows of a table that stand for several: mean and standard error of what they reached.

Runs of different data never stand in one row, for their figures measure different things.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from made.base.text import exact, first_few
from made.setups.config import FIELDS, field_title
from made.setups.words import setting_text
from made.studies.errors import mean_of
from made.studies.folder import list_studies
from made.studies.study import WITHIN_A_CELL
from made.views.comparison import (
    BEST_EPOCH,
    EXACT_KL,
    TEST_BITS,
    TEST_NLL,
    TIME,
    VALIDATION_NLL,
    RunRow,
    differing_settings,
    groups,
)
from made.views.comparison_tables import DATASET, NAME, typed_column

SINGLE, SEEDS, STUDY, TAGS = "Single runs", "Seeds", "Study", "Tags"
RUNS = "Runs"
MEANS = (TEST_NLL, EXACT_KL, VALIDATION_NLL, TEST_BITS, BEST_EPOCH, TIME)
NOTHING = "none"
MOST_NAMED = 3


@dataclass(frozen=True)
class RunGroup:
    """Runs that share `title`, a sentence's part that says what they share."""

    title: str
    rows: tuple[RunRow, ...]

    @property
    def ids(self) -> list[str]:
        return [row.id for row in self.rows]


def study_runs() -> dict[str, list[str]]:
    """Of each study its title and the ids of its runs; studies of one title are one."""
    found: dict[str, list[str]] = {}
    for study in list_studies():
        found.setdefault(study.title, []).extend(study.run_ids)
    return found


def error_column(name: str) -> str:
    """The column of the standard errors of a column."""
    return f"{name} ±"


def groupings(
    rows: Sequence[RunRow], studies: Mapping[str, Sequence[str]] | None = None
) -> list[str]:
    """By what these rows can be grouped: single runs first, the names of settings last."""
    general = [SINGLE, SEEDS]
    if studies:
        general.append(STUDY)
    if any(row.notes.tags for row in rows):
        general.append(TAGS)
    return general + _varied(rows)


def _varied(rows: Sequence[RunRow]) -> list[str]:
    """Settings, other than seeds and device, in which rows differ."""
    return [name for name in differing_settings(rows) if name not in WITHIN_A_CELL]


def grouping_title(by: str) -> str:
    """How a grouping is called in a list of them."""
    return field_title(by) if by in FIELDS else by


def grouped(
    rows: Sequence[RunRow], by: str, studies: Mapping[str, Sequence[str]] | None = None
) -> list[RunGroup]:
    """The groups in the order of their first run.

    by: one of `groupings`. studies: of each study its title and the ids of its runs.
    """
    shared = _sharing(by, rows, studies or {})
    found: dict[Any, tuple[str, list[RunRow]]] = {}
    for row in rows:
        key, title = shared(row)
        found.setdefault((row.group, key), (title, []))[1].append(row)
    return [RunGroup(title, tuple(members)) for title, members in found.values()]


def _sharing(
    by: str, rows: Sequence[RunRow], studies: Mapping[str, Sequence[str]]
) -> Callable[[RunRow], tuple[Any, str]]:
    """What tells of a row which group it belongs to, and how that is called."""
    if by == SEEDS:
        names = {group[0].group: _varied(group) for group in groups(rows)}
        return lambda row: (_set_up(row), _said(row, names[row.group]))
    if by == STUDY:
        of_run = {id: title for title, ids in studies.items() for id in ids}
        return lambda row: (of_run.get(row.id), of_run.get(row.id, NOTHING))
    if by == TAGS:
        return lambda row: (row.notes.tags, ", ".join(row.notes.tags) or NOTHING)
    return lambda row: (exact(row.settings.get(by)), setting_text(by, row.settings.get(by)))


def _set_up(row: RunRow) -> str:
    return repr([value for name, value in row.settings.items() if name not in WITHIN_A_CELL])


def _said(row: RunRow, names: Sequence[str]) -> str:
    """A set-up by the settings in which it differs from the others."""
    said = [setting_text(name, row.settings[name]) for name in names if name in row.settings]
    return " · ".join(said) or row.label


def groups_table(found: Sequence[RunGroup], by: str) -> pd.DataFrame:
    """One row a group: what its runs share, how many they are, means and standard errors.

    A figure that not all runs of a group have is the mean of those that have it.
    """
    heading = NAME if by in (SINGLE, SEEDS) else grouping_title(by)
    columns: dict[str, Any] = {
        heading: [group.title for group in found],
        DATASET: [group.rows[0].config.data.dataset for group in found],
    }
    for name in MEANS:
        known = [_values(group, name) for group in found]
        if not any(known):
            continue
        means = [mean_of(values) if values else None for values in known]
        columns[name] = typed_column([mean.value if mean else None for mean in means], "Float64")
        errors = [mean.error if mean else None for mean in means]
        if any(error is not None for error in errors):
            columns[error_column(name)] = typed_column(errors, "Float64")
    return pd.DataFrame(columns)


def _values(group: RunGroup, name: str) -> list[float]:
    return [value for row in group.rows if (value := row.figures.get(name)) is not None]


def groups_alt(found: Sequence[RunGroup]) -> str:
    """The groups in a sentence."""
    said = first_few([f"{group.title}: {len(group.rows)}" for group in found], MOST_NAMED)
    return f"Table of {len(found)} groups of runs with the number of their runs: {said}."
