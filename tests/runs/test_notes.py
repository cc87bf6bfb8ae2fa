"""What people note about runs is kept, checked, and never read as more than it is."""

from __future__ import annotations

import json

import pytest

from made import runs
from made.base.errors import MadeError
from made.runs import notes
from made.runs.folder import Run
from made.runs.notes import Notes
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def run() -> Run:
    return runs.create(ExperimentConfig(), "a run")


def test_notes_are_read_back_and_a_run_without_any_has_empty_ones(run: Run) -> None:
    assert run.notes == Notes()
    noted = Notes(tags=("best", "für Übung 2"), words="Two\nlines.", colour="green", archived=True)
    runs.annotate(run, noted)
    assert run.notes == noted
    runs.annotate(run, Notes())
    assert run.notes == Notes()


def test_a_living_run_is_annotated_and_keeps_its_lock(run: Run) -> None:
    with run.lock():
        RunWriter(run).update(state="training", epoch=1)
        runs.annotate(run, Notes(tags=("look",)))
        assert (run.state, run.notes.tags) == ("training", ("look",))


def test_notes_of_a_shipped_run_lie_in_the_runs_folder(folder, nothing_shipped) -> None:
    id = "shipped-rings"
    (nothing_shipped / id).mkdir()
    config = ExperimentConfig().model_dump_json()
    (nothing_shipped / id / "config.json").write_text(config)
    before = sorted(nothing_shipped.rglob("*"))
    runs.annotate(Run.open(id), Notes(words="the story"))
    assert Run.open(id).notes.words == "the story"
    assert sorted(nothing_shipped.rglob("*")) == before
    assert [run.id for run in runs.list_runs()] == [id]


def test_tags_lose_their_blanks_and_come_once(run: Run) -> None:
    runs.annotate(run, Notes(tags=(" a ", "b", "a", "")))
    assert run.notes.tags == ("a", "b")
    assert notes.all_tags([run.notes, Notes(tags=("0", "b"))]) == ["0", "a", "b"]


@pytest.mark.parametrize(
    ("noted", "said"),
    [
        (Notes(tags=("x" * 31,)), "30 printable"),
        (Notes(tags=("a,b",)), "no comma"),
        (Notes(tags=tuple(map(str, range(13)))), "at most 12 tags"),
        (Notes(words="x" * 2001), "2,001"),
        (Notes(words="\ud800"), "characters"),
        (Notes(colour="beige"), "choose one of blue"),
    ],
)
def test_what_cannot_be_kept_is_refused_in_a_sentence(run: Run, noted: Notes, said: str) -> None:
    with pytest.raises(MadeError, match=said):
        runs.annotate(run, noted)
    assert not run.notes_path.exists()


@pytest.mark.parametrize(
    "written",
    [
        '{"tags": "abc", "words": 3, "colour": "beige", "archived": "yes"}',
        json.dumps({"tags": [1, "a,b", "\ud800", "x" * 99], "words": "\udfff"}),
        "[]",
        "torn",
    ],
)
def test_anything_may_stand_in_the_file(run: Run, written: str) -> None:
    run.notes_path.write_text(written)
    assert run.notes == Notes()
