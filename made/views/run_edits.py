"""Names and notes of many runs as a table that is edited, and what of it is to be kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd

from made import runs
from made.base.errors import MadeError
from made.base.text import counted
from made.runs.folder import Run
from made.runs.notes import Notes
from made.runs.quarantine import quarantine
from made.views.comparison import RunRow
from made.views.comparison_tables import ARCHIVED, COLOUR, NAME, NOTE, TAGS

Row = TypeVar("Row")


def edit_table(rows: Sequence[RunRow]) -> pd.DataFrame:
    """One row a run, in the order of the rows."""
    return pd.DataFrame(
        {
            NAME: [row.label for row in rows],
            TAGS: [list(row.notes.tags) for row in rows],
            COLOUR: [row.notes.colour or None for row in rows],
            NOTE: [row.notes.words for row in rows],
            ARCHIVED: [row.notes.archived for row in rows],
        }
    )


def keep_edits(rows: Sequence[RunRow], edited: Mapping[int, Mapping[str, Any]]) -> list[str]:
    """Rename and annotate runs as they were edited. Returns a sentence for each refusal.

    edited: of each place in `rows` that was touched its new values, by their columns.
    """
    values = {rows[place].id: changed for place, changed in edited.items()}
    touched = [row for row in rows if row.id in values]
    return _for_each(touched, lambda row: _keep(row, values[row.id]))


def _keep(row: RunRow, values: Mapping[str, Any]) -> None:
    run = Run.open(row.id)
    noted = Notes(
        tags=tuple(values.get(TAGS, row.notes.tags) or ()),
        words=values.get(NOTE, row.notes.words) or "",
        colour=values.get(COLOUR, row.notes.colour) or "",
        archived=bool(values.get(ARCHIVED, row.notes.archived)),
    )
    if noted != row.notes:
        runs.annotate(run, noted)
    if NAME in values and values[NAME] != row.label:
        runs.rename(run, values[NAME] or "")


def archive(rows: Sequence[RunRow], archived: bool) -> list[str]:
    """Put runs away, or take them out again. Returns a sentence for each refusal."""
    return _note(rows, lambda noted: replace(noted, archived=archived))


def add_tag(rows: Sequence[RunRow], tag: str) -> list[str]:
    """Give all runs a tag. Returns a sentence for each refusal."""
    return _note(rows, lambda noted: replace(noted, tags=(*noted.tags, tag)))


def remove_tag(rows: Sequence[RunRow], tag: str) -> list[str]:
    """Take a tag off all runs. Returns a sentence for each refusal."""

    def without(noted: Notes) -> Notes:
        return replace(noted, tags=tuple(other for other in noted.tags if other != tag.strip()))

    return _note(rows, without)


def delete(rows: Sequence[RunRow]) -> list[str]:
    """Delete runs. Returns a sentence for each that stays."""
    return _for_each(rows, lambda row: runs.delete(Run.open(row.id)))


def put_aside(broken: Sequence[Run]) -> tuple[str, list[str]]:
    """Move runs that cannot be read into quarantine: what was done, and a sentence a refusal."""
    places: list[Path] = []
    refused = _for_each(broken, lambda run: places.append(quarantine(run)))
    if not places:
        return "", refused
    done = f"Moved {counted(len(places), 'run')} to '{places[0].parent}'; nothing was deleted."
    return done, refused


def _note(rows: Sequence[RunRow], change: Callable[[Notes], Notes]) -> list[str]:
    def annotate(row: RunRow) -> None:
        run = Run.open(row.id)
        before = run.notes
        if (after := change(before)) != before:
            runs.annotate(run, after)

    return _for_each(rows, annotate)


def _for_each(rows: Iterable[Row], act: Callable[[Row], None]) -> list[str]:
    """Act on every row, whichever others are refused."""
    said = []
    for row in rows:
        try:
            act(row)
        except MadeError as error:
            said.append(str(error))
    return list(dict.fromkeys(said))
