"""What is made once for all who look is made anew as soon as the run has come further."""

from __future__ import annotations

from copy import copy
from pathlib import Path

import numpy as np
import pytest
from compared_runs import make_run

from made import runs
from made.runs.folder import Run
from made.runs.writer import RunWriter
from made.views import live_views, run_views, story

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def run() -> Run:
    return make_run()


def longer(run: Run) -> None:
    RunWriter(run).append_losses(np.full(7, 3.5, np.float32))


def test_a_curve_is_drawn_once_for_a_state(run: Run) -> None:
    longer(run)
    first = live_views.curve(run)
    assert live_views.curve(Run.open(run.id)) is first
    longer(run)
    later = live_views.curve(run)
    assert later is not first
    found = run_views.curve(run)
    assert later == live_views.DrawnCurve(found.option(), found.alt())


def test_pictures_are_made_once_for_an_epoch(run: Run) -> None:
    drawn = {"samples": np.zeros((4, 2), np.uint8)}
    RunWriter(run).write_samples(1, drawn)
    first = live_views.pictures(run)
    assert live_views.pictures(Run.open(run.id)) is first
    assert first[-1].png() is first[-1].png()
    RunWriter(run).write_samples(2, {"samples": np.ones((4, 2), np.uint8)})
    assert live_views.pictures(run) is not first


def test_a_story_is_told_once_for_a_state_and_the_axes(run: Run) -> None:
    every = [run, make_run(seed=1)]
    first = story.told(every)
    assert story.told([Run.open(one.id) for one in every]) is first
    assert story.told(every, ("seed",)) is not first
    assert story.told(every[:1]) is not first


@pytest.mark.parametrize("name", sorted(story.FILES))
def test_a_story_is_told_anew_when_a_file_changes(run: Run, name: str) -> None:
    first = story.told([run])
    path: Path = run.path / name
    path.write_bytes((path.read_bytes() if path.exists() else b"") + b" ")
    assert story.told([run]) is not first


def test_a_story_is_told_anew_when_a_run_comes_to_rest(run: Run) -> None:
    with run.lock():
        RunWriter(run).update(state="training")
        first = story.told([run])
        assert first.grid.readings[0].state == "training"
    assert story.told([run]).grid.readings[0].state == "interrupted"


def test_who_shows_the_table_leaves_that_of_others_as_it_is(run: Run) -> None:
    told = story.told([run])
    before = told.table.to_html(table_uuid="a")
    shown = copy(told.table)
    shown.uuid = "another"
    shown._compute()
    assert told.table.to_html(table_uuid="a") == before


def test_a_renamed_run_is_told_by_its_new_name(run: Run) -> None:
    story.told([run])
    runs.rename(run, "another name")
    assert story.told([run]).grid.readings[0].label == "another name"
