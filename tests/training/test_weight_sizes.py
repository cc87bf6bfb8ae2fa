"""The size of each layer's weights: of those that the masks keep, in every layout."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from made import datasets
from made.model.reach import Reach
from made.setups.build import build_network
from made.setups.config import ExperimentConfig
from made.training.weight_sizes import weight_sizes


def network_of(**settings):
    config = ExperimentConfig.from_flat(
        {"dataset": "digits8", "hidden_sizes": (20, 12), **settings}
    )
    return build_network(config, datasets.info(config.data))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"ordering": "random", "direct_connections": True},
        {"dataset": "rings", "grid_size": 70, "encoding": "one-hot"},
        {"autoregressive": False},
    ],
)
def test_only_kept_weights_count(settings):
    network = network_of(**settings)
    generator = torch.Generator().manual_seed(0)
    stored = {
        name: torch.randn(value.shape, generator=generator)
        for name, value in network.state_dict().items()
    }
    network.load_state_dict(stored)
    sizes = weight_sizes(network)
    kept = network.state_dict()
    names = {name: name.replace("hidden_weights.", "rms_hidden_") for name in kept}
    names |= {"output_weight": "rms_output", "direct_weight": "rms_direct"}
    found = {names[name]: value for name, value in kept.items() if names[name] in sizes}
    assert found.keys() == sizes.keys()
    reach = Reach(network.bank.mask_set(0), bool(settings.get("direct_connections")))
    shares = {f"rms_hidden_{layer}": share for layer, share in enumerate(reach.shares_kept()[:-1])}
    shares |= {"rms_output": reach.shares_kept()[-1], "rms_direct": reach.direct_share_kept()}
    for name, weight in found.items():
        squares = float(weight.double().square().sum())
        expected = np.sqrt(squares / max(1, round(shares[name] * weight.numel())))
        assert sizes[name] == pytest.approx(expected)


def test_weights_that_mask_sets_share_count_whole():
    network = network_of(num_orderings=3, ordering="random")
    stored = network.state_dict()["hidden_weights.0"]
    expected = float(stored.double().square().mean().sqrt())
    assert weight_sizes(network)["rms_hidden_0"] == pytest.approx(expected)


def test_a_baseline_has_none():
    assert weight_sizes(network_of(dataset="rings", model="naive")) == {}
