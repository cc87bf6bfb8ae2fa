"""Runs on a Ray cluster of two nodes: what Ray schedules, loses and finds again.

All nodes are processes of this machine, each with room for one run, and share its runs folder.
"""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from types import SimpleNamespace

import psutil
import pytest
from worker_process import (
    assert_same_outcome,
    hold,
    log_of,
    settings,
    undisturbed,
    wait_for,
    wait_for_end,
)

from made import runs
from made.base.errors import MadeError
from made.base.places import PROJECT
from made.commands import main
from made.runs import handed, jobs, launchers
from made.runs.folder import LIVING, Run
from made.runs.ray_launcher import RayLauncher
from made.setups import extensions
from made.studies import conductor, control
from made.studies.conductor import conduct
from made.studies.progress import progress
from made.studies.study import Study

ray = pytest.importorskip("ray", reason='Ray is not installed: pip install ".[ray]".')

pytestmark = [
    pytest.mark.usefixtures("nothing_shipped"),
    pytest.mark.xdist_group("ray"),
    # Ray leaves open what its own processes write to.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore:::ray"),
]
MEMORY = 80 * 2**20


@pytest.fixture(scope="module")
def cluster() -> Iterator[SimpleNamespace]:
    """A head and another node, with one CPU each."""
    from ray.cluster_utils import Cluster

    size = {"num_cpus": 1, "object_store_memory": MEMORY}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")  # a test tells nobody that it was run
        made = Cluster(initialize_head=True, head_node_args=size)
        other = made.add_node(**size)
        yield SimpleNamespace(address=made.address, engine=made, other=other, size=size)
        made.shutdown()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """One runs folder for all tests, so that its keeper and the Ray workers are started once."""
    launcher = RayLauncher()
    yield SimpleNamespace(folder=tmp_path_factory.mktemp("runs"), launcher=launcher)
    launcher.close()


@pytest.fixture
def launcher(
    cluster: SimpleNamespace, shared: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> Iterator[RayLauncher]:
    """Runs on the cluster, with the trainer of a few lines."""
    monkeypatch.setenv("MADE_RUNS_DIR", str(shared.folder))
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(PROJECT), str(PROJECT / "tests")]))
    monkeypatch.setenv("MADE_EXTENSIONS", "fake_on_nodes")
    shared.launcher.queue.forget_nodes()
    yield shared.launcher
    for run in runs.list_runs():
        hold(run, 0)
        jobs.stop(run)
    for run in runs.list_runs():
        wait_for_end(run)
        runs.delete(run)


def start_held(launcher: RayLauncher, step: int, **values) -> Run:
    """A run that stays at a step until it is let go."""

    class Held:
        queue = launcher.queue

        def launch(self, run: Run) -> None:
            hold(run, step)
            launcher.launch(run)

    return jobs.start(settings(**values), launcher=Held())


def wait_until_held(*held: Run) -> None:
    wait_for(lambda: all(len(run.losses()) >= 13 for run in held), "the step of the held runs")


def test_a_study_of_twelve_runs_is_scheduled_by_ray_alone(launcher) -> None:
    varied = {"encoding": ["raw", "bits", "one-hot"]}
    stored = control.create(Study.make("twelve", settings(), varied, range(10, 14)))
    most = 0

    def look() -> None:
        nonlocal most
        most = max(most, progress(stored).living)

    assert conduct(stored, launcher=launcher, on_look=look) == "ended"
    assert [run.state for run in stored.runs()] == ["finished"] * 12
    assert most > 6, "all wait at Ray, and none is a process that waits here"
    assert not list((runs.runs_folder() / ".line").glob("*/*")), "our line is not entered"
    assert len({run.recorded.node for run in stored.runs()}) == 2, "both nodes trained"


def test_a_full_cluster_lets_runs_wait_which_can_be_taken_back(launcher) -> None:
    first, second = (start_held(launcher, 13, epochs=5) for _ in range(2))
    wait_until_held(first, second)
    third, fourth = (jobs.start(settings(epochs=5), launcher=launcher) for _ in range(2))
    assert (third.state, fourth.state) == ("queued", "queued")
    assert third.status().message == handed.WAITS
    with pytest.raises(MadeError, match="stop it first"):
        runs.delete(third)
    jobs.stop(third)
    jobs.pause(first)
    assert third.state == "stopped", "nobody has to reach it for that"
    hold(first, 0)
    assert wait_for_end(first) == "paused"
    assert wait_for_end(fourth) == "finished"
    assert not third.epochs(), "what was taken back is never begun"
    hold(second, 0)
    jobs.resume(first, launcher=launcher)
    jobs.resume(third, launcher=launcher)
    assert [wait_for_end(run) for run in (first, second, third)] == ["finished"] * 3
    assert list(first.losses()) == list(fourth.losses()), "as if it had never been paused"


def test_whoever_launched_a_run_may_die(launcher) -> None:
    run = start_held(launcher, 13, epochs=3)
    wait_until_held(run)
    door = psutil.Process(launcher.door.process_id())
    door.kill()
    door.wait(10)
    hold(run, 0)
    assert wait_for_end(run) == "finished"
    again = jobs.start(settings(), launcher=launcher)
    assert launcher.door.process_id() != door.pid
    assert wait_for_end(again) == "finished"


def test_a_lost_process_goes_on_from_its_checkpoint_and_tells_so(launcher, in_process) -> None:
    calm = undisturbed(settings(epochs=3))
    run = start_held(launcher, 13, epochs=3)
    wait_until_held(run)
    os.kill(run.recorded.pid, signal.SIGKILL)
    hold(run, 0)
    assert wait_for_end(run) == "finished"
    assert "was lost" in run.recorded.node
    assert "goes on from the last checkpoint" in log_of(run)
    assert list(run.losses()) == list(calm.losses())


