"""An ordering is a permutation, seen as places of variables and as variables at places."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made.model import orderings
from made.model.orderings import Ordering

sizes = st.integers(1, 40)


@given(num_variables=sizes, seed=st.integers(0, 2**32))
def test_sequence_is_the_inverse_of_position(num_variables: int, seed: int) -> None:
    ordering = orderings.random(num_variables, np.random.default_rng(seed))
    places = np.arange(num_variables)
    assert len(ordering) == num_variables
    assert np.array_equal(ordering.position[ordering.sequence], places)
    assert np.array_equal(ordering.sequence[ordering.position], places)


def test_an_ordering_is_not_confused_with_its_inverse() -> None:
    ordering = Ordering(np.array([2, 0, 1]))  # variable 0 comes last, variable 1 first
    assert ordering.sequence.tolist() == [1, 2, 0]


@given(num_variables=sizes)
def test_natural_and_reversed(num_variables: int) -> None:
    assert orderings.natural(num_variables).sequence.tolist() == list(range(num_variables))
    last_first = list(range(num_variables))[::-1]
    assert orderings.reverse(num_variables).sequence.tolist() == last_first
    assert orderings.reverse(num_variables).position.tolist() == last_first


def test_a_random_ordering_is_decided_by_its_generator() -> None:
    first, again, other = (
        orderings.random(30, np.random.default_rng(seed)).position for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_all_permutations_are_equally_likely() -> None:
    generator = np.random.default_rng(0)
    draws = [tuple(orderings.random(3, generator).position) for _ in range(6000)]
    counts = np.unique(draws, axis=0, return_counts=True)[1]
    assert len(counts) == 6
    chi_square = ((counts - 1000) ** 2 / 1000).sum()
    assert chi_square < 20.5  # 99.9 % of chi-square with 5 degrees of freedom


@pytest.mark.parametrize("position", [[0, 0, 1], [1, 2, 3], [0, 2], [-1, 0, 1]])
def test_repeats_and_gaps_are_refused(position: list[int]) -> None:
    with pytest.raises(ValueError, match="permutation"):
        Ordering(np.array(position))
