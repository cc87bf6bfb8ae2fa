import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import fake_training
import numpy as np
import psutil
import pytest
from safetensors import safe_open

from made import datasets, devices, jobs, runs, worker
from made.config import ExperimentConfig
from made.errors import MadeError
from made.estimate import bytes_text, count, count_text, duration_text, estimate
from made.jobs import LocalLauncher
from made.run_writer import RunWriter
from made.runs import LIVING, Run

SLOW, QUICK = 0.01, 1e-6
FAKE = LocalLauncher((sys.executable, str(Path(__file__).with_name("fake_training.py"))))


# A checkpoint after every epoch, however short, so that there is one to go on from.
EAGER = LocalLauncher(
    (
        sys.executable,
        "-c",
        "from made import worker; worker.EPOCH_CHECKPOINT_SECONDS = 0; worker.WRITING_SHARE = 1e9; "
        "worker.main()",
    )
)


class Nothing:
    """Launches no process."""

    def launch(self, run):
        return None


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("PYTHONPATH", str(jobs.PROJECT))
    yield tmp_path / "runs"
    for run in runs.list_runs():
        kill(run)


@pytest.fixture
def in_process(monkeypatch):
    for name, value in fake_training.patches().items():
        monkeypatch.setattr(worker, name, value)


def settings(epochs=3, pause=QUICK, seed=0, **values):
    return ExperimentConfig.from_flat(
        {
            "dataset": "digits8",
            "epochs": epochs,
            "learning_rate": pause,
            "seed": seed,
            "device": "cpu",
            **values,
        }
    )


def wait_for(condition, what, seconds=120.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.005)


def wait_for_state(run, *states):
    wait_for(lambda: run.status in states, f"{states} (now {run.snapshot()}) {log_of(run)}")


def wait_for_end(run):
    wait_for(lambda: run.status not in LIVING and not run.is_alive, "the end")
    return run.status


def log_of(run):
    path = run.path / "log.txt"
    return path.read_text() if path.exists() else ""


def kill(run):
    pid = run.recorded.get("pid") or 0
    if run.is_alive and pid and pid != os.getpid():
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not run.is_alive, "the end of a killed worker")


