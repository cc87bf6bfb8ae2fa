"""Every finite value has its place on the axis, in order, and labels do not overlap."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from made.plots.axis import MOST_TICKS, axis_of, spread

FINITE = st.floats(1e-6, 1e6)


@given(st.lists(FINITE, min_size=1, max_size=30), st.booleans())
def test_values_keep_their_order_within_the_axis(values: list[float], has_floor: bool) -> None:
    axis = axis_of(values, floor=0.0 if has_floor else None)
    places = [axis.place(value) for value in sorted(values)]
    assert places == sorted(places)
    assert all(0 <= place <= 1 for place in places)


@given(st.lists(FINITE, min_size=2, max_size=30, unique=True), st.booleans())
def test_ticks_stand_within_the_axis_and_can_be_read(values: list[float], has_floor: bool) -> None:
    ticks = axis_of(values, floor=0.0 if has_floor else None).ticks()
    places = [place for place, _ in ticks]
    assert len(ticks) <= MOST_TICKS
    assert places == sorted(places)
    assert all(-1e-9 <= place <= 1 + 1e-9 for place in places)


def test_what_spans_orders_above_its_floor_is_logarithmic() -> None:
    axis = axis_of([0.01, 0.1, 1.0], floor=0.0)
    assert axis.is_log
    assert axis.place(0.1) == pytest.approx((axis.place(0.01) + axis.place(1.0)) / 2)
    assert [label for _, label in axis.ticks()] == ["0.01", "0.03", "0.1", "0.3", "1"]


def test_what_is_close_together_is_not() -> None:
    axis = axis_of([7.0, 7.1, 7.2], floor=6.9)
    assert not axis.is_log
    assert axis.place(7.1) == pytest.approx(0.5)


def test_what_is_not_finite_takes_no_room() -> None:
    assert axis_of([1.0, math.inf, math.nan, 2.0]) == axis_of([1.0, 2.0])
    assert axis_of([]).ticks()


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_labels_are_moved_apart_and_keep_their_order(places: list[float]) -> None:
    moved = spread(places, 0.1)
    ordered = [moved[index] for index in sorted(range(len(places)), key=places.__getitem__)]
    assert all(b - a >= 0.1 - 1e-5 for a, b in pairwise(ordered))
    assert sum(moved) / len(moved) == pytest.approx(sum(places) / len(places), abs=1e-5)


def test_labels_with_room_stay_where_they_are() -> None:
    assert spread([0.9, 0.1, 0.5], 0.1) == [0.9, 0.1, 0.5]
