"""What is told of runs that an engine executes, from the files alone."""

from __future__ import annotations

import os
import socket
import time

import psutil
import pytest
from worker_process import settings, wait_for

from made import runs
from made.base.errors import MadeError
from made.runs import handed, heartbeat, jobs, launchers, line, ray_launcher, ray_task, worker
from made.runs.folder import Run
from made.runs.handed import Ticket
from made.runs.queues import LINE, queue_of
from made.runs.ray_launcher import Door, RayQueue
from made.runs.turn import given
from made.runs.writer import RunWriter
from made.views import run_views

pytestmark = pytest.mark.usefixtures("folder", "two_cores")
LONG_AGO = time.time() - 2 * handed.SILENT_SECONDS


class Nodes(Door):
    """A cluster of nodes with so many CPUs and GPUs each, which takes runs and does nothing."""

    def __init__(self, *nodes: tuple[float, float]) -> None:
        super().__init__()
        self.nodes = [{"cpus": cpus, "gpus": gpus} for cpus, gpus in nodes]

    def ask(self, request):
        return {"nodes": self.nodes, "followed": 1}


class Cluster:
    def __init__(self, *nodes: tuple[float, float]) -> None:
        self.queue = RayQueue(Nodes(*nodes))

    def launch(self, run: Run) -> None:
        handed.beat(run.path.parent)


def started(*nodes: tuple[float, float], **values) -> Run:
    return jobs.start(settings(**values), launcher=Cluster(*(nodes or [(4, 0)])))


def age(run: Run, name: str) -> None:
    os.utime(run.path.parent / handed.FOLDER / name, (LONG_AGO, LONG_AGO))


def test_a_run_waits_as_long_as_the_cluster_answers_for_it() -> None:
    run = started()
    assert (run.state, run.status().message) == ("queued", handed.WAITS)
    assert line.queue_place(run) is None
    assert run_views.progress_line(run, run.status(), None) == handed.WAITS
    age(run, run.id)
    assert run.state == "queued", "the keeper answers for it, however long it waits"
    age(run, handed.HEARTBEAT)
    assert (run.state, run.status().message) == ("interrupted", handed.NO_ANSWER)
    handed.leave(run.path)
    assert run.state == "interrupted"


def test_a_run_on_a_node_lives_whatever_its_lock_says_until_the_node_is_silent() -> None:
    run = started()
    assert handed.begin(run.path, "a") == Ticket(cpus=1)
    assert handed.read(run.path) == Ticket(cpus=1, node="a", tries=1)
    RunWriter(run).update(state="training", epoch=2)
    assert (run.state, run.status().epoch) == ("training", 2)
    age(run, run.id)
    assert run.state == "queued"
    assert "The node a that trained it does not answer" in run.status().message
    with heartbeat.beating(run.path):
        assert run.state == "training", "it shows a sign of life"
    handed.begin(run.path, "b")
    with pytest.raises(MadeError, match="executed by a cluster: watch it there, or stop it"):
        worker.execute(run)
    with pytest.raises(MadeError, match="stop it first"):
        runs.delete(run)


def test_what_no_node_has_is_taken_back_at_once_and_what_one_has_is_asked() -> None:
    waits, trains, lost = started(seed=1), started(seed=2), started(seed=3)
    for run in (trains, lost):
        handed.begin(run.path, "a")
        RunWriter(run).update(state="training")
    age(lost, lost.id)
    jobs.stop(waits)
    jobs.pause(lost)
    jobs.stop(trains)
    assert (waits.state, lost.state, trains.state) == ("stopped", "paused", "training")
    assert [handed.is_there(run.path) for run in (waits, lost, trains)] == [False, False, True]
    assert jobs.requested(trains) == "stop"
    assert jobs.requested(waits) is None


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[]", b'{"cpus": "x", "gpus": -1, "tries": 1e9}']
)
def test_a_broken_ticket_asks_for_one_cpu(content: bytes) -> None:
    run = started()
    (run.path.parent / handed.FOLDER / run.id).write_bytes(content)
    assert handed.read(run.path) == Ticket()
    assert list(handed.ids(run.path.parent)) == [run.id]
    assert run.state == "queued"


@pytest.mark.parametrize(
    ("nodes", "values", "device", "threads", "ticket"),
    [
        ([(4, 0)], {}, "cpu", 1, Ticket(cpus=1)),
        ([(1, 0), (4, 0)], {"hidden_sizes": (2048, 2048)}, "cpu", 4, Ticket(cpus=4)),
        ([(64, 0)], {"hidden_sizes": (2048, 2048)}, "cpu", 8, Ticket(cpus=8)),
        ([(4, 0)], {"num_devices": 2}, "cpu", 1, Ticket(cpus=2)),
        ([(8, 0), (4, 2)], {"device": "auto"}, "cuda:0", 0, Ticket(cpus=1, gpus=1)),
        ([(4, 2)], {"device": "cuda:7", "num_devices": 2}, "cuda:0", 0, Ticket(cpus=2, gpus=2)),
        ([(4, 1)], {"device": "auto", "num_devices": 2}, "cpu", 1, Ticket(cpus=2)),
    ],
)
def test_a_run_asks_for_what_its_configuration_needs(
    nodes, values, device, threads, ticket
) -> None:
    run = started(*nodes, **values)
    assert (run.recorded.device, run.recorded.threads) == (device, threads)
    assert handed.read(run.path) == ticket


