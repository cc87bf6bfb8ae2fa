"""An index reads a run once, and anew as soon as anything of it may have changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from compared_runs import make_run

from made import runs
from made.base.errors import MadeError
from made.runs.folder import Run
from made.runs.index import NAMES, Index
from made.runs.notes import Notes

pytestmark = pytest.mark.usefixtures("folder")


class Reader:
    """Reads the label, and counts how often it is asked."""

    def __init__(self, is_settled: bool = True) -> None:
        self.asked = 0
        self.index = Index(self._read, lambda reading: is_settled)

    def _read(self, run: Run) -> str:
        self.asked += 1
        return run.label


def settle(path: Path, seconds_ago: float = 10.0) -> None:
    """Let the files of a run be as old as the clock needs to tell a change."""
    for file in path.iterdir():
        time = file.stat().st_mtime - seconds_ago
        os.utime(file, (time, time))


@pytest.fixture
def run() -> Run:
    made = make_run()
    settle(made.path)
    return made


def test_a_run_is_read_once_however_often_it_is_asked_for(run: Run) -> None:
    reader = Reader()
    assert [reader.index.read([run]) for _ in range(3)] == [["a run"]] * 3
    assert reader.asked == 1


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_change_of_any_file_that_says_something_is_seen(run: Run, name: str) -> None:
    reader = Reader()
    reader.index.read([run])
    with (run.path / name).open("a") as file:
        file.write(" ")
    reader.index.read([run])
    assert reader.asked == 2


def test_what_was_written_an_instant_ago_is_read_again(run: Run) -> None:
    reader = Reader()
    runs.rename(run, "fresh")
    assert reader.index.read([run]) == reader.index.read([run]) == ["fresh"]
    assert reader.asked == 2


def test_what_may_change_without_a_file_is_read_each_time(run: Run) -> None:
    reader = Reader(is_settled=False)
    reader.index.read([run])
    reader.index.read([run])
    assert reader.asked == 2


def test_readings_depend_on_the_key(run: Run) -> None:
    reader = Reader()
    for key in ("one", "two", "two"):
        reader.index.read([run], key)
    assert reader.asked == 2


def test_notes_of_a_shipped_run_are_seen(nothing_shipped: Path, folder: Path) -> None:
    made = make_run(id="shipped-rings")
    (folder / made.id).rename(nothing_shipped / made.id)
    shipped, reader = Run.open(made.id), Reader()
    settle(shipped.path)
    reader.index.read([shipped])
    runs.annotate(shipped, Notes(tags=("story",)))
    reader.index.read([shipped])
    assert reader.asked == 2


def test_a_run_that_cannot_be_read_is_left_out(run: Run) -> None:
    def read(run: Run) -> str:
        raise MadeError("Broken.")

    assert Index(read, lambda reading: True).read([run]) == []