def weights(run, name="last"):
    with safe_open(run.checkpoint_path(name), "np") as file:
        return {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118


def without_seconds(records):
    return [{k: v for k, v in record.items() if k != "seconds"} for record in records]


def assert_same_outcome(run, other):
    for name in ("best", "last"):
        mine, theirs = weights(run, name), weights(other, name)
        assert mine.keys() == theirs.keys()
        for key in mine:
            np.testing.assert_array_equal(mine[key], theirs[key], err_msg=key)
    np.testing.assert_array_equal(run.losses(), other.losses())
    assert without_seconds(run.epochs()) == without_seconds(other.epochs())
    assert run.sample_epochs() == other.sample_epochs()


def undisturbed(config):
    run = runs.create(config, "undisturbed")
    assert worker.execute(run).state == "finished"
    return run


def test_a_run_trains_to_its_end_in_a_process_of_its_own():
    run = jobs.start(settings(), "three epochs", launcher=FAKE)
    assert run.status in LIVING | {"finished"}
    assert wait_for_end(run) == "finished"
    snapshot = run.snapshot()
    assert (snapshot.epoch, snapshot.step, snapshot.device) == (3, 30, "cpu")
    assert snapshot.message == "all epochs done"
    assert snapshot.pid is None
    assert len(run.losses()) == 30
    assert [record["epoch"] for record in run.epochs()] == [1, 2, 3]
    assert run.checkpoints() == ["best", "last"]
    assert run.samples()["samples"][0, 0] == 3
    assert run.result["odd"] is None
    assert run.result["nll_nats"] == run.best_epoch["validation_nll"]
    assert jobs.queue_place(run) is None
    assert not list(run.path.glob(".*.tmp"))


def test_waiting_imports_no_torch():
    code = "import sys, made.worker, made.estimate; print('torch' in sys.modules)"
    answer = subprocess.run(
        (sys.executable, "-c", code), capture_output=True, text=True, check=True
    )
    assert answer.stdout == "False\n"


def test_execute_trains_in_this_process_and_shows_every_event(in_process):
    run = runs.create(settings())
    events = []
    before = signal.getsignal(signal.SIGTERM)
    assert worker.execute(run, events.append).state == "finished"
    assert signal.getsignal(signal.SIGTERM) is before
    assert [type(event).__name__ for event in events] == (["Progress"] * 10 + ["EpochEnd"]) * 3 + [
        "Finished"
    ]
    with pytest.raises(MadeError, match="is finished"):
        worker.execute(run)
    with pytest.raises(MadeError, match="is finished"):
        jobs.resume(run, launcher=Nothing())


def test_a_killed_worker_resumes_to_the_same_outcome(in_process):
    config = settings(epochs=6, pause=0.002)
    calm = undisturbed(config)
    run = jobs.start(config, launcher=FAKE)
    for progress in (1, 14, 20, 33, 47):
        wait_for(lambda enough=progress: len(run.losses()) >= enough, "progress")
        assert run.is_alive
        kill(run)
        assert run.status == "interrupted"
        with (run.path / "losses.f32").open("ab") as file:
            file.write(b"\x01\x02")
        with (run.path / "epochs.jsonl").open("ab") as file:
            file.write(b'{"epoch": 9')
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
            assert run.status in {"interrupted", "starting"}
    if run.status != "finished":
        assert worker.execute(run).state == "finished"
    assert_same_outcome(run, calm)


@pytest.mark.parametrize("ask", [jobs.pause, jobs.stop])
def test_a_run_that_rests_goes_on_as_if_it_never_had(ask, in_process):
    config = settings(epochs=5, pause=SLOW)
    run = jobs.start(config, launcher=FAKE)
    wait_for(lambda: len(run.losses()) >= 13, "progress")
    ask(run)
    assert wait_for_end(run) == {"pause": "paused", "stop": "stopped"}[ask.__name__]
    snapshot = run.snapshot()
    assert snapshot.step == len(run.losses()) < 50
    assert run.checkpoint_metadata("last")["run_step"] == str(snapshot.step)
    assert jobs.requested(run) is None
    jobs.resume(run, launcher=FAKE)
    assert wait_for_end(run) == "finished"
    assert_same_outcome(run, undisturbed(settings(epochs=5)))


def test_requests_to_a_run_at_rest_have_no_effect(in_process):
    run = undisturbed(settings())
    jobs.stop(run)
    jobs.pause(run)
    assert jobs.requested(run) is None
    assert run.status == "finished"


def test_a_second_worker_leaves_the_first_alone():
    run = jobs.start(settings(epochs=100, pause=SLOW), launcher=FAKE)
    wait_for(lambda: len(run.losses()) > 0, "progress")
    pid = run.snapshot().pid
    assert jobs.resume(run, launcher=FAKE).snapshot().pid == pid
    second = FAKE.launch(run)
    wait_for(lambda: len(run.losses()) > 20, "progress")
    jobs.pause(run)
    assert wait_for_end(run) == "paused"
    steps = run.snapshot().step
    wait_for(lambda: not psutil.pid_exists(second), "the end of the second worker")
    assert run.status == "paused"
    assert len(run.losses()) == run.snapshot().step == steps


def test_two_resumes_at_once_give_one_worker():
    run = jobs.start(settings(epochs=100, pause=SLOW), launcher=FAKE)
    wait_for(lambda: len(run.losses()) > 5, "progress")
    jobs.pause(run)
    wait_for_state(run, "paused")
    clicks = [
        threading.Thread(target=jobs.resume, args=(run,), kwargs={"launcher": FAKE})
        for _ in range(4)
    ]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    wait_for_state(run, "training")
    wait_for(lambda: len(run.losses()) > 30, "progress")
    assert log_of(run) == ""
    jobs.stop(run)
    assert wait_for_end(run) == "stopped"
    assert len(run.losses()) == run.snapshot().step


def test_jobs_wait_in_line_and_start_in_order():
    config = settings(epochs=100, pause=SLOW)
    first, second, third, fourth = (jobs.start(config, launcher=FAKE) for _ in range(4))
    wait_for(lambda: len(first.losses()) > 0, "progress of the first")
    for run in (second, third, fourth):
        wait_for_state(run, "queued")
    assert [jobs.queue_place(run) for run in (first, second, third, fourth)] == [0, 0, 1, 2]
    kill(second)
    assert [jobs.queue_place(run) for run in (first, second, third, fourth)] == [0, None, 0, 1]
    jobs.pause(third)
    assert wait_for_end(third) == "paused"
    assert first.status == "training"
    assert len(third.losses()) == 0
    jobs.resume(third, launcher=FAKE)
    wait_for_state(third, "queued")
    assert [jobs.queue_place(run) for run in (fourth, third)] == [0, 1]
    kill(first)
    wait_for_state(fourth, "training")
    assert third.status == "queued"
    jobs.stop(third)
    assert wait_for_end(third) == "stopped"
    jobs.stop(fourth)
    assert wait_for_end(fourth) == "stopped"


def test_a_rest_while_queued_keeps_what_was_reached():
    config = settings(epochs=100, pause=SLOW)
    run = jobs.start(config, launcher=FAKE)
    wait_for(lambda: len(run.losses()) > 12, "progress")
    jobs.pause(run)
    assert wait_for_end(run) == "paused"
    reached = run.snapshot().step
    other = jobs.start(config, launcher=FAKE)
    wait_for_state(other, "training")
    jobs.resume(run, launcher=FAKE)
    wait_for_state(run, "queued")
    jobs.pause(run)
    assert wait_for_end(run) == "paused"
    assert run.snapshot().step == reached


def test_sigterm_saves_and_pauses():
    run = jobs.start(settings(epochs=100, pause=SLOW), launcher=FAKE)
    wait_for(lambda: len(run.losses()) > 5, "progress")
    os.kill(run.snapshot().pid, signal.SIGTERM)
    assert wait_for_end(run) == "paused"
    assert run.checkpoint_metadata("last")["run_step"] == str(len(run.losses()))


@pytest.mark.parametrize(("number", "state"), [(signal.SIGINT, "stopped"), (15, "paused")])
def test_signals_in_the_foreground(number, state, in_process):
    run = runs.create(settings(epochs=1000))

    def interrupt(event):
        if event.step == 7:
            signal.raise_signal(number)

    assert worker.execute(run, interrupt).state == state
    assert len(run.losses()) == run.snapshot().step == 7


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
    snapshot = worker.execute(run)
    assert snapshot.state == "failed"
    assert snapshot.message.startswith(message)
    assert "The checkpoint of step 20 is kept." in snapshot.message
    assert (snapshot.cause, snapshot.step) == (cause, step)
    assert "Traceback" in log_of(run)
    np.testing.assert_array_equal(weights(run)["weight"].shape, (3,))


def test_a_failure_before_the_first_checkpoint_says_so(in_process, monkeypatch):
    def broken(config, progress):
        progress(1, 0)
        raise MadeError("No network: put the file there.")

    monkeypatch.setattr(datasets, "load", broken)
    snapshot = worker.execute(runs.create(settings()))
    assert snapshot.state == "failed"
    assert snapshot.message == "No network: put the file there. There is no checkpoint yet."


def test_a_full_disk_is_named(in_process, monkeypatch):
    def full(path, tensors, metadata):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(worker, "save_tensors", full)
    run = runs.create(settings())
    snapshot = worker.execute(run)
    assert (snapshot.state, snapshot.cause) == ("failed", "disk full")
    assert "free some space" in snapshot.message
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
    assert run.status == "failed"
    assert jobs.waiting("cpu") == []


def test_a_worker_that_dies_on_its_way_shows_as_interrupted():
    broken = LocalLauncher((sys.executable, "-c", "print('no such module'); raise SystemExit(3)"))
    run = jobs.start(settings(), launcher=broken)
    assert wait_for_end(run) == "interrupted"
    assert "no such module" in log_of(run)
    assert jobs.waiting("cpu") == []


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

    monkeypatch.setattr(worker, "prepare_torch", prepare)
    run = runs.create(settings(device="auto"))
    snapshot = worker.execute(run)
    assert used == ["cuda:0"]
    assert (snapshot.state, snapshot.device) == ("finished", "cpu")
    monkeypatch.setattr(devices, "_cache", None)


def test_the_real_worker_refuses_a_device_that_torch_cannot_use():
    with pytest.raises(MadeError, match="cannot use 'cuda:99'"):
        worker.prepare_torch("cuda:99", "cuda:99")
    assert worker.prepare_torch("auto", "cuda:99") == "cpu"


def test_a_delete_waits_for_no_worker_that_is_gone(folder):
    run = jobs.start(settings(epochs=100, pause=SLOW), launcher=FAKE)
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
            "epochs": 60,
            "look_ahead": 0,
            "hidden_sizes": (96, 96),
            "num_connectivities": 3,
            "dropout": 0.1,
            "device": "cpu",
        }
    )
    run = jobs.start(config, "killed", launcher=EAGER)
    saved = {}

    def is_ahead_of_a_checkpoint():
        if "last" in run.checkpoints():
            saved["step"] = int(run.checkpoint_metadata("last")["run_step"])
        return 0 < saved.get("step", 0) < len(run.losses())

    wait_for(is_ahead_of_a_checkpoint, "progress beyond a checkpoint")
    kill(run)
    assert run.status == "interrupted"
    reached = len(run.losses())
    assert 0 < reached < 60 * 10
    calm = jobs.start(config, "undisturbed")
    jobs.resume(run, launcher=EAGER)
    assert wait_for_end(calm) == "finished", log_of(calm)
    assert wait_for_end(run) == "finished", log_of(run)
    assert any(key.startswith("optimizer.") for key in weights(run))
    assert len(run.losses()) > reached
    for name in ("best", "last"):
        mine, theirs = weights(run, name), weights(calm, name)
        assert mine.keys() == theirs.keys()
        for key in mine:
            np.testing.assert_array_equal(mine[key], theirs[key], err_msg=key)
    np.testing.assert_array_equal(run.losses(), calm.losses())
    mine, theirs = run.epochs(), calm.epochs()
    assert len(mine) == len(theirs) == 61
    for left, right in zip(mine, theirs, strict=True):
        assert left["validation_nll"] == right["validation_nll"]
        assert left.get("train_nll", 0) == pytest.approx(right.get("train_nll", 0), rel=1e-9)
    assert run.result["nll_nats"] == calm.result["nll_nats"]


