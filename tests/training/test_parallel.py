"""Several processes that share each minibatch do what one process does, and end together."""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from itertools import islice
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch
from worker_process import EAGER, kill, log_of, settings, wait_for, wait_for_end

import made
from made import datasets, runs
from made.base.errors import MadeError
from made.runs import jobs
from made.setups.config import ExperimentConfig
from made.training import parallel
from made.training.events import EpochEnd, Finished, Progress
from made.training.failures import TrainingFailure
from made.training.learner import Learner
from made.training.parallel import Group, pack, pack_event, pack_stored, unpack_event
from made.training.path import EnginePath
from made.training.state import BestWeights
from made.training.trainer import Trainer

# 101 leaves an uneven rest of the 1258 digits, and an odd one of each minibatch.
EVERYTHING = {
    "hidden_sizes": (32,),
    "num_connectivities": 2,
    "dropout": 0.3,
    "gradient_clip": 0.3,
    "ema_decay": 0.9,
    "weight_decay": 0.01,
    "batch_size": 101,
    "look_ahead": 0,
}


def test_events_and_states_survive_the_way_to_the_worker() -> None:
    event = EpochEnd(3, 30, {"nll": float("inf")}, True, {"a": np.arange(4, dtype=np.uint32)})
    losses = np.float32([1, np.nan])
    finished = Finished("done", {"n": 1}), Finished("done", {"n": 1}, np.float32([-3.5, -4]))
    for sent in (event, Progress(1, 2, losses, 3.5, None), *finished):
        came = unpack_event(parts_of(pack_event(sent)))
        assert type(came) is type(sent)
        for name, value in vars(sent).items():
            np.testing.assert_equal(getattr(came, name), value)
    values = {"weight": torch.arange(6.0).view(2, 3).T, "step": torch.tensor(7)}
    header, content = parts_of(pack_stored((values, {"epoch": "2"})))
    assert header == {"epoch": "2"}
    for name, value in parallel.tensors.load(content).items():
        assert torch.equal(value, values[name])


def parts_of(message: bytes) -> parallel.Message:
    size = parallel.LENGTHS.size
    head, _ = parallel.LENGTHS.unpack(message[:size])
    return json.loads(message[size : size + head]), message[size + head :]


# Speaks for all processes, without torch: answers words as it was told to, then ends.
STAND_IN = """
import base64, json, socket, sys
from pathlib import Path
answers, failures = json.loads(sys.argv[2]), json.loads(sys.argv[3])
channel = socket.socket(fileno=0)
for line in channel.makefile("rb"):
    if line.decode().strip() not in answers:
        break
    channel.sendall(base64.b64decode(answers[line.decode().strip()]))
for name, failure in failures.items():
    Path(sys.argv[1], name).write_text(json.dumps(failure))
"""


@pytest.fixture
def stand_in(monkeypatch, tmp_path):
    """A group whose processes are a stand-in that knows these answers and leaves these files."""

    def make(failures: dict | None = None, **answers: bytes) -> Group:
        path = EnginePath(device="cpu", precision="float32", num_mask_sets=1, is_sorted=True)
        answers = {"path": pack(vars(path)), **answers}
        texts = {word: b64encode(answer).decode() for word, answer in answers.items()}
        code = [sys.executable, "-c", STAND_IN]
        told = [json.dumps(texts), json.dumps(failures or {})]
        monkeypatch.setattr(parallel, "_command", lambda count, folder: [*code, folder, *told])
        return Group(ExperimentConfig(), ["cpu", "cpu"], None, tmp_path / "log.txt", 1)

    return make


def test_a_failure_of_the_first_process_comes_with_its_best_weights(stand_in) -> None:
    best = BestWeights(weights={"weight": torch.ones(2)}, epoch=1, validation_nll=2.5)
    failure = pack({"failure": "The loss is nan.", "step": 7})
    group = stand_in(next=failure, best=pack_stored(best.stored()))
    with pytest.raises(TrainingFailure, match="The loss is nan") as caught:
        next(group.events())
    assert caught.value.step == 7
    assert group.process.returncode == 0
    assert isinstance(group, Learner)
    kept = group.best_weights()
    assert torch.equal(kept.weights["weight"], best.weights["weight"])
    assert (kept.epoch, kept.validation_nll) == (1, 2.5)


