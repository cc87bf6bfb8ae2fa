"""Which orderings data can have, and how one that is found in the data reaches the network."""

from __future__ import annotations

import numpy as np
import pytest

from made.base.errors import MadeError
from made.density.density import Density
from made.model.orderings import GIVEN, ORDERINGS
from made.setups.build import build_network
from made.setups.checks import misfit
from made.setups.config import ExperimentConfig
from made.setups.orderings import (
    found_sequence,
    masks_along,
    ordering_title,
    orderings_that_fit,
)

SMALL = {"hidden_sizes": (7,), "encoding_width": 4, "activation": "tanh"}


def test_orderings_that_fit(tiny_info) -> None:
    assert orderings_that_fit(tiny_info(2, 3)) == ["natural", "reversed", "random"]
    found = [name for name, rule in ORDERINGS.items() if rule.is_found]
    assert orderings_that_fit(tiny_info(6, 3)) == ["natural", "reversed", "random", *found]
    every = orderings_that_fit(tiny_info(6, 3, image_shape=(2, 3)))
    assert set(every) == set(ORDERINGS) - {GIVEN}


@pytest.mark.parametrize("name", ORDERINGS)
def test_what_does_not_fit_is_a_misfit_unless_there_are_no_masks(tiny_info, name: str) -> None:
    config = ExperimentConfig.from_flat({"ordering": name})
    info = tiny_info(2, 3)
    fits = name in (*orderings_that_fit(info), GIVEN)
    assert (misfit(config, info) is None) == fits
    for without in ({"autoregressive": False}, {"model": "marginals"}):
        other = config.replace(**without)
        assert misfit(other, info) is None
        build_network(other, info)


def test_of_two_variables_it_is_said_which_comes_first(tiny_info) -> None:
    assert ordering_title("natural", tiny_info(2, 3)) == "x₁ first"
    assert ordering_title("reversed", tiny_info(2, 3)) == "x₂ first"
    assert ordering_title("reversed", tiny_info(3, 3)) == "Reversed"
    assert ordering_title("chow-liu", tiny_info(3, 3)) == "Chow–Liu tree"


@pytest.mark.parametrize("name", [*ORDERINGS])
def test_the_density_sums_to_one_in_every_ordering(tiny_dataset, tiny_info, build, name) -> None:
    dataset = tiny_dataset(6, 2)
    info = tiny_info(6, 2, image_shape=(2, 3))
    config = ExperimentConfig.from_flat(SMALL | {"ordering": name, "permutation": (4, 1)})
    network = build_network(config, info, found_sequence(config, dataset))
    weights = build(6, 2, **SMALL).state_dict()
    network.load_state_dict(weights)
    assert np.exp(Density(network.eval()).log_joint()).sum() == pytest.approx(1)


def test_what_is_found_is_the_ordering_of_the_network(tiny_dataset) -> None:
    dataset = tiny_dataset(5, 3)
    config = ExperimentConfig.from_flat(SMALL | {"ordering": "chow-liu"})
    sequence = found_sequence(config, dataset)
    network = build_network(config, dataset.info, sequence)
    assert tuple(network.bank.mask_set(0).ordering.sequence) == sequence
    assert found_sequence(config.replace(ordering="reversed"), dataset) == ()


def test_without_what_was_found_there_is_no_network(tiny_info) -> None:
    config = ExperimentConfig.from_flat(SMALL | {"ordering": "entropy"})
    with pytest.raises(MadeError, match="when a run begins"):
        build_network(config, tiny_info(4, 3))
    for wrong in ((0, 1, 2), (0, 1, 2, 2), (1, 2, 3, 4)):
        with pytest.raises(MadeError, match="no permutation of 4 variables"):
            build_network(config, tiny_info(4, 3), wrong)


def test_a_permutation_of_another_ordering_is_left_alone(tiny_info) -> None:
    config = ExperimentConfig.from_flat({"ordering": "reversed", "permutation": (2, 0)})
    assert masks_along(config, (), 3) == config.masks
    assert build_network(config, tiny_info(3, 2)).bank.mask_set(0).ordering.sequence.tolist() == [
        2, 1, 0,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("permutation", "sentence"),
    [
        ("3, 1, 3", "permutation: variable 3 stands in the list twice: name each once."),
        ("3, x", "permutation: .*whole number"),
        ("-1", "permutation: .*at least 0"),
        ("10000", "permutation: .*less than 10000"),
    ],
)
def test_a_list_that_is_none_is_refused_in_one_sentence(permutation: str, sentence: str) -> None:
    with pytest.raises(MadeError, match=sentence):
        ExperimentConfig.from_flat({"ordering": "given", "permutation": permutation})
