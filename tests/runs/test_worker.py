"""A worker that is killed, fails or finds no device leaves a run that tells so and resumes."""

import sys
from pathlib import Path

import numpy as np
import pytest
from worker_process import (
    EAGER,
    FAKE,
    Held,
    Nothing,
    assert_same_outcome,
    hold,
    kill,
    killed_at,
    log_of,
    settings,
    undisturbed,
    wait_for,
    wait_for_end,
    weights,
)

from made import datasets, runs
from made.base import devices
from made.base.errors import MadeError
from made.runs import jobs, line, recorder, turn, worker
from made.runs.jobs import LocalLauncher
from made.setups.config import ExperimentConfig

pytestmark = pytest.mark.usefixtures("folder")


def test_a_killed_worker_resumes_to_the_same_outcome(in_process):
    config = settings(epochs=6)
    calm = undisturbed(config)
    run = jobs.start(config, launcher=Held(1))
    for progress, then in ((1, 14), (14, 20), (20, 33), (33, 0)):
        wait_for(lambda enough=progress: len(run.losses()) == enough, "progress")
        assert run.is_alive
        kill(run)
        assert run.state == "interrupted"
        with (run.path / "losses.f32").open("ab") as file:
            file.write(b"\x01\x02")
        with (run.path / "epochs.jsonl").open("ab") as file:
            file.write(b'{"epoch": 9')
        hold(run, then)
        jobs.resume(run, launcher=FAKE)
    assert wait_for_end(run) == "finished", log_of(run)
    assert_same_outcome(run, calm)


@pytest.mark.parametrize("write", range(1, 60, 4))
def test_death_at_any_write_leaves_a_run_that_resumes_exactly(write, in_process, monkeypatch):
    config = settings(epochs=4)
    calm = undisturbed(config)
    run = runs.create(config)
    renames = 0
    rename = Path.replace

    class Death(BaseException):
        pass

    def deadly(path, target):
        nonlocal renames
        renames += 1
        if renames == write:
            raise Death
        return rename(path, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", deadly)
        try:
            worker.execute(run)
        except Death:
            assert run.state in {"interrupted", "starting"}
    if run.state != "finished":
        assert worker.execute(run).state == "finished"
    assert_same_outcome(run, calm)


@pytest.mark.parametrize(
    ("seed", "message", "cause", "step"),
    [
        (1, "The loss is nan. The checkpoint of step 20 is kept.", "The loss is nan.", 26),
        (2, "Training failed with KeyError: 'a bug'", "KeyError: 'a bug'", 25),
        (3, "Memory ran out on cpu: choose a smaller batch", "out of memory", 25),
    ],
)
def test_failures_show_their_cause_and_step(seed, message, cause, step, in_process):
    run = runs.create(settings(seed=seed))
    status = worker.execute(run)
    assert status.state == "failed"
    assert status.message.startswith(message)
    assert "The checkpoint of step 20 is kept." in status.message
    assert (status.cause, status.step) == (cause, step)
    assert "Traceback" in log_of(run)
    np.testing.assert_array_equal(weights(run)["model.weight"].shape, (3,))


def test_a_failure_before_the_first_checkpoint_says_so(in_process, monkeypatch):
    def broken(config, progress):
        progress(1, 0)
        raise MadeError("No network: put the file there.")

    monkeypatch.setattr(datasets, "load", broken)
    status = worker.execute(runs.create(settings()))
    assert status.state == "failed"
    assert status.message == "No network: put the file there. There is no checkpoint yet."


def test_a_full_disk_is_named(in_process, monkeypatch):
    def full(path, tensors, metadata):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recorder, "save_tensors", full)
    run = runs.create(settings())
    status = worker.execute(run)
    assert (status.state, status.cause) == ("failed", "disk full")
    assert "Free some space" in status.message
    assert not list(run.path.glob(".*.tmp"))


def test_a_download_can_be_stopped(in_process, monkeypatch):
    run = runs.create(settings())

    def endless(config, progress):
        jobs.stop(run)
        for done in range(10):
            progress(done, 10)
        raise AssertionError("the stop was not seen")

    monkeypatch.setattr(datasets, "load", endless)
    assert worker.execute(run).state == "stopped"