def test_processes_that_end_leave_one_sentence(stand_in) -> None:
    with pytest.raises(MadeError, match=r"One of the 2 processes .* ended before the run"):
        next(stand_in().events())
    failures = {"failure-1.json": {"failure": "The memory of cuda:1 is used up.", "step": 3}}
    with pytest.raises(TrainingFailure, match="memory of cuda:1") as caught:
        next(stand_in(failures).events())
    assert caught.value.step == 3


@pytest.mark.usefixtures("folder")
def test_two_processes_learn_what_one_learns() -> None:
    outcomes = []
    for count in (1, 2):
        values = {**EVERYTHING, "schedule": "cosine", "epochs": 2, "num_devices": count}
        outcomes.append(made.train("digits8", device="cpu", progress=False, **values))
    one, two = outcomes
    assert len(one.run.losses()) == 2 * 13
    np.testing.assert_allclose(two.run.losses(), one.run.losses(), rtol=1e-4)
    for mine, other in zip(two.run.epochs(), one.run.epochs(), strict=True):
        for name in other.keys() - {"seconds"}:
            assert mine[name] == pytest.approx(other[name], rel=1e-4), name
    assert two.run.result["nll_nats"] == pytest.approx(one.run.result["nll_nats"], rel=1e-4)
    assert "2 processes" in two.run.recorded.engine


def processes_of(run: runs.Run) -> dict[str, psutil.Process]:
    """The processes that share the minibatches of a run, by their rank."""
    found = psutil.Process(run.recorded.pid).children(recursive=True)
    return {process.environ()["RANK"]: process for process in found if "RANK" in process.environ()}


def are_gone(processes: dict[str, psutil.Process]) -> bool:
    def is_gone(process: psutil.Process) -> bool:
        try:
            return process.status() == psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return True

    return all(map(is_gone, processes.values()))


@pytest.mark.usefixtures("folder")
def test_death_and_rest_of_any_process_leave_a_run_that_goes_on() -> None:
    config = settings(epochs=10**6, num_devices=2, pause=0.01, **EVERYTHING)
    run = jobs.start(config, launcher=EAGER)

    def progress() -> dict[str, psutil.Process]:
        """The processes, after more than an epoch with a checkpoint."""
        before = len(run.losses())
        wait_for(lambda: len(run.losses()) > before + 13 and run.checkpoints(), log_of(run))
        return processes_of(run)

    group = progress()
    assert set(group) == {"0", "1"}
    kill(run)
    assert run.state == "interrupted"
    wait_for(lambda: are_gone(group), "the end of processes without a worker")

    jobs.resume(run, launcher=EAGER)
    group = progress()
    group["1"].kill()
    assert wait_for_end(run) == "failed"
    assert run.status().message.startswith("One of the 2 processes that share the minibatches")
    assert "The checkpoint of step" in run.status().message
    assert are_gone(group)

    jobs.resume(run, launcher=EAGER)
    group = progress()
    jobs.pause(run)
    assert wait_for_end(run) == "paused", log_of(run)
    assert are_gone(group)

    reached = run.losses()
    single = Trainer(run.config, datasets.load(run.config.data))
    steps = (event for event in single.events() if isinstance(event, Progress))
    enough = islice(steps, 3)
    expected = np.concatenate([event.losses for event in enough])
    np.testing.assert_allclose(reached[: len(expected)], expected[: len(reached)], rtol=1e-3)


def test_the_package_is_found_from_any_folder(monkeypatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    paths = parallel._environment(ExperimentConfig(), 2)["PYTHONPATH"].split(":")
    assert paths == [str(Path(made.__file__).parents[1]), "elsewhere"]
