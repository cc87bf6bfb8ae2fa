"""Numbers as people read them: right to the last digit shown, and never wider than need be."""

from __future__ import annotations

import doctest
import inspect
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made.base import text


def test_the_examples_of_every_format_are_true() -> None:
    formats = [thing for thing in vars(text).values() if inspect.isfunction(thing)]
    examples = {thing.__name__ for thing in formats if ">>>" in (thing.__doc__ or "")}
    assert examples == {thing.__name__ for thing in formats if not thing.__name__.startswith("_")}
    assert doctest.testmod(text).failed == 0


@given(st.floats(-1e300, 1e300), st.integers(1, 6))
def test_significant_digits_are_right_to_the_last_one(value: float, digits: int) -> None:
    said = float(text.significant(value, digits).replace(",", ""))
    assert said == pytest.approx(value, rel=0.5001 * 10 ** (1 - digits), abs=0)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (10.5312, "10.53"),
        (0.011042, "0.01104"),
        (9.99996, "10.00"),
        (0.099999, "0.1000"),
        (540.02, "540.0"),
        (12345.6, "12,346"),
        (-88.404, "-88.40"),
        (4.0108393e-06, "4.011e-06"),
        (123456, "123,456"),
        (1.2e-7, "1.200e-07"),
        (-0.5, "-0.5000"),
        (0.0, "0"),
        (np.float64(2.5), "2.500"),
        (math.inf, "–"),
        (None, "–"),
        (math.nan, "–"),
    ],
)
def test_four_significant_digits(value: float | None, said: str) -> None:
    assert text.significant(value) == said


@given(st.floats(-100, 100), st.floats(1e-8, 90))
def test_a_figure_has_the_decimals_that_two_digits_of_its_error_need(
    value: float, error: float
) -> None:
    """The last decimal is a hundredth to a tenth of the error, and both are right to it."""
    shown, _, shown_error = text.with_error(value, error).partition(" ± ")
    decimals = len(shown.partition(".")[2])
    assert decimals == len(shown_error.partition(".")[2])
    assert error / 100 <= 1.01 * 10**-decimals <= 1.01 * max(error / 9.4, 1)
    assert abs(float(shown) - value) <= 0.501 * 10**-decimals
    assert abs(float(shown_error) - error) <= 0.501 * 10**-decimals


def test_a_figure_without_an_error_is_shown_as_ever() -> None:
    for error in (None, math.nan, math.inf):
        assert text.with_error(88.92436, error) == "88.92"
    assert text.with_error(None, 0.2) == text.with_error(math.nan, 0.2) == text.DASH


@pytest.mark.parametrize(
    ("values", "errors", "said"),
    [
        ([10.5415, 10.5449, 10.5531], None, ["10.541", "10.545", "10.553"]),
        ([88.9243, 88.0432], [0.2289, 0.22], ["88.92 ± 0.23", "88.04 ± 0.22"]),
        ([88.9243, 88.9211], [0.2289, 0.21], ["88.924 ± 0.229", "88.921 ± 0.210"]),
        ([0.3, 10.5415, 10.5416], [0.02, None, None], ["0.300 ± 0.020", "10.541", "10.542"]),
        ([0.5, 0.5, None], None, ["0.5000", "0.5000", "–"]),
        ([0.5, 0.5 + 1e-9], None, ["0.5000", "0.5000"]),
        ([], None, []),
    ],
)
def test_different_figures_of_a_table_look_different(values, errors, said) -> None:
    assert text.told_apart(values, errors) == said


def test_figures_that_the_literature_gives_in_two_decimals_have_more_where_two_are_alike() -> None:
    assert text.told_apart([88.9243, 86.5], decimals=2) == ["88.92", "86.50"]
    assert text.told_apart([88.9243, 88.9211], decimals=2) == ["88.924", "88.921"]


@given(st.floats(allow_nan=False))
def test_an_exact_number_is_given_back(value: float) -> None:
    assert float(text.exact(value)) == value


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "an unknown time"),
        (math.inf, "an unknown time"),
        (0.2, "under 1 s"),
        (1, "about 1 s"),
        (40.4, "about 40 s"),
        (89, "about 89 s"),
        (90, "about 1.5 min"),
        (3 * 3600, "about 3 h"),
        (7.2e5, "about 8.3 days"),
    ],
)
def test_a_duration_has_the_unit_that_people_would_use(seconds: float | None, said: str) -> None:
    assert text.duration(seconds) == said


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0:00"), (42.4, "0:42"), (59.6, "1:00"), (3700, "1:01:40")]
)
def test_a_clock_never_shows_sixty(seconds: float, said: str) -> None:
    assert text.clock(seconds) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0"), (999, "999"), (1000, "1k"), (628_123, "628k"), (999_960, "1M"), (2.5e9, "2.5G")],
)
def test_a_short_count_has_three_digits(number: float, said: str) -> None:
    assert text.short_count(number) == said


def test_bytes_are_told_in_decimal_units() -> None:
    said = [text.short_bytes(number) for number in (12, 2_500_000, 9.996e8)]
    assert said == ["12 bytes", "2.5 MB", "1 GB"]
