"""Orderings found in rows: what single variables and pairs of them tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made.model.orderings import ORDERINGS, Variables, found

FOUND = {name: rule for name, rule in ORDERINGS.items() if rule.is_found}


def planted(parents: list[int], seed: int = 0, num_rows: int = 4000) -> np.ndarray:
    """Rows of three categories; each variable repeats its parent with probability 0.7."""
    generator = np.random.default_rng(seed)
    rows = generator.integers(3, size=(num_rows, len(parents)))
    for variable in sorted(range(len(parents)), key=lambda variable: depth(parents, variable)):
        if parents[variable] >= 0:
            is_same = generator.random(num_rows) < 0.7
            rows[is_same, variable] = rows[is_same, parents[variable]]
    return rows.astype(np.uint8)


@pytest.mark.parametrize("name", FOUND)
@given(num_variables=st.integers(3, 20), num_categories=st.integers(2, 20), seed=st.integers(0, 99))
def test_every_variable_comes_once(
    name: str, num_variables: int, num_categories: int, seed: int
) -> None:
    rows = np.random.default_rng(seed).integers(num_categories, size=(50, num_variables))
    sequence = FOUND[name].find(rows, num_categories)
    assert sorted(sequence.tolist()) == list(range(num_variables))


@pytest.mark.parametrize("name", FOUND)
def test_constant_and_equal_variables_are_put_in_order_too(name: str) -> None:
    rows = np.zeros((10, 4), np.uint8)
    assert FOUND[name].find(rows, 2).tolist()[0] == 0
    rows[:5] = 1
    assert sorted(FOUND[name].find(rows, 2).tolist()) == [0, 1, 2, 3]


def test_the_least_certain_and_the_most_varied_variable_come_first() -> None:
    generator = np.random.default_rng(0)
    rows = np.stack([np.zeros(999), generator.integers(5, size=999), np.arange(999) % 2 * 4], 1)
    assert found.by_entropy(rows.astype(np.uint8), 5).tolist() == [1, 2, 0]
    assert found.by_variance(rows.astype(np.uint8), 5).tolist() == [2, 1, 0]


def test_mutual_information_of_known_pairs() -> None:
    states = np.array([[a, b, a ^ b, a] for a in (0, 1) for b in (0, 1)], np.uint8)
    information = found.mutual_information(np.repeat(states, 5, axis=0), 2)
    expected = np.zeros((4, 4))
    expected[0, 3] = expected[3, 0] = np.log(2)
    assert information == pytest.approx(expected, abs=1e-12)


@given(seed=st.integers(0, 99))
def test_mutual_information_is_what_entropies_say(seed: int) -> None:
    rows = planted([-1, 0, 1], seed, 200)
    pairs = found.entropies((rows[:, [0]] * 3 + rows[:, [1]]).astype(np.int64), 9)
    alone = found.entropies(rows, 3)
    expected = alone[0] + alone[1] - pairs[0]
    assert found.mutual_information(rows, 3)[0, 1] == pytest.approx(expected)


TREES = {
    "chain": [-1, 0, 1, 2, 3, 4],
    "star": [-1, 0, 0, 0, 0, 0],
    "branches": [-1, 0, 1, 0, 3, 3],
    "shuffled": [3, 5, 5, -1, 0, 3],
}


@pytest.mark.parametrize("name", TREES)
def test_a_planted_tree_is_found(name: str) -> None:
    """The tree has no direction: its edges are those of the planted one, whatever the root."""
    rows = planted(TREES[name])
    tree = found.chow_liu_tree(found.mutual_information(rows, 3))
    assert edges(tree) == edges(TREES[name])
    sequence = found.by_tree(rows, 3).tolist()
    assert all(sequence.index(tree[v]) < sequence.index(v) for v in range(6) if tree[v] >= 0)


def depth(parents: list[int], variable: int) -> int:
    return 0 if parents[variable] < 0 else 1 + depth(parents, parents[variable])


def edges(parents) -> set[frozenset[int]]:
    return {frozenset((variable, int(p))) for variable, p in enumerate(parents) if p >= 0}


def test_a_branch_is_followed_to_its_end() -> None:
    rows = planted([-1, 0, 1, 0, 3], num_rows=20_000)
    assert found.by_tree(rows, 3).tolist() in ([0, 1, 2, 3, 4], [0, 3, 4, 1, 2])


def test_many_categories_and_rows_are_counted_coarsely() -> None:
    rows = np.random.default_rng(0).integers(256, size=(50_000, 40)).astype(np.uint8)
    rows[:, 7] = rows[:, 3]
    information = found.mutual_information(rows, 256)
    pair = np.unravel_index(information.argmax(), information.shape)
    assert sorted(int(variable) for variable in pair) == [3, 7]


def test_what_cannot_be_looked_at_is_refused_with_a_reason() -> None:
    for rule in FOUND.values():
        assert "natural and reversed" in rule.misfit(Variables(2))
        assert rule.misfit(Variables(3)) is None
    assert "at most 2,048" in ORDERINGS["chow-liu"].misfit(Variables(2049))
    assert ORDERINGS["entropy"].misfit(Variables(2049)) is None
    with pytest.raises(ValueError, match="when a run begins"):
        ORDERINGS["entropy"](4, np.random.default_rng(0))
