"""Parameters, time and memory of a set-up before it is trained."""

import pytest
from worker_process import settings

from made import datasets
from made.setups.config import ExperimentConfig
from made.setups.estimate import estimate
from made.setups.size import size_of_setup


@pytest.mark.parametrize(
    "values",
    [
        {"dataset": "digits8", "hidden_sizes": (7, 5), "direct_connections": True},
        {"dataset": "digits8-grey", "hidden_sizes": (7,), "encoding": "normalized"},
        {"dataset": "digits8-grey", "hidden_sizes": (), "direct_connections": True},
        {"dataset": "digits8", "hidden_sizes": (), "head": "categorical"},
        {"dataset": "rings", "grid_size": 12, "hidden_sizes": (9,)},
        {"dataset": "rings", "grid_size": 12, "encoding": "fourier", "encoding_width": 7},
        {"dataset": "rings", "grid_size": 12, "encoding": "bits", "direct_connections": True},
        {"dataset": "rings", "grid_size": 12, "encoding": "embedding", "encoding_width": 5},
        {"dataset": "rings", "grid_size": 12, "encoding": "embedding", "model": "marginals"},
        {"dataset": "rings", "grid_size": 12, "model": "naive", "hidden_sizes": (9, 8)},
        {"dataset": "rings", "grid_size": 12, "model": "marginals"},
    ],
)
def test_parameters_are_counted_as_the_model_has_them(values):
    from made.setups.build import build_network

    config = ExperimentConfig.from_flat(values)
    info = datasets.info(config.data)
    network = build_network(config, info)
    size = size_of_setup(config, info)
    assert size.num_parameters == sum(value.numel() for value in network.state_dict().values())
    assert size.num_kept == sum(value.numel() for value in network.parameters())
    assert estimate(config, info).num_parameters == size.num_parameters


MASKS = {
    "one": {},
    "2-D with 32 connectivities": {"dataset": "rings", "num_connectivities": 32},
    "32 connectivities": {"num_connectivities": 32},
    "one random": {"ordering": "random"},
    "three random": {"ordering": "random", "num_orderings": 3},
    "fresh": {"num_connectivities": 0},
    "no masks": {"autoregressive": False, "num_connectivities": 0},
    "no hidden layer": {"hidden_sizes": (), "direct_connections": True, "num_connectivities": 5},
    "marginals": {"model": "marginals", "num_connectivities": 5},
}


@pytest.mark.parametrize("values", MASKS.values(), ids=MASKS)
def test_masks_cost_what_the_bank_and_the_network_make_of_them(values):
    """In 2-D all connectivities are one mask set: 98 s were estimated as 166, 644 MB as 866."""
    from made.setups.build import build_network

    config = settings(**{"hidden_sizes": (60, 50)} | values)
    info = datasets.info(config.data)
    network, size = build_network(config, info), size_of_setup(config, info)
    assert size.has_changing_masks == (network.bank.cycle != 1)
    assert size.has_changing_masks == (not getattr(network, "is_sorted", True))
    one = config.replace(num_connectivities=1, num_orderings=1)
    same, found = estimate(one, info, 1000), estimate(config, info, 1000)
    if network.bank.cycle == 1:
        assert (found.seconds, found.memory_bytes) == (same.seconds, same.memory_bytes)
    else:
        assert found.seconds > same.seconds
        assert found.memory_bytes > same.memory_bytes


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_wide_network_keeps_little_more_than_what_its_masks_show(precision: str):
    from made.setups.build import build_network

    config = settings(hidden_sizes=(900, 900), degrees="even", precision=precision)
    info = datasets.info(config.data)
    network, size = build_network(config, info), size_of_setup(config, info)
    assert size.num_kept == sum(value.numel() for value in network.parameters())
    if precision == "float32":
        assert 0.5 < size.num_kept / size.num_parameters < 0.8


def test_what_cannot_fit_or_be_built_is_refused_with_a_reason():
    config = settings(hidden_sizes=(65_536,) * 16)
    info = datasets.info(config.data)
    huge = estimate(config, info)
    assert not huge.fits
    assert "choose smaller hidden layers" in huge.reason
    wrong = estimate(config.replace(model="naive"), info)
    assert not wrong.fits
    assert "naive" in wrong.reason
    small = estimate(settings(hidden_sizes=(16,)), info)
    assert small.fits
    assert small.reason == ""


def test_time_grows_with_the_work():
    info = datasets.info(settings().data)
    small = estimate(settings(), info, 1000)
    assert estimate(settings(), info, 100_000).seconds > 5 * small.seconds
    assert estimate(settings(epochs=30), info, 1000).seconds == pytest.approx(10 * small.seconds)
    assert estimate(settings(hidden_sizes=(8192,)), info, 1000).seconds > small.seconds


@pytest.mark.parametrize(("device", "is_counted"), [("cpu", True), ("cuda:0", False)])
def test_pairs_that_are_counted_cost_less_than_examples_one_by_one(device, is_counted, monkeypatch):
    """Large minibatches of two variables: 18 s of a core were estimated as 694."""
    monkeypatch.setattr("made.base.devices.resolve", lambda requested: device)
    monkeypatch.setattr("made.base.devices.free_bytes", lambda device: 1e10)
    counted = settings(dataset="rings", grid_size=50, batch_size=10_000, hidden_sizes=(500, 500))
    info = datasets.info(counted.data)
    one_by_one = estimate(counted.replace(dropout=0.1), info, 1_000_000)
    ratio = one_by_one.seconds / estimate(counted, info, 1_000_000).seconds
    assert ratio > 3 if is_counted else ratio == 1


@pytest.mark.parametrize(
    ("values", "is_counted"),
    [
        ({"batch_size": 101}, True),
        ({"batch_size": 100}, False),
        ({"dropout": 0.1}, False),
        ({"head": "logistics"}, False),
        ({"autoregressive": False}, False),
        ({"model": "naive"}, True),
    ],
)
def test_pairs_are_counted_where_a_batch_repeats_them(values, is_counted):
    from made.setups.repeats import counts_pairs

    config = settings(**{"dataset": "rings", "batch_size": 1000} | values)
    assert counts_pairs(config, 2, 100) == is_counted
    assert not counts_pairs(config, 3, 100)
