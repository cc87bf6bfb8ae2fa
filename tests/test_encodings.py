"""Encodings: features variable by variable, distinct for distinct values."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from made.encodings import ENCODINGS

encodings = st.sampled_from(sorted(ENCODINGS))


@given(name=encodings, num_categories=st.integers(2, 20), data=st.data())
def test_features_of_a_variable_depend_on_it_alone(name: str, num_categories: int, data) -> None:
    encode = ENCODINGS[name](num_categories)
    values = st.integers(0, num_categories - 1)
    x = torch.tensor(data.draw(st.lists(values, min_size=1, max_size=5)))
    features = encode(x)
    assert features.dtype == torch.float32
    assert features.shape == (len(x) * encode.width,)
    blocks = features.view(len(x), encode.width)
    for value, block in zip(x, blocks, strict=True):
        assert torch.equal(block, encode(value.view(1)))


@given(name=encodings, num_categories=st.integers(2, 20))
def test_distinct_values_have_distinct_features(name: str, num_categories: int) -> None:
    encode = ENCODINGS[name](num_categories)
    features = encode(torch.arange(num_categories).unsqueeze(1))
    assert len(torch.unique(features, dim=0)) == num_categories


@given(name=encodings, num_categories=st.integers(2, 200))
def test_the_peak_is_the_largest_size_of_a_feature(name: str, num_categories: int) -> None:
    encode = ENCODINGS[name](num_categories)
    features = encode(torch.arange(num_categories).unsqueeze(1))
    assert features.abs().max().item() == pytest.approx(encode.peak)


@pytest.mark.parametrize("name", ENCODINGS)
def test_any_number_of_leading_dimensions(name: str) -> None:
    encode = ENCODINGS[name](5)
    x = torch.randint(5, (2, 3, 4), generator=torch.Generator().manual_seed(0))
    assert encode(x).shape == (2, 3, 4 * encode.width)
    assert torch.equal(encode(x)[1, 2], encode(x[1, 2]))


def test_raw_is_the_integer_itself() -> None:
    assert ENCODINGS["raw"](9)(torch.tensor([[0, 3, 8]])).tolist() == [[0.0, 3.0, 8.0]]


@given(num_categories=st.integers(2, 1000))
def test_normalized_runs_evenly_from_minus_one_to_one(num_categories: int) -> None:
    features = ENCODINGS["normalized"](num_categories)(torch.arange(num_categories))
    expected = torch.linspace(-1, 1, num_categories)
    assert torch.allclose(features, expected, atol=1e-6)


def test_one_hot_puts_the_values_of_a_variable_next_to_each_other() -> None:
    features = ENCODINGS["one-hot"](3)(torch.tensor([[2, 0], [1, 1]]))
    assert features.tolist() == [[0, 0, 1, 1, 0, 0], [0, 1, 0, 0, 1, 0]]
