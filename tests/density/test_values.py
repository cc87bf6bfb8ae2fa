"""One entrance: categories in any integer type and shape, everything else in one sentence."""

import math

import numpy as np
import pandas as pd
import pytest
import torch

from made.base.errors import MadeError
from made.density.density import Density
from made.density.values import rows_of
from made.setups.config import ExperimentConfig

INTEGERS = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "bool"]
ROWS = [[0, 1, 1], [1, 0, 1]]


@pytest.mark.parametrize("library", [np, torch], ids=["numpy", "torch"])
@pytest.mark.parametrize("name", INTEGERS)
def test_every_integer_type_means_the_same_categories(density, name: str, library) -> None:
    array = np.array(ROWS).astype(name)
    given = array if library is np else torch.from_numpy(array)
    model = density(3, 2, hidden_sizes=(5,))
    assert torch.equal(model.log_prob(given), model.log_prob(torch.tensor(ROWS)))


def test_lists_and_data_frames_are_tables_too(density) -> None:
    model = density(3, 2, hidden_sizes=(5,))
    expected = model.log_prob(torch.tensor(ROWS))
    assert torch.equal(model.log_prob(ROWS), expected)
    assert torch.equal(model.log_prob(pd.DataFrame(ROWS)), expected)


def test_a_row_gives_a_number_and_a_table_as_many_as_it_has_rows(density) -> None:
    model = density(3, 2, hidden_sizes=(5,))
    both = model.log_prob(ROWS)
    assert both.shape == (2,)
    assert model.log_prob(ROWS[0]).shape == ()
    assert model.log_prob(ROWS[0]).item() == pytest.approx(both[0].item())
    assert model.conditionals(ROWS[0]).shape == (3, 2)


@pytest.mark.parametrize("kind", ["made", "marginals"])
@pytest.mark.parametrize("encoding", ["one-hot", "raw"])
def test_an_empty_table_gives_no_numbers(density, encoding: str, kind: str) -> None:
    for values in ({}, {"num_connectivities": 2}):
        model = density(3, 70, hidden_sizes=(5,), encoding=encoding, model=kind, **values)
        assert model.log_prob(np.zeros((0, 3), np.uint8)).shape == (0,)
        assert model.log_prob(np.zeros((0, 3))).shape == (0,)
        assert model.sample(0).shape == (0, 3)


def test_pictures_are_rows_where_their_shape_is_known(build) -> None:
    network = build(6, 2, hidden_sizes=(5,))
    rows = torch.randint(2, (4, 6), generator=torch.Generator().manual_seed(0))
    model = Density(network, image_shape=(2, 3))
    assert torch.equal(model.log_prob(rows.view(4, 2, 3)), model.log_prob(rows))
    assert model.log_prob(rows[0].view(2, 3)).shape == ()
    with pytest.raises(MadeError, match=r"shape \(4, 2, 3\): give one row of 6 variables"):
        Density(network).log_prob(rows.view(4, 2, 3))
    with pytest.raises(MadeError, match=r"pictures \(rows, 2, 3\)"):
        model.log_prob(rows.view(4, 3, 2))


HEADS = {"bernoulli": 2, "categorical": 5, "logistics": 5}
ENCODINGS = ["raw", "normalized", "one-hot", "fourier", "bits", "embedding"]


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("value", [255, -1, "K", 7])
def test_no_value_outside_gets_a_probability(density, encoding: str, head: str, value) -> None:
    """Bernoulli with raw input gave log p = +194 for 255, logistics took -1 and K, bits took 7."""
    num_categories = HEADS[head]
    value = num_categories if value == "K" else value
    model = density(3, num_categories, encoding=encoding, head=head, hidden_sizes=(5,))
    said = rf"Variable 2 of row 1 is {value}: its values are the integers 0 … {num_categories - 1}"
    for x in (np.array([[0, 1, 1], [1, 0, value]]), torch.tensor([[0, 1, 1], [1, 0, value]])):
        with pytest.raises(MadeError, match=said):
            model.log_prob(x)
        with pytest.raises(MadeError, match=said):
            model.conditionals(x)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([[0, 1, 0.5]], r"Variable 2 of row 0 is 0\.5, of type float64"),
        ([[0, math.nan, 1]], r"Variable 1 of row 0 is nan, of type float64"),
        ([[0, math.inf, 1]], r"Variable 1 of row 0 is inf"),
        ([[0.0, 1.0, 1.0]], r"Variable 0 of row 0 is 0\.0, of type float64.*give an integer type"),
        ([[0, 1]], r"shape \(1, 2\): give one row of 3 variables or a table \(rows, 3\)"),
        ([[[0, 1, 1]]], r"shape \(1, 1, 3\)"),
        (1, r"shape \(\)"),
        ([[0, 1j, 1]], r"of type complex128"),
        (None, "type NoneType, which is no table of integers"),
        ("011", "type str, which is no table of integers"),
        ([[0, 1], [1]], "type list, which is no table of integers"),
        (np.array([["0", "1", "1"]]), "type str"),
        (np.array([[2**63, 0, 0]], np.uint64), "Variable 0 of row 0 is"),
    ],
)
def test_everything_else_gets_one_sentence(values, said: str) -> None:
    with pytest.raises(MadeError, match=said) as caught:
        rows_of(values, 3, 2)
    assert str(caught.value).count(". ") == 0
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32, torch.complex64])
def test_tensors_of_other_types_are_refused_by_name(kind: torch.dtype) -> None:
    with pytest.raises(MadeError, match=str(kind).removeprefix("torch.")):
        rows_of(torch.ones(2, 3).to(kind), 3, 2)


def test_sizes_of_nothing_are_refused() -> None:
    from made.model.build import build_model

    config = ExperimentConfig()
    for sizes in ((0, 2), (3, 0)):
        with pytest.raises(MadeError, match="a model needs at least one of each"):
            build_model(config.model, config.masks, *sizes)