def test_what_no_node_can_train_is_no_run() -> None:
    with pytest.raises(MadeError, match=r"wants 2 GPUs on one node, .* more than 1"):
        started((4, 1), (4, 1), device="cuda:0", num_devices=2)
    with pytest.raises(MadeError, match=r"3 processes, and no node .* more than 2 CPUs"):
        started((2, 0), (2, 0), num_devices=3)
    assert not runs.list_runs()


def test_who_executes_runs_is_said_or_else_named_by_the_environment(monkeypatch) -> None:
    for name in (launchers.VARIABLE, launchers.ADDRESS):
        monkeypatch.delenv(name, raising=False)
    assert (launchers.chosen_name(), launchers.elsewhere()) == ("local", "")
    monkeypatch.setenv(launchers.ADDRESS, "10.0.0.1:6379")
    assert launchers.chosen_name() == "ray"
    assert launchers.elsewhere() == "on the Ray cluster 10.0.0.1:6379"
    assert launchers.chosen_name("local") == "local"
    monkeypatch.setenv(launchers.VARIABLE, "local")
    mine = Cluster((1, 0))
    assert launchers.chosen(local=mine) is mine
    assert queue_of(launchers.chosen()) is LINE
    assert launchers.chosen("ray").queue.is_endless
    monkeypatch.setenv(launchers.VARIABLE, "slurm")
    with pytest.raises(MadeError, match="no launcher 'slurm': choose local or ray"):
        launchers.chosen()


@pytest.mark.usefixtures("in_process")
def test_a_run_that_was_stopped_is_not_executed_again() -> None:
    run = started()
    # Its process was lost before it gave the ticket back.
    RunWriter(run).update(state="stopped")
    ray_task.execute(run.id, "b", {})
    assert (run.state, run.epochs()) == ("stopped", [])
    assert not handed.is_there(run.path)


def test_who_is_told_to_stop_while_the_cluster_is_silent_does_not_come_back() -> None:
    for state in ("paused", "queued", "training"):
        run = started()
        RunWriter(run).update(state=state)
        for name in (run.id, handed.HEARTBEAT):
            age(run, name)
        jobs.stop(run)
        assert (run.state, handed.is_there(run.path)) == ("stopped", False), state
        handed.beat(run.path.parent)


def test_a_deleted_run_leaves_no_ticket() -> None:
    run = started()
    for name in (run.id, handed.HEARTBEAT):
        age(run, name)
    runs.delete(run)
    assert not handed.is_there(run.path)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize("person", [None, "stop", "pause"])
def test_the_word_of_a_person_goes_before_that_of_a_node_that_goes(person: str | None) -> None:
    run = started(epochs=3)
    one = worker.Worker(run, take_turn=given, waits=handed.WAITS)

    def told(event: object) -> None:
        if len(run.losses()) == 13:
            one.request = "pause"
            if person:
                (run.path / "request").write_text(person)

    one.on_event = told
    with run.lock():
        one.execute()
    expected = {None: "queued", "stop": "stopped", "pause": "paused"}[person]
    assert run.recorded.state == expected
    assert (run.recorded.ended is None) == (person is None)
    assert run.reached("last").step == 13


@pytest.mark.usefixtures("in_process")
def test_who_has_lost_the_run_to_another_node_writes_nothing_more() -> None:
    run = started(epochs=3)
    state: dict[str, bytes] = {}

    def is_mine() -> bool:
        if len(run.losses()) < 13:
            return True
        state.setdefault("status", (run.path / "status.json").read_bytes())
        return False

    with run.lock():
        worker.Worker(run, take_turn=given, is_mine=is_mine).execute()
    assert (run.path / "status.json").read_bytes() == state["status"]
    assert len(run.losses()) == 13
    assert run.reached("last").step == 10


def test_a_ticket_says_what_the_run_needs_from_outside(monkeypatch) -> None:
    needs = {"PYTHONPATH": "/somewhere", "MADE_EXTENSIONS": "mine"}
    monkeypatch.setattr(ray_launcher.extensions, "environment", lambda config: needs)
    run = started()
    assert handed.read(run.path).environment == needs


def test_a_cluster_that_does_not_answer_is_given_up_and_its_door_is_gone(monkeypatch) -> None:
    monkeypatch.setitem(ray_launcher.REPLY_SECONDS, "nodes", 0.2)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{deaf.getsockname()[1]}")
        door = Door()
        before = set(psutil.Process().children())
        with pytest.raises(OSError, match="does not answer"):
            door.ask({"do": "nodes"})
    wait_for(lambda: set(psutil.Process().children()) <= before, "the end of the door")