def test_cuda_devices_are_numbered_as_torch_numbers_them():
    answer = (
        "0, GPU-aa, NVIDIA H200, 143000\n1, GPU-bb, NVIDIA A10, 22000\n2, GPU-cc, GB10, [N/A]\n"
    )
    every = devices.parse_graphics(answer)
    assert [device.name for device in every] == ["cuda:0", "cuda:1", "cuda:2"]
    assert every[0].title == "NVIDIA H200, 150 GB free"
    assert every[2].free_bytes > 0
    for visible in ("1,0", "GPU-bb, GPU-aa", "1,0,7,2"):
        chosen = devices.parse_graphics(answer, visible)
        assert [device.title[:10] for device in chosen] == ["NVIDIA A10", "NVIDIA H20"]
        assert [device.name for device in chosen] == ["cuda:0", "cuda:1"]
    assert devices.parse_graphics(answer, "") == devices.parse_graphics(answer, "-1") == []
    assert devices.parse_graphics("No devices were found\n") == []


def test_auto_takes_the_shortest_line_then_the_most_memory(monkeypatch):
    graphics = [devices.Device("cuda:0", "a", 10), devices.Device("cuda:1", "b", 20)]
    monkeypatch.setattr(devices, "_cache", None)
    monkeypatch.setattr(devices, "_find_graphics", lambda: graphics)
    assert [device.name for device in devices.list_devices()] == ["auto", "cpu", "cuda:0", "cuda:1"]
    assert devices.resolve("auto") == "cuda:1"
    assert devices.resolve("auto", {"cuda:1": 1}) == "cuda:0"
    assert devices.resolve("auto", {"cuda:1": 1, "cuda:0": 1}) == "cuda:1"
    assert devices.resolve("cpu") == "cpu"
    monkeypatch.setattr(devices, "_find_graphics", list)
    monkeypatch.setattr(devices, "_cache", None)
    assert devices.resolve("auto") == "cpu"
    monkeypatch.setattr(devices, "_cache", None)


