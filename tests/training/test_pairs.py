"""Counting the pairs of a minibatch changes how long a step takes, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from made import datasets
from made.setups.config import ExperimentConfig
from made.training.pairs import PairStep
from made.training.steps import TrainingStep
from made.training.trainer import Trainer

NUM_CATEGORIES = 6


def trainer(**settings: Any) -> Trainer:
    """A network that has learned something, of which every conditional depends on its input."""
    config = ExperimentConfig.from_flat(
        {
            "dataset": "rings",
            "num_samples": 1000,
            "grid_size": NUM_CATEGORIES,
            "hidden_sizes": (9, 8),
            "batch_size": 50,
            "device": "cpu",
        }
        | settings
    )
    found = Trainer(config, datasets.load(config.data), "cpu")
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in found.network.parameters():
            parameter += 0.3 * torch.randn(parameter.shape, generator=generator)
    found.network.hide_weights()
    found.network.train()
    return found


def loss_and_gradients(step: TrainingStep, rows: torch.Tensor, mask_set: int) -> list[torch.Tensor]:
    step.model.zero_grad()
    with step.model.trusted():
        loss = step.loss(rows, mask_set)
        loss.backward()
    return [loss.detach(), *(parameter.grad.clone() for parameter in step.model.parameters())]


@pytest.mark.parametrize(
    "settings",
    [
        {"encoding": "raw"},
        {"encoding": "one-hot", "direct_connections": True},
        {"encoding": "embedding"},
        {"encoding": "fourier", "ordering": "reversed"},
        {"encoding": "bits", "ordering": "random", "num_orderings": 2, "num_connectivities": 3},
    ],
)
@pytest.mark.parametrize("num_rows", [NUM_CATEGORIES - 1, 50])
def test_loss_and_gradients_are_those_of_the_examples_one_by_one(
    settings: dict[str, Any], num_rows: int
) -> None:
    made = trainer(**settings)
    assert isinstance(made.training_step, PairStep)
    plain = TrainingStep(made.config, made.network, num_steps=10)
    rows = made.train_rows[:num_rows].long()
    for mask_set in range(made.network.bank.cycle):
        counted = loss_and_gradients(made.training_step, rows, mask_set)
        for ours, theirs in zip(counted, loss_and_gradients(plain, rows, mask_set), strict=True):
            torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize(
    "settings",
    [
        {"dropout": 0.1},
        {"head": "logistics"},
        {"batch_size": NUM_CATEGORIES},
        {"autoregressive": False},
        {"dataset": "digits8"},
    ],
)
def test_what_differs_from_example_to_example_is_computed_example_by_example(
    settings: dict[str, Any],
) -> None:
    assert type(trainer(**settings).training_step) is TrainingStep
