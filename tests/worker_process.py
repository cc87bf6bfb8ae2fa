"""Worker processes of the tests, and how to wait for what they do."""

import os
import signal
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import psutil
from fake_training import HOLD
from safetensors import safe_open

from made import runs
from made.base.files import write_atomically
from made.runs import line, worker
from made.runs.folder import LIVING
from made.runs.jobs import LocalLauncher
from made.setups.config import ExperimentConfig

QUICK = 1e-6
# A network that takes the whole CPU: see `made/setups/cores.py`.
BIG = {"hidden_sizes": (2048, 2048)}
FAKE = LocalLauncher((sys.executable, str(Path(__file__).with_name("fake_training.py"))))


def hold(run, step):
    """Let the fake trainer of a run, in whichever process, stay at a step; 0 lets it go on."""
    path = run.path / HOLD
    if step:
        write_atomically(path, str(step).encode(), durable=False)
    else:
        path.unlink(missing_ok=True)


class Held:
    """Launches the fake, which stays at a step until it is let go, however slow this process is."""

    def __init__(self, step):
        self.step = step

    def launch(self, run):
        hold(run, self.step)
        return FAKE.launch(run)


# A checkpoint after every epoch, however short, so that there is one to go on from.
EAGER = LocalLauncher(
    (
        sys.executable,
        "-c",
        "from made.runs import recorder, worker; recorder.EPOCH_CHECKPOINT_SECONDS = 0; "
        "recorder.WRITING_SHARE = 1e9; worker.main()",
    )
)


def killed_at(step):
    """The eager launcher of a worker that is killed as soon as it has written this very step."""
    code = (
        "import os\n"
        "from made.runs import recorder, worker\n"
        "from made.training import trainer\n"
        "trainer.REPORT_SECONDS = recorder.EPOCH_CHECKPOINT_SECONDS = 0\n"
        "recorder.WRITING_SHARE = 1e9\n"
        "write = recorder.Recorder.record\n"
        "def record(self, event):\n"
        "    write(self, event)\n"
        f"    if self.step == {step}:\n"
        f"        os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
        "recorder.Recorder.record = record\n"
        "worker.main()\n"
    )
    return LocalLauncher((sys.executable, "-c", code))


class Nothing:
    """Launches no process."""

    def launch(self, run):
        return None


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
    wait_for(lambda: run.state in states, f"{states} (now {run.status()}) {log_of(run)}")


def wait_for_end(run):
    wait_for(lambda: run.state not in LIVING and not run.is_alive, "the end")
    return run.state


def log_of(run):
    path = run.path / "log.txt"
    return path.read_text() if path.exists() else ""


def kill(run):
    pid = run.recorded.pid or 0
    if run.is_alive and pid and pid != os.getpid():
        os.kill(pid, signal.SIGKILL)
        wait_for(lambda: not run.is_alive, "the end of a killed worker")


@contextmanager
def still(every):
    """Let the workers of runs stand still, so that none sees what befalls another meanwhile."""
    processes = [psutil.Process(run.recorded.pid) for run in every]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in processes:
            with suppress(psutil.NoSuchProcess):
                process.resume()


def end_all(every):
    """Kill the workers of runs, also those that are on their way, and let none be called later."""
    for run in every:
        line.leave(run)
    for run in every:
        for pid in {run.recorded.pid, run.launched_pid} - {None, os.getpid()}:
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(pid)
                if any(
                    "fake_training" in word or "made.runs." in word for word in process.cmdline()
                ):
                    process.kill()
                    process.wait(10)


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
