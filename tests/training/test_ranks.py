"""Processes that share a minibatch do a slice each, wait for none in vain, and end together."""

from __future__ import annotations

import math
import os
import select
import socket
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import distributed

from made.setups.config import ExperimentConfig
from made.training import ranks, trainer
from made.training.events import EpochEnd
from made.training.ranks import SharedStep, TotalLoss, leave_out_unused
from made.training.steps import TrainingStep
from made.training.trainer import Trainer

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
