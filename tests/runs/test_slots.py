"""Small runs share the CPU, a large one has it to itself, and nobody waits for ever."""

from __future__ import annotations

import pytest
import torch
from fake_training import build_learner
from worker_process import (
    BIG,
    Held,
    Nothing,
    hold,
    kill,
    settings,
    wait_for_end,
    wait_for_state,
)

from made import runs
from made.base.files import to_json, write_atomically
from made.runs import jobs, line, worker
from made.runs.folder import Run
from made.setups import cores

pytestmark = pytest.mark.usefixtures("folder", "in_process")


def begun(**values) -> Run:
    """A run in line, whose training stays at a step until it is let go."""
    return jobs.start(settings(epochs=100, **values), launcher=Held(990))


def finish(run: Run) -> None:
    hold(run, 0)
    assert wait_for_end(run) == "finished"


def test_small_runs_fill_the_slots_and_the_next_one_waits_for_any_of_them() -> None:
    first, second = begun(), begun()
    wait_for_state(first, "training")
    wait_for_state(second, "training")
    third, fourth = begun(), begun()
    wait_for_state(third, "queued")
    wait_for_state(fourth, "queued")
    assert [line.queue_place(run) for run in (first, second, third, fourth)] == [0, 0, 0, 1]
    finish(second)
    wait_for_state(third, "training")
    assert (first.state, fourth.state) == ("training", "queued")
    assert line.queue_place(fourth) == 0
    finish(third)
    wait_for_state(fourth, "training")
    assert [run.recorded.threads for run in (first, second, third, fourth)] == [1] * 4


def test_a_large_run_waits_for_all_slots_and_no_small_one_overtakes_it() -> None:
    first, second = begun(), begun()
    wait_for_state(first, "training")
    wait_for_state(second, "training")
    large = begun(**BIG)
    wait_for_state(large, "queued")
    behind = begun()
    wait_for_state(behind, "queued")
    assert [line.queue_place(run) for run in (large, behind)] == [0, 1]
    finish(first)
    assert [line.is_next(run, "cpu") for run in (large, behind)] == [True, False]
    finish(second)
    finish(large)
    finish(behind)
    assert second.recorded.ended <= large.recorded.started
    assert large.recorded.ended <= behind.recorded.started
    assert (large.recorded.threads, behind.recorded.threads) == (2, 1)


def test_the_slot_of_a_killed_run_is_free() -> None:
    first, second = begun(), begun()
    wait_for_state(first, "training")
    wait_for_state(second, "training")
    third = begun()
    wait_for_state(third, "queued")
    kill(first)
    wait_for_state(third, "training")
    assert (first.state, second.state) == ("interrupted", "training")


def test_several_processes_take_a_slot_each() -> None:
    first, shared = begun(), begun(num_devices=2)
    wait_for_state(first, "training")
    wait_for_state(shared, "queued")
    finish(first)
    wait_for_state(shared, "training")
    assert shared.recorded.threads == 1
    assert line.take("cpu", 1) is None


def test_who_gets_too_few_slots_holds_none() -> None:
    one = line.take("cpu", 1)
    assert one is not None
    assert line.take("cpu", 2) is None
    other = line.take("cpu", 1)
    assert other is not None
    assert line.take("cpu", 1) is None
    one.close()
    other.close()
    both = line.take("cpu", 2)
    assert both is not None
    both.close()


def test_a_gpu_has_one_run_at_a_time() -> None:
    held = line.take("cuda:0", 1)
    assert held is not None
    assert line.take("cuda:0", 1) is None
    held.close()


@pytest.fixture
def threads_used(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """With how many threads each training has begun."""
    used = []

    def build(*arguments):
        used.append(torch.get_num_threads())
        return build_learner(*arguments)

    monkeypatch.setattr(worker, "build_learner", build)
    return used


def paused_at_13(**values) -> Run:
    run = runs.create(settings(epochs=5, **values))

    def ask(event) -> None:
        if event.step == 13:
            jobs.pause(run)

    assert worker.execute(run, ask).state == "paused"
    return run


@pytest.mark.parametrize(("values", "threads"), [({}, 1), (BIG, 2)])
def test_a_run_goes_on_with_the_threads_that_it_began_with(
    values, threads, threads_used, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = torch.get_num_threads()
    run = paused_at_13(**values)
    assert run.recorded.threads == threads
    monkeypatch.setattr(cores, "num_cores", lambda: 8)
    monkeypatch.setattr(cores, "is_small", lambda config: False)
    assert worker.execute(run).state == "finished"
    assert threads_used == [threads, threads]
    assert run.recorded.threads == threads
    assert torch.get_num_threads() == before, "the process has its own number again"


def test_a_run_of_an_older_version_goes_on_with_all_cores(threads_used) -> None:
    run = paused_at_13()
    status = {name: value for name, value in vars(run.recorded).items() if name != "threads"}
    write_atomically(run.path / "status.json", to_json(status).encode())
    assert worker.execute(run).state == "finished"
    assert threads_used == [1, 2]
    assert run.recorded.threads == 0


def test_threads_are_recorded_before_a_worker_begins() -> None:
    assert jobs.start(settings(), launcher=Nothing()).recorded.threads == 1
