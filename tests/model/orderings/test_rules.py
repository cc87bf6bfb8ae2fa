"""A given permutation, and what every rule owes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made.model.orderings import ORDERINGS, Variables, completed


@given(data=st.data(), num_variables=st.integers(1, 30))
def test_those_named_come_first_and_the_rest_in_natural_order(data, num_variables: int) -> None:
    whole = data.draw(st.permutations(range(num_variables)))
    first = whole[: data.draw(st.integers(0, num_variables))]
    ordering = ORDERINGS["given"](Variables(num_variables, None, tuple(first)), None)
    rest = sorted(set(range(num_variables)) - set(first))
    assert ordering.sequence.tolist() == [*first, *rest]
    assert completed(first, num_variables).tolist() == [*first, *rest]


def test_a_variable_beyond_the_data_is_named() -> None:
    problem = ORDERINGS["given"].misfit(Variables(4, None, (1, 7)))
    assert problem is not None
    assert "names variable 7" in problem
    assert "0 … 3" in problem


@pytest.mark.parametrize("name", ORDERINGS)
def test_every_rule_explains_itself_in_one_line(name: str) -> None:
    rule = ORDERINGS[name]
    assert rule.title
    assert rule.description.endswith(".")
    assert "\n" not in rule.description


@pytest.mark.parametrize("name", [name for name in ORDERINGS if not ORDERINGS[name].is_found])
@given(height=st.integers(1, 9), width=st.integers(1, 9))
def test_every_rule_gives_a_permutation(name: str, height: int, width: int) -> None:
    variables = Variables(height * width, (height, width))
    ordering = ORDERINGS[name](variables, np.random.default_rng(0))
    assert sorted(ordering.position.tolist()) == list(range(height * width))
