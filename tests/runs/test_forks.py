"""A forked worker is a worker like any other, and without a parent one starts as ever."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from safetensors.numpy import load_file
from worker_process import FAKE, log_of, settings, wait_for, wait_for_end, wait_for_state

from made.runs import jobs
from made.runs.forks import ForkingLauncher, can_fork
from made.runs.jobs import LocalLauncher

pytestmark = [
    pytest.mark.usefixtures("folder"),
    pytest.mark.skipif(not can_fork(), reason="This system cannot fork a process with torch."),
]
RATE = 0.003


class Counted(LocalLauncher):
    """Starts nothing and counts how often it was asked to."""

    calls = 0

    def launch(self, run):
        self.calls += 1
        return os.getpid()


@pytest.fixture(scope="module")
def forking() -> Iterator[ForkingLauncher]:
    launcher = ForkingLauncher(Counted())
    launcher.warm_up()
    wait_for(launcher.is_ready, "the parent")
    yield launcher
    launcher.close()


def weights(run) -> dict[str, np.ndarray]:
    return load_file(run.checkpoint_path("last"))


@pytest.mark.parametrize("hidden", ["32", "2048,2048"])
def test_a_forked_worker_learns_the_same_weights_bit_for_bit(forking, hidden):
    # The larger network is trained with every core: a team of threads begins in the fork.
    config = settings(epochs=1, pause=RATE, hidden_sizes=hidden)
    forked, local = jobs.start(config, launcher=forking), jobs.start(config)
    assert [wait_for_end(run) for run in (forked, local)] == ["finished"] * 2, log_of(forked)
    assert weights(forked).keys() == weights(local).keys()
    for name, value in weights(local).items():
        np.testing.assert_array_equal(weights(forked)[name], value)
    assert (forked.losses() == local.losses()).all()
    assert forked.recorded.threads == local.recorded.threads
    assert forking.otherwise.calls == 0


def test_a_fork_stands_alone_and_obeys(forking):
    run = jobs.start(settings(epochs=100_000, look_ahead=0), launcher=forking)
    wait_for(lambda: len(run.losses()) > 0, "progress")
    process = psutil.Process(run.recorded.pid)
    assert os.getsid(process.pid) == process.pid
    assert process.nice() == 5
    assert not [name for name in open_files(process.pid) if name.startswith("socket:")]
    # Its parent goes, as it does with the dashboard; the run stays and can be paused.
    forking.close()
    process.send_signal(signal.SIGTERM)
    wait_for_state(run, "paused")
    wait_for(lambda: not psutil.pid_exists(process.pid), "the end of the process")
    forking.warm_up()
    wait_for(forking.is_ready, "the parent")


def open_files(pid: int) -> list[str]:
    return [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]


def test_a_worker_that_is_killed_leaves_no_zombie_and_resumes(forking):
    run = jobs.start(settings(epochs=100_000, look_ahead=0), launcher=forking)
    wait_for(lambda: len(run.losses()) > 0, "progress")
    pid = run.recorded.pid
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not psutil.pid_exists(pid), "the end of the process")
    assert run.state == "interrupted"
    jobs.resume(run, launcher=forking)
    wait_for_state(run, "training")
    jobs.stop(run)
    assert wait_for_end(run) == "stopped"


def test_without_a_ready_parent_a_worker_starts_otherwise():
    launcher = ForkingLauncher(FAKE)
    assert wait_for_end(jobs.start(settings(), launcher=launcher)) == "finished"
    launcher.warm_up()
    # It is loading still, and nobody waits for it.
    assert not launcher.is_ready()
    assert wait_for_end(jobs.start(settings(), launcher=launcher)) == "finished"
    launcher.close()


def test_a_parent_that_is_killed_is_replaced(forking):
    launcher = ForkingLauncher(Counted())
    launcher.warm_up()
    wait_for(launcher.is_ready, "the parent")
    first = launcher.parent_id()
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: not psutil.pid_exists(first), "the end of the parent")
    jobs.start(settings(), launcher=launcher)
    assert launcher.otherwise.calls == 1
    assert launcher.parent_id() not in (None, first), "the next launch is a fork again"
    launcher.close()


def test_a_parent_ends_with_who_holds_its_other_end():
    launcher = ForkingLauncher()
    launcher.warm_up()
    parent = launcher.parent_id()
    launcher.close()
    wait_for(lambda: not psutil.pid_exists(parent), "the end of the parent")


def test_what_comes_from_outside_is_read_by_a_process_of_its_own(forking, monkeypatch):
    launcher = ForkingLauncher(Counted())
    launcher._parent = forking._parent
    monkeypatch.setattr("made.setups.extensions.origins", lambda config: {"encoding": "mine"})
    monkeypatch.setattr("made.setups.extensions.require_importable", lambda config: None)
    jobs.start(settings(), launcher=launcher)
    assert launcher.otherwise.calls == 1


def test_elsewhere_nothing_is_forked(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    launcher = ForkingLauncher(Counted())
    launcher.warm_up()
    assert launcher.parent_id() is None
    jobs.start(settings(), launcher=launcher)
    assert launcher.otherwise.calls == 1
