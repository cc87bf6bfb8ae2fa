"""What is done with many runs is done with each that allows it, and said of the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from compared_runs import make_row, make_run

from made import runs
from made.runs.folder import Run
from made.runs.notes import Notes
from made.views import comparison, run_edits
from made.views.comparison import RunRow
from made.views.comparison_tables import ARCHIVED, COLOUR, NAME, NOTE, TAGS


@pytest.fixture
def rows(folder: Path) -> list[RunRow]:
    return [make_row("one"), make_row("two"), make_row("three", state="training")]


@pytest.fixture
def shipped(folder: Path, nothing_shipped: Path) -> RunRow:
    made = make_run("story", id="shipped-story")
    (folder / made.id).rename(nothing_shipped / made.id)
    return comparison.read_row(Run.open(made.id))


def noted(row: RunRow) -> Notes:
    return Run.open(row.id).notes


def test_only_what_was_edited_changes(rows: list[RunRow]) -> None:
    edited = {
        0: {NAME: "first", TAGS: ["a", "b"], COLOUR: "green"},
        2: {NOTE: "Look.", ARCHIVED: 1},
    }
    assert run_edits.keep_edits(rows, edited) == []
    assert [Run.open(row.id).label for row in rows] == ["first", "two", "three"]
    assert noted(rows[0]) == Notes(tags=("a", "b"), colour="green")
    assert not Run.open(rows[1].id).notes_path.exists()
    assert noted(rows[2]) == Notes(words="Look.", archived=True)


def test_a_value_that_was_taken_away_is_empty(rows: list[RunRow]) -> None:
    runs.annotate(Run.open(rows[0].id), Notes(tags=("a",), words="x", colour="blue"))
    read = [comparison.read_row(Run.open(rows[0].id))]
    assert run_edits.edit_table(read).to_dict("records") == [
        {NAME: "one", TAGS: ["a"], COLOUR: "blue", NOTE: "x", ARCHIVED: False}
    ]
    assert run_edits.keep_edits(read, {0: {TAGS: None, COLOUR: None, NOTE: None}}) == []
    assert noted(read[0]) == Notes()


def test_one_refusal_leaves_the_others_done(rows: list[RunRow], shipped: RunRow) -> None:
    said = run_edits.keep_edits([shipped, *rows], {0: {NAME: "mine", NOTE: "n"}, 1: {NAME: "uno"}})
    assert said == ["'story' ships with the project and cannot be renamed."]
    assert noted(shipped).words == "n"
    assert Run.open(rows[0].id).label == "uno"
    assert not Run.open(rows[0].id).notes_path.exists()


def test_tags_are_added_and_taken_off(rows: list[RunRow]) -> None:
    runs.annotate(Run.open(rows[0].id), Notes(tags=("old",)))
    assert run_edits.add_tag(rows, "new") == []
    assert noted(rows[0]).tags == ("old", "new")
    assert run_edits.remove_tag(rows, " new ") == []
    assert [noted(row).tags for row in rows] == [("old",), (), ()]
    (said,) = run_edits.add_tag(rows, "a,b")
    assert "no comma" in said


def test_archived_runs_come_back(rows: list[RunRow]) -> None:
    for archived in (True, False):
        assert run_edits.archive(rows, archived) == []
        assert all(noted(row).archived is archived for row in rows)


def test_as_many_as_can_be_are_deleted(rows: list[RunRow], shipped: RunRow) -> None:
    run = runs.create(rows[0].config, "at work")
    living = comparison.read_row(run)
    assert run_edits.delete([living, shipped, *rows]) == [
        "'at work' is still running: stop it first.",
        "'story' ships with the project and cannot be deleted.",
    ]
    assert {run.id for run in runs.list_runs()} == {living.id, shipped.id}
