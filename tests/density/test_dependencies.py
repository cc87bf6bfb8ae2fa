"""What an output may see, does see and moves: zero where no path leads, and right elsewhere."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from made.density import dependencies
from made.model.settings import ModelConfig


def seen(network, mask_set: int = 0) -> np.ndarray:
    settings = ModelConfig(direct_connections=getattr(network, "direct_weight", None) is not None)
    return dependencies.may_see(settings, network.bank.mask_set(mask_set))


def some_row(network, seed: int = 0) -> np.ndarray:
    size = network.num_variables
    return np.random.default_rng(seed).integers(network.num_categories, size=size)


def outcome(network, log_probs: np.ndarray, row: np.ndarray) -> np.ndarray:
    """The logit of two categories, log p of the value of more; (D,)."""
    if network.num_categories == 2:
        return log_probs[:, 1] - log_probs[:, 0]
    return log_probs[np.arange(len(row)), row]


def test_nothing_is_seen_where_no_path_leads(every_made, mask_sets) -> None:
    """The sensitivity is zero, exactly, at the place itself, after it, and where masks cut."""
    for label, network in every_made(4):
        for mask_set in mask_sets(network):
            row, may = some_row(network), seen(network, mask_set)
            does = dependencies.sensitivities(network, row, range(4), mask_set)
            assert does.shape == (4, 4)
            assert not does[~may].any(), label
            place = network.bank.mask_set(mask_set).ordering.position
            assert not may[place[:, None] <= place[None, :]].any(), label


def test_what_moves_is_what_may_see_the_variable(every_made, mask_sets) -> None:
    for label, network in every_made(4):
        for mask_set in mask_sets(network):
            row, may = some_row(network), seen(network, mask_set)
            for variable in range(4):
                value = (row[variable] + 1) % network.num_categories
                before, after = dependencies.changed(network, row, variable, value, mask_set)
                moved = (before != after).any(axis=1)
                assert not moved[~may[:, variable]].any(), label
                for log_probs in (before, after):
                    assert np.exp(log_probs).sum(axis=1) == pytest.approx(np.ones(4), abs=1e-5)


def test_a_network_without_hidden_units_moves_by_its_sensitivity(build) -> None:
    """Two categories and direct connections alone: the logit is linear, so a flip is the slope."""
    for encoding in ("raw", "normalized", "one-hot", "bits", "fourier", "embedding"):
        network = build(
            5, 2, encoding=encoding, hidden_sizes=(), direct_connections=True, ordering="random"
        )
        row = some_row(network)
        does = dependencies.sensitivities(network, row, range(5))
        for variable in range(5):
            before, after = dependencies.changed(network, row, variable, 1 - row[variable])
            rise = outcome(network, after, row) - outcome(network, before, row)
            sign = 1 - 2 * row[variable]
            assert rise * sign == pytest.approx(does[:, variable], abs=1e-5), encoding


@pytest.mark.parametrize("kind", ["bernoulli", "categorical", "logistics"])
@pytest.mark.parametrize("orderings", [1, 3])
def test_small_differences_agree(build, monkeypatch, kind: str, orderings: int) -> None:
    """Where a value may be no integer, as a raw one in a smooth network, by central differences."""
    network = build(
        5,
        2 if kind == "bernoulli" else 6,
        encoding="raw",
        head=kind,
        hidden_sizes=(9, 9),
        ordering="random",
        num_orderings=orderings,
        direct_connections=True,
        residual_connections=True,
    ).double()
    mask_set = orderings - 1
    row = some_row(network)
    does = dependencies.sensitivities(network, row, range(5), mask_set)
    values = torch.from_numpy(row.astype(np.float64)).repeat(10, 1)
    step = 1e-5
    for variable in range(5):
        values[variable, variable] += step
        values[5 + variable, variable] -= step
    if network.sequence is not None:
        values = values[:, network.sequence]
    monkeypatch.setattr(network, "features", lambda x: values)
    with torch.no_grad():
        parameters = network(torch.from_numpy(row).repeat(10, 1), mask_set)
        log_probs = network.head.log_probs(parameters).numpy()
    found = np.stack([outcome(network, each, row) for each in log_probs])
    slopes = (found[:5] - found[5:]).T / (2 * step)
    assert does == pytest.approx(slopes, abs=1e-6)
    assert np.abs(does).max() > 0.01


def test_one_output_is_a_row_of_the_whole(build) -> None:
    network = build(6, 70, encoding="one-hot", hidden_sizes=(8, 7), ordering="random")
    assert network.looks_up
    row = some_row(network)
    whole = dependencies.sensitivities(network, row, range(6))
    for variable in range(6):
        one = dependencies.sensitivities(network, row, [variable])
        assert one[0] == pytest.approx(whole[variable], abs=1e-6)


def test_the_baselines_see_what_they_are_made_of(build) -> None:
    naive = build(2, 4, model="naive", hidden_sizes=(6,))
    row = np.array([1, 2])
    first = naive.bank.mask_set(0)
    may = dependencies.may_see(ModelConfig(model="naive"), first)
    assert may.tolist() == [[False, False], [True, False]]
    does = dependencies.sensitivities(naive, row, [0, 1])
    assert (does != 0).tolist() == may.tolist()
    low, high = (dependencies.changed(naive, row, 0, value)[1][1, 2] for value in (0, 2))
    assert does[1, 0] == pytest.approx((high - low) / 2, abs=1e-6)
    marginals = build(2, 4, model="marginals")
    assert not dependencies.may_see(ModelConfig(model="marginals"), first).any()
    assert not dependencies.sensitivities(marginals, row, [0, 1]).any()


def test_a_plain_autoencoder_sees_itself(build) -> None:
    network = build(4, 2, autoregressive=False, hidden_sizes=(7,))
    assert seen(network).all()
    does = dependencies.sensitivities(network, some_row(network), range(4))
    assert np.diag(does).all()


def test_asking_leaves_the_network_as_it_was(build) -> None:
    network = build(4, 2, dropout=0.5).train()
    dependencies.sensitivities(network, some_row(network), [2])
    dependencies.changed(network, some_row(network), 1, 0)
    assert network.training
    assert all(parameter.grad is None for parameter in network.parameters())
