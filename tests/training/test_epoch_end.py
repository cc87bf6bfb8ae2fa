"""The end of an epoch: all that is measured and drawn of a small joint comes from one pass."""

from __future__ import annotations

from contextlib import nullcontext

import numpy as np
import pytest

from made.density import likelihood
from made.model.conditionals import Conditionals
from made.setups.config import ExperimentConfig
from made.training import trainer
from made.training.events import EpochEnd
from made.training.trainer import Trainer

CATEGORIES = 5


@pytest.fixture
def dataset(tiny_dataset, random_joint):
    return tiny_dataset(2, CATEGORIES, sizes=(200, 100, 100), joint=random_joint(CATEGORIES))


def training(dataset, **values) -> Trainer:
    settings = {"hidden_sizes": (8,), "batch_size": 50, "epochs": 2, "learning_rate": 0.01}
    return Trainer(ExperimentConfig.from_flat(settings | values), dataset)


def epoch_ends(training: Trainer) -> list[EpochEnd]:
    return [event for event in training.events() if isinstance(event, EpochEnd)]


@pytest.mark.parametrize("num_orderings", [1, 3])
def test_every_state_passes_the_network_once_an_epoch(
    dataset, monkeypatch, num_orderings: int
) -> None:
    run = training(dataset, ordering="random", num_orderings=num_orderings)
    rows: list[int] = []
    forward = type(run.network).forward

    def counted(network: Conditionals, x, *arguments, **keywords):
        if not network.training:
            rows.append(len(x))
        return forward(network, x, *arguments, **keywords)

    monkeypatch.setattr(type(run.network), "forward", counted)
    for event in run.events():
        if isinstance(event, EpochEnd):
            # The first variable has one prefix, none; the second has one for each category.
            assert sorted(rows) == [1] * num_orderings + [CATEGORIES] * num_orderings
            rows.clear()


@pytest.mark.parametrize("values", [{}, {"ordering": "random", "num_orderings": 3}])
def test_figures_and_pictures_are_those_of_asking_anew(dataset, monkeypatch, values) -> None:
    once = epoch_ends(training(dataset, **values, ema_decay=0.9))
    monkeypatch.setattr(trainer, "unchanged", lambda network: nullcontext())
    anew = epoch_ends(training(dataset, **values, ema_decay=0.9))
    assert len(once) == 3
    for one, other in zip(once, anew, strict=True):
        assert one.figures == other.figures
        assert one.samples.keys() == {"density", "histogram"}
        for name in one.samples:
            np.testing.assert_array_equal(one.samples[name], other.samples[name])


def test_nothing_is_kept_once_the_weights_may_change(density) -> None:
    model = density(2, CATEGORIES, hidden_sizes=(8,))
    with likelihood.unchanged(model.network):
        before = model.log_joint()
        with likelihood.unchanged(model.network):
            assert np.array_equal(model.log_joint(), before)
        weights = {name: value + 1 for name, value in model.network.state_dict().items()}
    model.network.load_state_dict(weights)
    assert not np.allclose(model.log_joint(), before)
    with pytest.raises(ZeroDivisionError), likelihood.unchanged(model.network):
        raise ZeroDivisionError
    assert not likelihood._kept
