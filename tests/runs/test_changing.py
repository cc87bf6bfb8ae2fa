"""A run is changed while it trains or rests, goes on after its end, and is replayed exactly."""

from __future__ import annotations

import pytest
from worker_process import (
    Held,
    assert_same_outcome,
    hold,
    kill,
    killed_at,
    settings,
    wait_for,
    wait_for_end,
    wait_for_state,
)

import made
from made import library, runs
from made.base.errors import MadeError
from made.runs import changing, jobs, line, worker
from made.runs.writer import RunWriter
from made.setups.changes import Change

pytestmark = pytest.mark.usefixtures("folder")
TINY = {"hidden_sizes": (16,), "epochs": 3, "learning_rate": 0.01, "device": "cpu"}


def test_a_living_run_takes_a_change_and_notes_its_step():
    run = jobs.start(settings(epochs=5), launcher=Held(13))
    wait_for(lambda: len(run.losses()) >= 13, "progress")
    changing.change(run, {"epochs": 7})
    wait_for(lambda: run.changes(), "the change")
    assert run.changes() == (Change(13, {"epochs": 7}),)
    assert run.config.training.epochs == 5
    assert run.latest_config.training.epochs == 7
    hold(run, 0)
    assert wait_for_end(run) == "finished"
    assert run.status().epoch == 7
    assert changing.wanted(run) is None


def test_a_run_that_was_changed_is_replayed_to_the_same_weights():
    changes = {400: {"learning_rate": 0.002, "dropout": 0.1}, 900: {"batch_size": 64}}
    dataset = {"dataset": "rings", "num_samples": 50_000, "grid_size": 12}
    planned = library.train(**dataset, **TINY, changes=changes, progress=False).run
    assert [change.step for change in planned.changes()] == [400, 900]
    asked = runs.create(planned.config)
    wanted = dict(changes)

    def ask(event):
        step = getattr(event, "step", 0)
        if wanted and step >= min(wanted):
            changing.change(asked, wanted.pop(min(wanted)))

    assert worker.execute(asked, ask).state == "finished"
    code = planned.config.to_python({each.step: each.values for each in asked.changes()})
    scope = {}
    exec(code.replace("made.train(", "made.train(progress=False,"), scope)
    assert_same_outcome(scope["run"].run, asked)
    assert made.load_run(asked).run.latest_config.model.dropout == 0.1


def test_a_worker_that_is_killed_after_a_change_comes_to_it_again():
    changes = {25: {"learning_rate": 0.002}, 40: {"batch_size": 64}}
    config = settings(epochs=4, pause=0.01, hidden_sizes="16")
    whole = library.train(config=config, changes=changes, progress=False).run
    run = runs.create(config)
    for step, values in changes.items():
        RunWriter(run).append_change(Change(step, values))
    line.enter(run)
    killed_at(30).launch(run)
    wait_for_state(run, "interrupted")
    jobs.resume(run)
    assert wait_for_end(run) == "finished"
    assert_same_outcome(run, whole)


def test_a_run_at_rest_is_changed_where_it_goes_on():
    run = jobs.start(settings(epochs=5), launcher=Held(13))
    wait_for(lambda: len(run.losses()) >= 13, "progress")
    jobs.pause(run)
    wait_for_state(run, "paused")
    changing.change(run, {"learning_rate": 2e-6})
    changing.change(run, {"learning_rate": 3e-6})
    assert [(each.step, each.values) for each in run.changes()] == [
        (13, {"learning_rate": 2e-6}),
        (13, {"learning_rate": 3e-6}),
    ]
    assert run.latest_config.training.learning_rate == 3e-6


def test_a_finished_run_goes_on_as_if_it_had_been_meant_to():
    config = settings(epochs=2, pause=0.01, hidden_sizes="16")
    run = runs.create(config)
    assert worker.execute(run).state == "finished"
    first = run.result
    with pytest.raises(MadeError, match="2 epochs already"):
        changing.go_on(run, 2)
    changing.go_on(run, 4)
    assert wait_for_end(run) == "finished"
    assert run.result["epochs"] == 4
    assert run.result["nll_nats"] < first["nll_nats"]
    longer = library.train(config=config.replace(epochs=4), progress=False).run
    # The rate is constant, so what comes after is what would have come.
    assert_same_outcome(run, longer)
    assert run.latest_config == longer.config


def test_nothing_changes_that_cannot():
    run = jobs.start(settings(epochs=5), launcher=Held(3))
    wait_for(lambda: len(run.losses()) >= 3, "progress")
    for values in ({"hidden_sizes": (3,)}, {"epochs": 0}):
        with pytest.raises(MadeError):
            changing.change(run, values)
    with pytest.raises(MadeError, match="is training"):
        changing.go_on(run, 9)
    assert changing.wanted(run) is None
    assert run.changes() == ()
    kill(run)
    other = runs.create(settings())
    RunWriter(other).update(state="stopped")
    with pytest.raises(MadeError, match="no checkpoint"):
        changing.go_on(other, 9)
