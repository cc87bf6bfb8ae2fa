"""A run may begin with the weights of another, keeps them, and resumes exactly."""

from __future__ import annotations

import pytest
from worker_process import assert_same_outcome, killed_at, settings, wait_for_end, wait_for_state

import made
from made import library, runs
from made.base.errors import MadeError
from made.runs import jobs, line, origin
from made.runs.records import Origin
from made.studies.study import as_planned
from made.views import run_views

pytestmark = pytest.mark.usefixtures("folder")
TINY = {"dataset": "digits8", "hidden_sizes": (16,), "learning_rate": 0.01, "device": "cpu"}


@pytest.fixture
def parent(folder) -> runs.Run:
    return library.train(**TINY, epochs=3, progress=False).run


def test_a_copy_begins_where_the_other_was_best_and_outlives_it(parent) -> None:
    best = parent.best_epoch
    child = library.train(
        **TINY | {"learning_rate": 1e-6, "seed": 5}, epochs=1, progress=False, weights_of=parent
    ).run
    first = child.epochs()[0]
    assert first["epoch"] == 0
    assert first["validation_nll"] == pytest.approx(best["validation_nll"], abs=1e-5)
    assert child.origin == Origin(parent.id, parent.label, best["epoch"])
    assert run_views.origin_line(child) == (
        f"began with the weights of {parent.label}, epoch {best['epoch']}"
    )
    runs.delete(parent)
    assert made.load_run(child).evaluate("test")["nll_nats"] == child.result["nll_nats"]
    assert list(as_planned([child])) == []


def test_a_copy_that_is_killed_resumes_to_the_same_weights(parent) -> None:
    config = settings(epochs=4, pause=0.01, hidden_sizes="16", seed=3)
    whole = library.train(config=config, weights_of=parent.id, progress=False).run
    run = runs.create(config)
    origin.keep(run, parent)
    line.enter(run)
    killed_at(30).launch(run)
    wait_for_state(run, "interrupted")
    jobs.resume(run)
    assert wait_for_end(run) == "finished"
    assert_same_outcome(run, whole)
    scope: dict = {}
    code = run_views.python_of(run).replace("made.train(", "made.train(progress=False,")
    exec(code, scope)
    assert_same_outcome(scope["run"].run, whole)


def test_another_shape_is_refused_before_anything_is_made(parent) -> None:
    before = len(runs.list_runs())
    for values in ({"hidden_sizes": (17,)}, {"encoding": "bits"}, {"dataset": "rings"}):
        with pytest.raises(MadeError, match="other shapes"):
            library.train(**TINY | values, progress=False, weights_of=parent)
    with pytest.raises(MadeError, match="several devices"):
        jobs.start(settings(num_devices=2, hidden_sizes="16"), weights_of=parent)
    assert len(runs.list_runs()) == before


def test_a_launched_copy_trains_from_the_weights(parent) -> None:
    config = settings(epochs=1, pause=0.001, hidden_sizes="16")
    run = jobs.start(config, weights_of=parent)
    assert wait_for_end(run) == "finished"
    assert run.epochs()[0]["validation_nll"] == pytest.approx(
        parent.best_epoch["validation_nll"], abs=1e-5
    )


def test_a_broken_note_of_the_origin_is_none(parent) -> None:
    (parent.path / "start.json").write_text('{"id": 3}')
    assert parent.origin is None
