"""Several processes that share each minibatch do what one process does, and end together."""

from __future__ import annotations

import json
import math
import os
import select
import socket
import sys
from base64 import b64encode
from itertools import islice
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
import torch
from torch import distributed
from worker_process import EAGER, kill, log_of, settings, wait_for, wait_for_end

import made
from made import datasets, runs
from made.base import devices
from made.base.devices import Device
from made.base.errors import MadeError
from made.runs import jobs
from made.setups.config import ExperimentConfig
from made.training import parallel, ranks, trainer
from made.training.events import EpochEnd, Finished, Progress
from made.training.failures import TrainingFailure
from made.training.learner import Learner
from made.training.parallel import Group, pack, pack_event, pack_stored, unpack_event
from made.training.path import EnginePath
from made.training.ranks import SharedStep, TotalLoss, leave_out_unused
from made.training.state import BestWeights
from made.training.steps import TrainingStep
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
KINDS = [
    {},
    {"encoding": "embedding"},
    {"encoding": "embedding", "hidden_sizes": ()},
    {"encoding": "embedding", "hidden_sizes": (), "direct_connections": True},
    {"num_connectivities": 3, "direct_connections": True},
    {"residual_connections": True, "hidden_sizes": (8, 8), "ordering": "random"},
    {"head": "logistics", "dropout": 0.3, "num_orderings": 0, "ordering": "random"},
    {"autoregressive": False},
    {"model": "marginals"},
]


def small(**values) -> ExperimentConfig:
    return ExperimentConfig.from_flat({"hidden_sizes": (8, 7), "batch_size": 16} | values)


def some_rows(count: int, num_variables: int = 4, num_categories: int = 3) -> torch.Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(num_categories, (count, num_variables), generator=generator)


def gradients(step: TrainingStep, rows: torch.Tensor) -> tuple[float, list[torch.Tensor]]:
    """The loss of one minibatch and its gradients, without a move against them."""
    step.model.train()
    step.prepare(0)
    step.model.zero_grad()
    loss = step.loss(rows, 0)
    loss.backward()
    found = [parameter.grad for parameter in step.model.parameters()]
    return loss.item(), [torch.zeros(0) if grad is None else grad.clone() for grad in found]


@pytest.mark.parametrize(("num_processes", "num_rows"), [(2, 8), (2, 5), (3, 7), (3, 2), (4, 1)])
@pytest.mark.parametrize("values", [{"dropout": 0.4}, {"encoding": "embedding"}], ids=str)
def test_the_mean_over_the_processes_is_the_mean_over_the_rows(
    build, monkeypatch, num_processes: int, num_rows: int, values: dict
) -> None:
    rows, config = some_rows(num_rows), small(**values)
    model = build(**config.model.model_dump())
    loss, whole = gradients(TrainingStep(config, model, 9), rows)
    monkeypatch.setattr(distributed, "get_world_size", lambda: num_processes)
    parts = []
    for rank in range(num_processes):
        monkeypatch.setattr(distributed, "get_rank", lambda rank=rank: rank)
        step = SharedStep(config, model, 9)
        vars(step)["total_loss"] = TotalLoss(model)
        parts.append(gradients(step, rows))
    assert np.mean([part for part, _ in parts]) == pytest.approx(loss, rel=1e-5)
    for index, expected in enumerate(whole):
        mean = torch.stack([part[index] for _, part in parts]).mean(dim=0)
        torch.testing.assert_close(mean, expected)


@pytest.fixture
def alone():
    """A group of this process only."""
    store = distributed.HashStore()
    distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    yield
    distributed.destroy_process_group()


@pytest.mark.parametrize("values", KINDS, ids=str)
@pytest.mark.parametrize("num_variables", [1, 4])
def test_no_process_waits_for_a_parameter_without_gradient(
    alone, tiny_dataset, monkeypatch, values: dict, num_variables: int
) -> None:
    # Both tell of every step at once at the end of the epoch, however busy the machine is.
    monkeypatch.setattr(trainer, "REPORT_SECONDS", math.inf)
    config = small(epochs=2, look_ahead=0, **values)
    dataset = tiny_dataset(num_variables, 100 if values == {} else 3)
    shared = ranks.SharedTrainer(config, dataset)
    single = Trainer(config, dataset)
    for mine, other in zip(shared.events(), single.events(), strict=True):
        if isinstance(mine, EpochEnd):
            assert mine.figures["validation_nll"] == pytest.approx(other.figures["validation_nll"])
    assert shared.best_epoch == single.best_epoch


def test_only_an_idle_embedding_is_left_out(build) -> None:
    for direct in (True, False):
        model = build(encoding="embedding", hidden_sizes=(), direct_connections=direct)
        leave_out_unused(model, some_rows(3), 0)
        idle = {name for name, weight in model.named_parameters() if not weight.requires_grad}
        assert idle == (set() if direct else {"embedding"})
        assert all(weight.grad is None for weight in model.parameters())


def test_events_and_states_survive_the_way_to_the_worker() -> None:
    event = EpochEnd(3, 30, {"nll": float("inf")}, True, {"a": np.arange(4, dtype=np.uint32)})
    losses = np.float32([1, np.nan])
    for sent in (event, Progress(1, 2, losses, 3.5, None), Finished("done", {"n": 1})):
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
        return Group(ExperimentConfig(), ["cpu", "cpu"], None, tmp_path / "log.txt")

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


def test_a_process_ends_when_the_worker_hangs_up(monkeypatch) -> None:
    codes, seen = [], []
    mine, theirs = socket.socketpair()
    poll = select.poll()

    def wait(*patience: int) -> None:
        mine.sendall(b"next\n")
        seen.append(poll.poll(0))
        mine.close()
        seen.append(poll.poll(*patience))

    monkeypatch.setattr(os, "_exit", codes.append)
    monkeypatch.setattr(sys, "stdin", theirs)
    place = SimpleNamespace(poll=lambda: SimpleNamespace(register=poll.register, poll=wait))
    monkeypatch.setattr(ranks, "select", place)
    ranks.end_with_the_worker()
    assert codes == [0]
    assert seen[0] == [], "a word is no end"
    ((_, event),) = seen[1]
    assert event & select.POLLHUP
    theirs.close()


def test_several_gpus_are_those_from_the_named_one_on(monkeypatch) -> None:
    assert devices.group("cpu", 3) == ["cpu"] * 3
    graphics = [Device(f"cuda:{index}", "GPU", 10 + index) for index in range(3)]
    monkeypatch.setattr(devices, "_find_graphics", lambda: graphics)
    monkeypatch.setattr(devices, "_cache", None)
    assert devices.group("auto", 1) == ["cuda:2"]
    assert devices.group("auto", 2) == ["cuda:0", "cuda:1"]
    assert devices.group("cuda:1", 2) == ["cuda:1", "cuda:2"]
    for name, count in [("auto", 4), ("cuda:2", 2)]:
        with pytest.raises(MadeError, match=rf"wants {count} GPUs, .*choose fewer"):
            devices.group(name, count)
    with pytest.raises(MadeError, match="wants 4 GPUs"):
        made.train("digits8", num_devices=4)
    monkeypatch.setattr(devices, "_cache", None)


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
