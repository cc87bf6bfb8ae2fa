"""Whoever is far from its turn waits without a process, and is called whoever is killed."""

from __future__ import annotations

import pytest
from fake_training import HOLD
from worker_process import (
    BIG,
    FAKE,
    Held,
    hold,
    kill,
    settings,
    still,
    wait_for,
    wait_for_end,
    wait_for_state,
)

from made import runs
from made.base.errors import MadeError
from made.runs import calls, held, jobs, line, words
from made.runs.folder import Run

pytestmark = pytest.mark.usefixtures("folder", "in_process")


def begun(number: int) -> list[Run]:
    """Large runs, one behind the other; the first trains and stays at a step."""
    config = settings(epochs=100, **BIG)
    first = jobs.start(config, launcher=Held(990))
    wait_for_state(first, "training")
    return [first, *(jobs.start(config, launcher=Held(990)) for _ in range(number - 1))]


def processes(all_runs: list[Run]) -> list[bool]:
    return [run.is_alive for run in all_runs]


def test_those_at_the_head_alone_have_a_process() -> None:
    first, *waiting = begun(7)
    for run in waiting:
        wait_for_state(run, "queued")
    wait_for(lambda: processes(waiting)[: line.AHEAD] == [True] * line.AHEAD, "the first two")
    assert processes(waiting)[line.AHEAD :] == [False] * 4
    assert [run.is_uncalled for run in waiting] == [False] * line.AHEAD + [True] * 4
    assert [line.queue_place(run) for run in waiting] == list(range(6))
    hold(first, 0)
    assert wait_for_end(first) == "finished"
    wait_for_state(waiting[0], "training")
    wait_for(lambda: waiting[2].is_alive, "the process of who has moved up")
    assert processes(waiting[3:]) == [False] * 3


def test_all_come_to_their_end_in_the_order_of_the_line() -> None:
    every = begun(5)
    for run in every:
        hold(run, 0)
    for run in every:
        wait_for(lambda run=run: run.recorded.state == "finished", "the end")
    ended = [run.recorded.ended for run in every]
    assert ended == sorted(ended)
    assert line.waiting("cpu") == []


def test_the_line_goes_on_when_all_who_wait_are_killed() -> None:
    every = first, *waiting = begun(4)
    wait_for(lambda: processes(waiting) == [True, True, False], "the processes")
    for run in waiting[: line.AHEAD]:
        wait_for(lambda run=run: run.recorded.pid is not None, "the word of who waits")
    with still(every[: 1 + line.AHEAD]):
        for run in waiting[: line.AHEAD]:
            kill(run)
        assert [run.state for run in waiting] == ["interrupted", "interrupted", "queued"]
    hold(waiting[2], 0)
    hold(first, 0)
    assert wait_for_end(waiting[2]) == "finished"


def test_the_line_goes_on_when_everybody_is_killed_and_somebody_looks() -> None:
    every = begun(4)
    wait_for(lambda: processes(every) == [True, True, True, False], "the processes")
    *called, last = every
    for run in called:
        wait_for(lambda run=run: run.recorded.pid is not None, "the word of who waits")
    with still(called):
        for run in called:
            kill(run)
    assert last.state == "queued"
    hold(last, 0)
    calls.call_next(FAKE)
    assert wait_for_end(last) == "finished"


def test_who_was_called_and_died_is_not_called_again() -> None:
    third = begun(3)[-1]
    wait_for(lambda: third.recorded.pid is not None, "the word of the last")
    kill(third)
    calls.call_next(FAKE)
    assert third.state == "interrupted"
    assert not third.is_alive
    assert jobs.resume(third, launcher=FAKE).state in ("starting", "queued")


@pytest.mark.parametrize(("ask", "state"), [(jobs.pause, "paused"), (jobs.stop, "stopped")])
def test_a_run_without_a_process_rests_at_once_and_comes_back(ask, state: str) -> None:
    *_, last = begun(4)
    assert last.is_uncalled
    ask(last)
    assert last.state == state
    assert not line.in_line(last)
    assert jobs.requested(last) is None
    jobs.resume(last, launcher=FAKE)
    assert last.is_uncalled
    assert line.queue_place(last) == 2


def test_a_run_that_is_to_be_held_is_told_so_before_it_is_called() -> None:
    begun(3)
    run = held.start(settings(epochs=5, **BIG), launcher=FAKE)
    assert run.is_uncalled
    _, word = words.oldest(run)
    assert word == "hold"


def test_a_run_without_a_process_is_deleted_once_it_is_stopped() -> None:
    *_, last = begun(4)
    with pytest.raises(MadeError):
        runs.delete(last)
    jobs.stop(last)
    runs.delete(last)
    assert not last.path.exists()


def test_a_run_that_waits_without_a_ticket_was_lost() -> None:
    *_, last = begun(4)
    assert (last.path / HOLD).exists()
    line.leave(last)
    assert last.state == "interrupted"