@pytest.mark.parametrize(
    "values",
    [
        {"dataset": "digits8", "hidden_sizes": (7, 5), "direct_connections": True},
        {"dataset": "digits8-grey", "hidden_sizes": (7,), "encoding": "normalized"},
        {"dataset": "digits8-grey", "hidden_sizes": (), "direct_connections": True},
        {"dataset": "digits8", "hidden_sizes": (), "head": "categorical"},
        {"dataset": "rings", "grid_size": 12, "hidden_sizes": (9,)},
        {"dataset": "rings", "grid_size": 12, "model": "naive", "hidden_sizes": (9, 8)},
        {"dataset": "rings", "grid_size": 12, "model": "marginals"},
    ],
)
def test_parameters_are_counted_as_the_model_has_them(values):
    from made.model import build_model

    config = ExperimentConfig.from_flat(values)
    info = datasets.info(config.data)
    model = build_model(config, info)
    size = count(config, info)
    assert size.num_weights + size.num_biases == sum(p.numel() for p in model.parameters())
    assert estimate(config, info).num_parameters == size.num_weights + size.num_biases


def test_what_cannot_fit_or_be_built_is_refused_with_a_reason():
    config = settings(hidden_sizes=(65_536,) * 16)
    info = datasets.info(config.data)
    huge = estimate(config, info)
    assert not huge.fits
    assert "choose smaller hidden layers" in huge.reason
    wrong = estimate(config.replace(model="naive"), info)
    assert not wrong.fits
    assert "naive" in wrong.reason
    small = estimate(settings(hidden_sizes=(16,)), info)
    assert small.fits
    assert small.reason == ""


