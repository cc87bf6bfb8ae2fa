"""A run that is held stands still with its weights, does what it is told, and loses nothing."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from worker_process import (
    FAKE,
    assert_same_outcome,
    kill,
    settings,
    undisturbed,
    wait_for,
    wait_for_end,
    wait_for_state,
)

from made import runs
from made.base.errors import MadeError
from made.runs import held, holding, jobs, line, moments, words, worker
from made.runs.folder import Run
from made.setups.config import ExperimentConfig

pytestmark = pytest.mark.usefixtures("folder")
PATIENCE = 60.0  # seconds
JOINT = {"dataset": "rings", "num_samples": 2_000, "grid_size": 12, "hidden_sizes": (16,)}
TINY = {"epochs": 3, "learning_rate": 0.01, "device": "cpu", "batch_size": 200}


def joint_config(**values) -> ExperimentConfig:
    return ExperimentConfig.from_flat(JOINT | TINY | values)


def tell(run: Run, *said: words.Word) -> None:
    """Say words one after the other, each once the one before is done."""
    for word in said:
        held.ask(run, word, PATIENCE)
    assert words.oldest(run) is None


def held_at(run: Run, step: int) -> None:
    status = run.status()
    assert (status.state, status.step, len(run.losses())) == ("held", step, step)


@pytest.mark.parametrize(
    "config",
    [
        joint_config(),
        joint_config(ema_decay=0.9, ordering="random", num_orderings=3, schedule="cosine"),
        settings(epochs=2, pause=0.01, hidden_sizes="16", dropout=0.2),
    ],
    ids=["joint", "averaged and agnostic", "digits"],
)
def test_a_run_that_is_played_with_ends_with_the_weights_of_an_undisturbed_one(config) -> None:
    run = held.start(config)
    wait_for_state(run, "held")
    held_at(run, 0)
    for step in (1, 2, 3):
        tell(run, "step")
        held_at(run, step)
    tell(run, "epoch")
    wait_for_state(run, "held")
    first_epoch = run.epochs()[-1]["step"]
    assert run.epochs()[-1]["epoch"] == 1
    held_at(run, first_epoch)
    tell(run, "step", "step")
    held_at(run, first_epoch + 2)
    tell(run, "play")
    assert wait_for_end(run) == "finished"
    assert_same_outcome(run, undisturbed(config))
    assert moments.read(run) is None


def test_words_that_come_faster_than_minibatches_are_all_done() -> None:
    run = held.start(settings(epochs=9), launcher=FAKE)
    wait_for_state(run, "held")
    # The fake tells of nothing before its first minibatch, after which it is held.
    held_at(run, 1)
    for _ in range(7):
        held.ask(run, "step")
    wait_for(lambda: words.oldest(run) is None, "seven steps")
    held_at(run, 8)
    tell(run, "step", "step")
    held_at(run, 10)
    assert len(run.epochs()) == 1, "the last step of an epoch measures it"


def test_a_playing_run_is_held_wherever_it_is_and_steps_from_there() -> None:
    run = jobs.start(settings(epochs=10_000, pause=0.005), launcher=FAKE)
    wait_for_state(run, "training")
    held.ask(run, "hold", PATIENCE)
    step = run.status().step
    held_at(run, step)
    tell(run, "step")
    held_at(run, step + 1)
    seconds = run.status().training_seconds
    tell(run, "hold")
    assert run.status().training_seconds == seconds, "the clock stands while the run does"
    held.ask(run, "epoch")
    held.ask(run, "hold", PATIENCE)
    wait_for_state(run, "held")


def test_a_step_is_answered_at_once() -> None:
    run = held.start(joint_config())
    wait_for_state(run, "held")
    tell(run, "step")
    took = []
    for _ in range(5):
        begin = time.monotonic()
        tell(run, "step")
        took.append(time.monotonic() - begin)
    assert min(took) < 0.15, took


@pytest.mark.parametrize("ask", [jobs.pause, jobs.stop])
def test_pause_and_stop_come_through_to_a_held_run_and_it_resumes_as_if_never_held(ask) -> None:
    config = joint_config()
    run = held.start(config)
    wait_for_state(run, "held")
    tell(run, "step", "step")
    ask(run)
    assert wait_for_end(run) == {"pause": "paused", "stop": "stopped"}[ask.__name__]
    assert run.reached("last").step == 2
    held.resume(run, "step")
    wait_for_state(run, "held")
    wait_for(lambda: words.oldest(run) is None, "the step")
    held_at(run, 3)
    tell(run, "play")
    assert wait_for_end(run) == "finished"
    assert_same_outcome(run, undisturbed(config))


def test_a_held_worker_that_is_killed_resumes_from_its_checkpoint_and_forgets_the_words() -> None:
    config = joint_config()
    run = held.start(config)
    wait_for_state(run, "held")
    tell(run, "step")
    kill(run)
    assert run.state == "interrupted"
    words.put(run, "hold")
    jobs.resume(run)
    assert wait_for_end(run) == "finished"
    assert_same_outcome(run, undisturbed(config))


def test_a_run_that_is_forgotten_is_saved_and_lets_its_device_go(monkeypatch) -> None:
    monkeypatch.setattr(holding, "PATIENCE_SECONDS", 0.2)
    run = runs.create(joint_config())
    line.enter(run)
    words.put(run, "step")
    status = worker.execute(run)
    assert (status.state, status.step) == ("paused", 1)
    assert status.message == holding.FORGOTTEN
    assert run.reached("last").step == 1


def test_a_run_on_several_devices_is_not_held() -> None:
    config = joint_config(num_devices=2)
    with pytest.raises(MadeError, match="several devices cannot be held"):
        held.start(config)
    assert runs.list_runs() == []


def test_a_step_of_a_small_joint_tells_its_rows_and_both_densities() -> None:
    run = runs.create(joint_config())
    line.enter(run)
    seen = []

    def watch() -> None:
        for batch in (1, 2):
            held.ask(run, "step", PATIENCE)
            seen.append((batch, moments.read(run)))
        held.ask(run, "play")

    words.put(run, "hold")
    watcher = threading.Thread(target=watch)
    watcher.start()
    assert worker.execute(run).state == "finished"
    watcher.join()
    losses = run.losses()
    for batch, moment in seen:
        assert (moment.epoch, moment.batch, moment.step) == (1, batch, batch)
        assert moment.rows.shape == (200, 2)
        nll = -np.log(moment.before[tuple(moment.rows.T)]).mean()
        assert nll == pytest.approx(losses[batch - 1], rel=1e-5)
        for density in (moment.before, moment.after):
            assert density.sum() == pytest.approx(1, abs=1e-5)
    np.testing.assert_array_equal(seen[0][1].after, seen[1][1].before)
    assert not np.array_equal(seen[0][1].before, seen[0][1].after)


def test_what_is_no_moment_is_none() -> None:
    run = runs.create(joint_config())
    assert moments.read(run) is None
    (run.path / moments.FILE).write_bytes(b"nothing")
    assert moments.read(run) is None
    np.savez(run.path / moments.FILE, place=[1, 1, 1], rows=[[9, 9]], before=[[1.0]], after=[[1.0]])
    assert moments.read(run) is None
