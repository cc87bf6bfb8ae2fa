"""A run starts, waits in line, rests and goes on; two workers never share it."""

import os
import signal
import subprocess
import sys
import threading

import psutil
import pytest
from worker_process import (
    BIG,
    FAKE,
    Held,
    Nothing,
    assert_same_outcome,
    hold,
    kill,
    log_of,
    settings,
    undisturbed,
    wait_for,
    wait_for_end,
    wait_for_state,
)

from made import runs
from made.base.errors import MadeError
from made.runs import jobs, line, worker
from made.runs.folder import LIVING, Run
from made.runs.writer import RunWriter

pytestmark = pytest.mark.usefixtures("folder")


def test_a_run_trains_to_its_end_in_a_process_of_its_own():
    run = jobs.start(settings(), "three epochs", launcher=FAKE)
    assert run.state in LIVING | {"finished"}
    assert wait_for_end(run) == "finished"
    status = run.status()
    assert (status.epoch, status.step, status.device) == (3, 30, "cpu")
    assert status.message == "all epochs done"
    assert status.pid is None
    assert len(run.losses()) == 30
    assert [record["epoch"] for record in run.epochs()] == [1, 2, 3]
    assert run.checkpoints() == ["best", "last"]
    assert run.sample_epochs()[-1] == 3
    assert (run.samples()["samples"] == 1).all()
    assert "odd" not in run.result
    assert run.result["nll_nats"] == run.best_epoch["validation_nll"]
    assert line.queue_place(run) is None
    assert not list(run.path.glob(".*.tmp"))


def test_waiting_imports_no_torch():
    code = "import sys, made.runs.worker, made.setups.estimate; print('torch' in sys.modules)"
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


@pytest.mark.parametrize("ask", [jobs.pause, jobs.stop])
def test_a_run_that_rests_goes_on_as_if_it_never_had(ask, in_process):
    run = jobs.start(settings(epochs=5), launcher=Held(13))
    wait_for(lambda: len(run.losses()) >= 13, "progress")
    ask(run)
    assert wait_for_end(run) == {"pause": "paused", "stop": "stopped"}[ask.__name__]
    status = run.status()
    assert status.step == len(run.losses()) == 13
    assert run.checkpoint_metadata("last")["run_step"] == str(status.step)
    assert jobs.requested(run) is None
    hold(run, 0)
    jobs.resume(run, launcher=FAKE)
    assert wait_for_end(run) == "finished"
    assert_same_outcome(run, undisturbed(settings(epochs=5)))


def test_a_paused_run_can_be_stopped_and_still_resumed(in_process):
    run = jobs.start(settings(epochs=5), launcher=Held(13))
    wait_for(lambda: len(run.losses()) >= 13, "progress")
    jobs.pause(run)
    assert wait_for_end(run) == "paused"
    with run.lock():
        jobs.stop(run)
        assert run.state == "paused", "who has the lock is on the way to resume it"
    jobs.stop(run)
    assert run.state == "stopped"
    hold(run, 0)
    jobs.resume(run, launcher=FAKE)
    assert wait_for_end(run) == "finished"
    assert_same_outcome(run, undisturbed(settings(epochs=5)))


def test_requests_to_a_run_at_rest_have_no_effect(in_process):
    run = undisturbed(settings())
    jobs.stop(run)
    jobs.pause(run)
    assert jobs.requested(run) is None
    assert run.state == "finished"


def test_a_second_worker_leaves_the_first_alone():
    run = jobs.start(settings(epochs=100), launcher=Held(990))
    wait_for(lambda: len(run.losses()) > 0, "progress")
    pid = run.status().pid
    assert jobs.resume(run, launcher=FAKE).status().pid == pid
    second = FAKE.launch(run)
    wait_for(lambda: len(run.losses()) > 20, "progress")
    jobs.pause(run)
    assert wait_for_end(run) == "paused"
    steps = run.status().step
    wait_for(lambda: not psutil.pid_exists(second), "the end of the second worker")
    assert run.state == "paused"
    assert len(run.losses()) == run.status().step == steps


def test_two_resumes_at_once_give_one_worker():
    run = jobs.start(settings(epochs=100), launcher=Held(990))
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
    assert len(run.losses()) == run.status().step


def test_jobs_wait_in_line_and_start_in_order(in_process):
    config = settings(epochs=100, **BIG)
    first, second, third, fourth = (jobs.start(config, launcher=Held(990)) for _ in range(4))
    wait_for(lambda: len(first.losses()) > 0, "progress of the first")
    for run in (second, third, fourth):
        wait_for_state(run, "queued")
    assert [line.queue_place(run) for run in (first, second, third, fourth)] == [0, 0, 1, 2]
    kill(second)
    assert [line.queue_place(run) for run in (first, second, third, fourth)] == [0, None, 0, 1]
    jobs.pause(third)
    assert wait_for_end(third) == "paused"
    assert first.state == "training"
    assert len(third.losses()) == 0
    jobs.resume(third, launcher=FAKE)
    wait_for_state(third, "queued")
    assert [line.queue_place(run) for run in (fourth, third)] == [0, 1]
    kill(first)
    wait_for_state(fourth, "training")
    assert third.state == "queued"
    jobs.stop(third)
    assert wait_for_end(third) == "stopped"
    jobs.stop(fourth)
    assert wait_for_end(fourth) == "stopped"


def test_a_rest_while_queued_keeps_what_was_reached(in_process):
    config = settings(epochs=100, **BIG)
    run = jobs.start(config, launcher=Held(990))
    wait_for(lambda: len(run.losses()) > 12, "progress")
    jobs.pause(run)
    assert wait_for_end(run) == "paused"
    reached = run.status().step
    other = jobs.start(config, launcher=Held(990))
    wait_for_state(other, "training")
    jobs.resume(run, launcher=FAKE)
    wait_for_state(run, "queued")
    jobs.pause(run)
    assert wait_for_end(run) == "paused"
    assert run.status().step == reached


def test_sigterm_saves_and_pauses():
    run = jobs.start(settings(epochs=100), launcher=Held(990))
    wait_for(lambda: len(run.losses()) > 5, "progress")
    os.kill(run.status().pid, signal.SIGTERM)
    assert wait_for_end(run) == "paused"
    assert run.checkpoint_metadata("last")["run_step"] == str(len(run.losses()))


@pytest.mark.parametrize(("number", "state"), [(signal.SIGINT, "stopped"), (15, "paused")])
def test_signals_in_the_foreground(number, state, in_process):
    run = runs.create(settings(epochs=1000))

    def interrupt(event):
        if event.step == 7:
            signal.raise_signal(number)

    assert worker.execute(run, interrupt).state == state
    assert len(run.losses()) == run.status().step == 7


def test_a_status_written_by_jobs_is_read_by_the_page(in_process):
    run = jobs.start(settings(), "label", launcher=Nothing())
    assert Run.open(run.id).status().device == "cpu"
    assert line.in_line(run)
    assert line.queue_place(run) == 0
    RunWriter(run).update(state="failed")
    assert line.waiting("cpu") == []
