"""Parameters, time and memory of a set-up before it is trained."""

import pytest
from worker_process import settings

from made import datasets
from made.setups.config import ExperimentConfig
from made.setups.estimate import count, estimate


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
    model = build_network(config, info)
    size = count(config, info)
    stored = sum(value.numel() for value in model.state_dict().values())
    assert size.num_weights + size.num_biases == stored
    assert estimate(config, info).num_parameters == size.num_weights + size.num_biases


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
