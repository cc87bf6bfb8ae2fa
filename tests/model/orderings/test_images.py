"""Ways over the pixels of an image: every pixel once, and neighbours where there is a way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made.model.orderings import ORDERINGS, Variables, images
from made.model.orderings.rules import Walked

WALKS = {name: rule.walk for name, rule in ORDERINGS.items() if isinstance(rule, Walked)}
sides = st.integers(1, 14)


def strides(sequence: np.ndarray, width: int) -> np.ndarray:
    """How far each pixel is from the one before, in rows and in columns: int (N - 1, 2)."""
    places = np.stack(np.divmod(sequence, width), axis=1)
    return np.abs(np.diff(places, axis=0))


@pytest.mark.parametrize("name", WALKS)
@given(height=sides, width=sides)
def test_every_pixel_comes_once(name: str, height: int, width: int) -> None:
    assert sorted(WALKS[name](height, width).tolist()) == list(range(height * width))


@pytest.mark.parametrize("walk", [images.snake, images.spiral])
@given(height=sides, width=sides)
def test_snake_and_spiral_step_from_neighbour_to_neighbour(walk, height: int, width: int) -> None:
    assert (strides(walk(height, width), width).sum(axis=1) == 1).all()


@given(height=sides, width=sides)
def test_a_hilbert_curve_takes_at_most_one_diagonal_step(height: int, width: int) -> None:
    steps = strides(images.hilbert(height, width), width)
    assert (steps <= 1).all()
    longer, shorter = max(height, width), min(height, width)
    is_without_a_way = longer % 2 == 1 and shorter % 2 == 0
    assert (steps.sum(axis=1) == 2).sum() <= is_without_a_way


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_a_hilbert_curve_fills_quarter_after_quarter(order: int) -> None:
    side = 2**order
    rows, columns = np.divmod(images.hilbert(side, side), side)
    quarters = (rows * 2 // side) * 2 + columns * 2 // side
    assert all(len(set(part)) == 1 for part in np.split(quarters, 4))


def test_a_spiral_begins_in_the_centre_and_ends_at_the_rim() -> None:
    distance = np.abs(np.indices((5, 5)) - 2).max(axis=0).ravel()
    assert (np.diff(distance[images.spiral(5, 5)]) >= 0).all()


def test_spaced_pixels_are_a_grid_that_grows_denser() -> None:
    sequence = images.spaced(8, 8)
    rows, columns = np.divmod(sequence, 8)
    assert sequence[0] == 0
    for count, stride in ((4, 4), (16, 2)):
        assert not (rows[:count] % stride).any()
        assert not (columns[:count] % stride).any()


def test_columns_and_checkerboard() -> None:
    assert images.columns(2, 3).tolist() == [0, 3, 1, 4, 2, 5]
    assert images.checkerboard(2, 3).tolist() == [0, 2, 4, 1, 3, 5]


@pytest.mark.parametrize("name", WALKS)
def test_rows_that_are_no_images_are_refused(name: str) -> None:
    problem = ORDERINGS[name].misfit(Variables(6))
    assert "no images" in problem
    with pytest.raises(ValueError, match="no images"):
        ORDERINGS[name](6, np.random.default_rng(0))
