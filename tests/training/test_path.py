"""What is said of the way a run computes is what its trainer does."""

from __future__ import annotations

import pytest
import torch

from made.setups.config import ExperimentConfig
from made.training.path import EnginePath
from made.training.trainer import Trainer

SMALL = {"hidden_sizes": (8,), "epochs": 1}
STAIRCASE = "cpu · float32 · one mask set, products below the staircase only · no graph"


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({}, STAIRCASE),
        ({"ordering": "random"}, STAIRCASE),
        ({"num_connectivities": 4}, "cpu · float32 · cycle of 4 mask sets · no graph"),
        (
            {"ordering": "random", "num_orderings": 3, "num_connectivities": 2},
            "cpu · float32 · cycle of 6 mask sets · no graph",
        ),
        (
            {"ordering": "random", "num_orderings": 0, "precision": "bfloat16"},
            "cpu · bfloat16 · fresh mask sets · no graph",
        ),
        ({"autoregressive": False}, "cpu · float32 · no masks · no graph"),
        ({"model": "marginals", "precision": "bfloat16"}, "cpu · float32 · no masks · no graph"),
    ],
)
def test_the_path_of_a_configuration(tiny_dataset, values: dict, line: str) -> None:
    trainer = Trainer(ExperimentConfig().replace(**SMALL, **values), tiny_dataset(4))
    assert trainer.path.describe() == line


def test_a_sorted_network_is_called_so(tiny_dataset) -> None:
    for count in (1, 2):
        config = ExperimentConfig().replace(**SMALL, num_connectivities=count)
        trainer = Trainer(config, tiny_dataset(4))
        assert trainer.path.is_sorted == trainer.network.is_sorted == (count == 1)
        assert trainer.path.num_mask_sets == count


def test_products_are_made_in_the_precision_that_is_said(tiny_dataset) -> None:
    config = ExperimentConfig().replace(**SMALL, precision="bfloat16")
    trainer = Trainer(config, tiny_dataset(4))
    assert trainer.path.precision == "bfloat16"
    assert trainer.network.precision == torch.bfloat16


def test_graphs_and_processes_are_named() -> None:
    path = EnginePath(
        device="cuda:0",
        precision="bfloat16",
        num_mask_sets=1,
        is_sorted=True,
        is_graph=True,
        num_processes=2,
    )
    assert path.describe() == (
        "cuda:0 · bfloat16 · one mask set, products below the staircase only · CUDA graph · "
        "2 processes"
    )