def test_time_grows_with_the_work():
    info = datasets.info(settings().data)
    small = estimate(settings(), info, 1000)
    assert estimate(settings(), info, 100_000).seconds > 5 * small.seconds
    assert estimate(settings(epochs=30), info, 1000).seconds == pytest.approx(10 * small.seconds)
    assert estimate(settings(hidden_sizes=(8192,)), info, 1000).seconds > small.seconds


def test_figures_as_text():
    assert [duration_text(s) for s in (None, 0.2, 1, 40.4, 90, 3 * 3600, 7.2e5)] == [
        "an unknown time",
        "under 1 s",
        "about 1 s",
        "about 40 s",
        "about 1.5 min",
        "about 3 h",
        "about 8.3 days",
    ]
    assert [count_text(n) for n in (0, 999, 1000, 628_123, 999_960, 2.5e9)] == [
        "0",
        "999",
        "1k",
        "628k",
        "1M",
        "2.5G",
    ]
    assert [bytes_text(n) for n in (12, 2_500_000, 9.996e8)] == ["12 bytes", "2.5 MB", "1 GB"]


def test_a_status_written_by_jobs_is_read_by_the_page(in_process):
    run = jobs.start(settings(), "label", launcher=Nothing())
    assert Run.open(run.id).snapshot().device == "cpu"
    assert jobs.in_line(run)
    assert jobs.queue_place(run) == 0
    RunWriter(run).update(state="failed")
    assert jobs.waiting("cpu") == []
