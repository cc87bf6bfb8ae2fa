"""Errors of means, of differences row by row, and the word for what is not told apart."""

from __future__ import annotations

import math

import numpy as np
import pytest

from made.base.errors import MadeError
from made.studies.errors import Mean, difference, is_told_apart, mean_of, paired, said

ROWS = np.random.default_rng(0).normal(-80, 20, 1000)  # log p of rows, easy and hard ones


def test_the_error_of_a_mean_is_that_of_many_means() -> None:
    """Means of 25 draws scatter by the error that each of them claims."""
    draws = np.random.default_rng(1).normal(3, 2, (4000, 25))
    claimed = math.sqrt(np.mean([mean_of(row).error ** 2 for row in draws]))
    assert claimed == pytest.approx(draws.mean(axis=1).std(), rel=0.05)
    assert claimed == pytest.approx(2 / math.sqrt(25), rel=0.05)


def test_three_seeds_have_the_error_of_three_seeds() -> None:
    """std 0.02 with ddof 1, over the square root of 3."""
    found = mean_of([0.10, 0.12, 0.14])
    assert (found.value, found.count) == (pytest.approx(0.12), 3)
    assert found.error == pytest.approx(0.02 / math.sqrt(3))


def test_a_single_value_has_no_error_and_none_is_refused() -> None:
    assert mean_of([2.0]) == Mean(2.0, None, 1)
    with pytest.raises(MadeError, match="no values"):
        mean_of([])


def test_equal_rows_differ_by_nothing_for_sure() -> None:
    same = paired(ROWS, ROWS.copy())
    assert (same.value, same.error, same.count) == (0, 0, 1000)
    assert not is_told_apart(same)


def test_a_paired_difference_is_the_mean_of_the_differences_and_so_is_its_error() -> None:
    """What makes a row hard for both drops out: 0.3 nats are seen though each NLL errs by 0.6."""
    better = ROWS + 0.3 + np.random.default_rng(2).normal(0, 1, 1000)
    found = paired(better, ROWS)
    assert found.value == pytest.approx(-(better - ROWS).mean())
    assert found.value == pytest.approx(-better.mean() + ROWS.mean())
    assert found.error == pytest.approx((better - ROWS).std(ddof=1) / math.sqrt(1000))
    assert is_told_apart(found)
    assert not is_told_apart(difference(mean_of(-better), mean_of(-ROWS)))
    back = paired(ROWS, better)
    assert (back.value, back.error) == (pytest.approx(-found.value), pytest.approx(found.error))


def test_the_log_probs_are_subtracted_in_more_digits_than_they_are_stored_in() -> None:
    small = np.full(100_000, -10.541, np.float32)
    assert paired(small - np.float32(0.001), small).value == pytest.approx(0.001, rel=1e-3)


@pytest.mark.parametrize("other", [ROWS[:-1], ROWS[:, None], ROWS[:1]])
def test_rows_of_two_splits_are_refused(other: np.ndarray) -> None:
    with pytest.raises(MadeError, match="row by row: take two runs"):
        paired(ROWS, other)


def test_independent_errors_add_up_in_squares() -> None:
    found = difference(Mean(1.0, 0.3, 3), Mean(0.5, 0.4, 5))
    assert (found.value, found.error) == (0.5, pytest.approx(0.5))
    assert difference(Mean(1.0, None, 1), Mean(0.5, 0.4, 5)).error is None


@pytest.mark.parametrize("count", [2, 3, 5, 12, 40])
def test_noise_is_told_apart_once_in_twenty_however_few_the_values(count: int) -> None:
    draws = np.random.default_rng(count).normal(0, 1, (8000, count))
    assert np.mean([is_told_apart(mean_of(row)) for row in draws]) == pytest.approx(0.05, abs=0.01)


def test_without_an_error_nothing_is_told_apart_and_without_noise_everything() -> None:
    assert not is_told_apart(Mean(5.0, None, 1))
    assert is_told_apart(Mean(0.1, 0.0, 3))
    assert not is_told_apart(Mean(0.0, 0.0, 3))


def test_raw_and_normalized_of_the_portrait_are_not_told_apart_but_fourier_is() -> None:
    """Exact KL of three seeds each; the ranking of the two flips with the seed."""
    raw, normalized = np.array([0.0205, 0.0204, 0.0207]), np.array([0.0234, 0.0218, 0.0176])
    fourier = np.array([0.0158, 0.0165, 0.0164])
    assert not is_told_apart(mean_of(raw - normalized))
    assert is_told_apart(mean_of(fourier - raw))
    assert said([mean_of(fourier), mean_of(raw)]) == ["0.01623 ± 0.00022", "0.020533 ± 0.000088"]