def test_a_launch_that_fails_is_shown(folder):
    missing = LocalLauncher((str(folder / "no-such-program"),))
    with pytest.raises(MadeError, match="could not be started"):
        jobs.start(settings(), launcher=missing)
    (run,) = runs.list_runs()
    assert run.state == "failed"
    assert line.waiting("cpu") == []


def test_a_worker_that_dies_on_its_way_shows_as_interrupted():
    broken = LocalLauncher((sys.executable, "-c", "print('no such module'); raise SystemExit(3)"))
    run = jobs.start(settings(), launcher=broken)
    assert wait_for_end(run) == "interrupted"
    assert "no such module" in log_of(run)
    assert line.waiting("cpu") == []


def test_a_device_that_is_not_there_is_refused_before_anything_is_made():
    with pytest.raises(MadeError, match="no device 'cuda:77'"):
        jobs.start(settings(device="cuda:77"), launcher=Nothing())
    assert runs.list_runs() == []


def test_auto_falls_back_to_the_cpu_and_its_line(in_process, monkeypatch):
    graphics = devices.Device("cuda:0", "a GPU", 10**9)
    monkeypatch.setattr(devices, "_cache", None)
    monkeypatch.setattr(devices, "_find_graphics", lambda: [graphics])
    used = []

    def prepare(wanted, device):
        used.append(device)
        return "cpu"

    monkeypatch.setattr(turn, "prepare_torch", prepare)
    run = runs.create(settings(device="auto"))
    status = worker.execute(run)
    assert used == ["cuda:0"]
    assert (status.state, status.device) == ("finished", "cpu")
    monkeypatch.setattr(devices, "_cache", None)


def test_the_real_worker_refuses_a_device_that_torch_cannot_use():
    with pytest.raises(MadeError, match="cannot use 'cuda:99'"):
        devices.prepare_torch("cuda:99", "cuda:99")
    assert devices.prepare_torch("auto", "cuda:99") == "cpu"


def test_a_delete_waits_for_no_worker_that_is_gone(folder):
    run = jobs.start(settings(epochs=100), launcher=Held(990))
    wait_for(lambda: len(run.losses()) > 0, "progress")
    with pytest.raises(MadeError, match="stop it first"):
        runs.delete(run)
    kill(run)
    runs.delete(run)
    assert runs.list_runs() == []
    assert worker.main([run.id]) == 0


def test_training_for_real_killed_and_resumed_gives_the_weights_of_an_undisturbed_run():
    config = ExperimentConfig.from_flat(
        {
            "dataset": "digits8",
            "epochs": 8,
            "look_ahead": 0,
            "hidden_sizes": (96, 96),
            "num_connectivities": 3,
            "dropout": 0.1,
            "device": "cpu",
        }
    )
    # Five steps after the checkpoint of the third epoch.
    run = jobs.start(config, "killed", launcher=killed_at(3 * 10 + 5))
    assert wait_for_end(run) == "interrupted", log_of(run)
    assert run.reached("last").step == 3 * 10
    assert len(run.losses()) == 3 * 10 + 5
    calm = jobs.start(config, "undisturbed")
    jobs.resume(run, launcher=EAGER)
    assert wait_for_end(calm) == "finished", log_of(calm)
    assert wait_for_end(run) == "finished", log_of(run)
    assert any(key.startswith("optimizer.") for key in weights(run))
    assert len(run.losses()) == 8 * 10
    for name in ("best", "last"):
        mine, theirs = weights(run, name), weights(calm, name)
        assert mine.keys() == theirs.keys()
        for key in mine:
            np.testing.assert_array_equal(mine[key], theirs[key], err_msg=key)
    np.testing.assert_array_equal(run.losses(), calm.losses())
    mine, theirs = run.epochs(), calm.epochs()
    assert len(mine) == len(theirs) == 9
    for left, right in zip(mine, theirs, strict=True):
        assert left["validation_nll"] == right["validation_nll"]
        assert left.get("train_nll", 0) == pytest.approx(right.get("train_nll", 0), rel=1e-9)
    assert run.result["nll_nats"] == calm.result["nll_nats"]
