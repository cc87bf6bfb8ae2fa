"""Test rows that were trained on are counted, each of them, and no others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from made import datasets
from made.datasets import repeats
from made.datasets.repeats import num_seen
from made.datasets.settings import DataConfig

ROWS = arrays(np.uint8, st.tuples(st.integers(0, 12), st.just(3)), elements=st.integers(0, 2))


@given(ROWS, ROWS)
def test_rows_are_counted_as_one_by_one(rows: np.ndarray, known: np.ndarray) -> None:
    expected = sum((known == row).all(axis=1).any() for row in rows)
    assert num_seen(rows, known) == num_seen(rows.astype(np.int64), known) == expected


def test_rows_of_one_hash_are_compared_by_their_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "_hashes", lambda rows: np.zeros(len(rows), np.uint64))
    assert num_seen(np.array([[0, 1], [2, 2]]), np.array([[1, 0], [2, 2]])) == 1


def test_many_rows_are_hashed_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = np.random.default_rng(0).integers(0, 3, (50, 4))
    whole = num_seen(rows, rows[:30])
    monkeypatch.setattr(repeats, "ROWS_AT_ONCE", 7)
    assert num_seen(rows, rows[:30]) == whole >= 30


@pytest.mark.parametrize(("name", "number"), [("digits8", 11), ("digits8-grey", 0)])
def test_some_binary_digits_were_trained_on(name: str, number: int) -> None:
    assert datasets.load(DataConfig(dataset=name)).num_seen_test_rows == number


def test_the_few_states_of_a_joint_recur_by_nature() -> None:
    assert datasets.load(DataConfig(dataset="rings", num_samples=1000)).num_seen_test_rows is None
