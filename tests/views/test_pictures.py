"""Rows of data are drawn in one way, and said in a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from made import plots
from made.views.pictures import rows_as_picture

ROWS = np.random.default_rng(0).integers(0, 3, size=(10, 6))


def test_rows_with_a_shape_are_a_grid_of_images() -> None:
    picture = rows_as_picture(ROWS, (2, 3), 3, "10 samples", columns=5, width=200)
    assert picture.title == "10 samples"
    grid = plots.digit_grid(ROWS, (2, 3), 3, columns=5, target_width=200)
    np.testing.assert_array_equal(picture.pixels, grid)
    assert picture.alt == "10 samples: a grid of 10 pictures, each 2 × 3 pixels."


def test_rows_without_a_shape_stand_one_a_line() -> None:
    picture = rows_as_picture(ROWS, None, 3, "Data", width=60)
    assert picture.pixels.shape == (100, 60)
    np.testing.assert_array_equal(picture.pixels[::10, ::10], np.array([0, 128, 255])[ROWS])
    assert picture.alt.startswith("Data: 10 examples, one a row, 6 variables across;")


@pytest.mark.parametrize("image_shape", [None, (2, 3)])
def test_a_sentence_never_counts_twice(image_shape: tuple[int, int] | None) -> None:
    alt = rows_as_picture(ROWS, image_shape, 3, "10 samples of the model").alt
    assert alt.startswith("10 samples of the model: ")
