"""A set-up in words: nothing that matters is left out, and nothing is said that is not so."""

from __future__ import annotations

import doctest
from typing import Any

import pytest

from made import datasets
from made.setups import words
from made.setups.config import ExperimentConfig
from made.setups.words import model_text, set_up_line, setting_text

RANDOM = {"ordering": "random"}


def config_of(**values: Any) -> ExperimentConfig:
    return ExperimentConfig.from_flat({"hidden_sizes": (30, 20)} | values)


def test_the_examples_are_true() -> None:
    assert doctest.testmod(words).attempted == 8
    assert doctest.testmod(words).failed == 0


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({}, "rings · 30-20 · one-hot · natural ordering"),
        ({"hidden_sizes": ()}, "rings · no hidden layer · one-hot · natural ordering"),
        ({"ordering": "reversed"}, "rings · 30-20 · one-hot · reversed ordering"),
        (RANDOM, "rings · 30-20 · one-hot · random ordering"),
        ({**RANDOM, "num_orderings": 8}, "rings · 30-20 · one-hot · 8 random orderings"),
        ({**RANDOM, "num_orderings": 0}, "rings · 30-20 · one-hot · fresh random orderings"),
        (
            {"num_connectivities": 1024},
            "rings · 30-20 · one-hot · natural ordering · 1,024 connectivities",
        ),
        (
            {"num_connectivities": 0},
            "rings · 30-20 · one-hot · natural ordering · fresh connectivities",
        ),
        ({"autoregressive": False}, "rings · 30-20 · one-hot · plain autoencoder"),
        ({"model": "marginals"}, "rings · product of the marginals"),
        ({"model": "naive"}, "rings · naive p(x1) p(x2 | x1) · 30-20"),
    ],
)
def test_a_set_up_is_one_line(values: dict[str, Any], line: str) -> None:
    assert set_up_line(config_of(**values)) == line


def test_a_model_and_its_run_are_told_in_the_same_words() -> None:
    config = config_of(num_orderings=8, num_connectivities=0, **RANDOM)
    assert f"rings · {' · '.join(model_text(config).split(', '))}" == set_up_line(config)


def test_a_model_leaves_out_what_does_nothing_on_its_data() -> None:
    config = config_of(dropout=0.5, hidden_sizes=(), degrees="even")
    assert model_text(config) == "no hidden layer, one-hot, dropout 0.5, even degrees"
    assert model_text(config, datasets.info(config.data)) == "no hidden layer, one-hot"


def test_a_seed_is_a_name_rather_than_an_amount() -> None:
    assert setting_text("data_seed", 12345) == "12345"
    assert setting_text("num_samples", 12345) == "12,345"
    assert setting_text("dropout", None) == "–"