@pytest.mark.long
def test_a_process_that_is_told_to_go_leaves_a_checkpoint_of_its_very_step(launcher) -> None:
    run = start_held(launcher, 13, epochs=3)
    wait_until_held(run)
    os.kill(run.recorded.pid, signal.SIGTERM)
    wait_for(lambda: run.reached().step == 13, "the checkpoint")
    hold(run, 0)
    assert wait_for_end(run) == "finished"
    assert run.result["steps"] == 30


@pytest.mark.long
def test_the_keeper_of_a_folder_comes_back_and_brings_all_runs_along(launcher, cluster) -> None:
    first, second = (start_held(launcher, 13, epochs=5) for _ in range(2))
    wait_until_held(first, second)
    third = jobs.start(settings(), launcher=launcher)
    keeper = next(
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if "Keeper" in " ".join(process.info["cmdline"] or [])
        and process.environ().get("MADE_RUNS_DIR") == str(runs.runs_folder())
    )
    keeper.kill()
    for run in (first, second):
        hold(run, 0)
    assert [wait_for_end(run) for run in (first, second, third)] == ["finished"] * 3


def test_a_killed_node_costs_a_run_at_most_what_follows_its_checkpoint(launcher, cluster) -> None:
    held = [start_held(launcher, 13, epochs=4) for _ in range(2)]
    wait_until_held(*held)
    name = cluster.other.node_id[:6]
    lost = next(run for run in held if run.recorded.node.endswith(name))
    cluster.engine.remove_node(cluster.other, allow_graceful=False)
    cluster.other = cluster.engine.add_node(**cluster.size)
    for run in held:
        hold(run, 0)
    assert [wait_for_end(run) for run in held] == ["finished"] * 2
    assert f"{name} was lost" in lost.recorded.node
    assert list(lost.losses()) == list(held[held.index(lost) - 1].losses())


def test_a_cancelled_study_is_at_rest_at_once(launcher, monkeypatch) -> None:
    monkeypatch.setattr(conductor, "POLL_SECONDS", 0.1)
    stored = control.create(
        Study.make(
            "many",
            settings(epochs=10_000, pause=0.01),
            {"encoding": ["raw", "bits"]},
            range(20, 26),
        )
    )

    def look() -> None:
        if any(run.state == "training" for run in stored.runs()):
            stored.ask("stop")

    assert conduct(stored, launcher=launcher, on_look=look) == "stopped"
    for run in stored.runs():
        wait_for_end(run)
    assert {run.state for run in stored.runs()} == {"stopped"}
    assert not [run for run in stored.runs() if run.state in LIVING]


def test_the_command_line_follows_a_run_on_the_cluster(launcher, monkeypatch, capsys) -> None:
    monkeypatch.setitem(launchers.LAUNCHERS, "ray", launcher)
    # What the nodes are to import would let this process train with the few lines for ever.
    monkeypatch.setattr(extensions, "load", lambda: None)
    asked = ["train", "--dataset", "digits8", "--epochs", "2", "--learning-rate", "1e-6"]
    assert main([*asked, "--device", "cpu", "--launcher", "ray", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["status"] == "finished"
    assert Run.open(printed["id"]).recorded.node
    with pytest.raises(MadeError, match=r"no launcher 'slurm': choose local or ray"):
        launchers.chosen("slurm")


@pytest.mark.long
def test_a_run_goes_to_the_node_that_has_all_of_its_gpus(launcher, cluster) -> None:
    nodes = [cluster.engine.add_node(**cluster.size, num_gpus=num_gpus) for num_gpus in (1, 2)]
    launcher.queue.forget_nodes()
    run = jobs.start(settings(device="auto", num_devices=2), launcher=launcher)
    assert wait_for_end(run) == "finished"
    assert run.recorded.device == "cuda:0"
    assert run.recorded.node.endswith(nodes[-1].node_id[:6])
    for node in nodes:
        cluster.engine.remove_node(node)


@pytest.mark.long
def test_a_run_on_the_cluster_learns_what_it_learns_here(cluster, folder, monkeypatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", cluster.address)
    large = cluster.engine.add_node(**{**cluster.size, "num_cpus": 2})
    launcher = RayLauncher()
    launcher.queue.forget_nodes()
    try:
        for num_devices in (1, 2):
            config = settings(epochs=2, pause=0.003, num_devices=num_devices, hidden_sizes="32")
            there = jobs.start(config, launcher=launcher)
            here = jobs.start(config)
            assert [wait_for_end(run) for run in (there, here)] == ["finished"] * 2, log_of(there)
            assert_same_outcome(there, here)
            assert bool(there.recorded.node) > bool(here.recorded.node)
    finally:
        launcher.close()
        cluster.engine.remove_node(large)


def test_what_no_node_can_ever_train_is_refused_before_there_is_a_run(launcher) -> None:
    with pytest.raises(MadeError, match=r"2 GPUs on one node, and no node .* more than 0"):
        jobs.start(settings(device="cuda:0", num_devices=2), launcher=launcher)
    with pytest.raises(MadeError, match="more than 1 CPUs: choose fewer devices"):
        jobs.start(settings(num_devices=3), launcher=launcher)
    assert not runs.list_runs()


@pytest.mark.usefixtures("folder")
def test_a_cluster_that_is_not_there_is_told_in_a_sentence(monkeypatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:9")
    launcher = RayLauncher()
    with pytest.raises(MadeError, match=r"No Ray cluster answers at '127.0.0.1:9'.*ray start"):
        jobs.start(settings(), launcher=launcher)
    assert not runs.list_runs()
    launcher.close()
