"""Grids, masks and thumbnails show every value in its place."""

import io

import numpy as np
import pytest
from PIL import Image

from made import plots


@pytest.mark.parametrize(("number", "columns"), [(1, None), (7, 3), (12, 4), (50, None)])
def test_digit_grid_holds_every_picture_in_its_place(number, columns):
    samples = np.random.default_rng(4).integers(0, 17, size=(number, 6))
    gap, scale, columns = 2, 3, columns or round(np.sqrt(number * 2 / 3))
    grid = plots.digit_grid(samples, (2, 3), 17, columns=columns, gap=gap, scale=scale)
    height, width = 2 * scale + gap, 3 * scale + gap
    assert grid.dtype == np.uint8
    assert grid.shape == (gap + -(-number // columns) * height, gap + columns * width)
    for i, sample in enumerate(samples):
        top, left = gap + (i // columns) * height, gap + (i % columns) * width
        shown = grid[top : top + 2 * scale : scale, left : left + 3 * scale : scale]
        assert np.array_equal(np.round(shown / 255 * 16).ravel(), sample)


def test_digit_grid_fits_the_wanted_width():
    samples = np.zeros((64, 784), dtype=np.uint8)
    assert 400 < plots.digit_grid(samples, (28, 28), 2, target_width=640).shape[1] <= 640


def test_rows_and_mean_pictures():
    samples = np.array([[0, 1, 1, 0], [0, 1, 0, 0]])
    assert plots.rows_picture(samples, 2, scale=1).tolist() == [[0, 255, 255, 0], [0, 255, 0, 0]]
    assert plots.mean_picture(samples, (2, 2), 2, pixels=2).tolist() == [[0, 255], [128, 0]]
    assert plots.variable_means(samples, 2).data[0].y.tolist() == [0, 1, 0.5, 0]


def test_masks_are_shown_as_they_are_and_large_ones_by_their_share():
    small = np.tril(np.ones((4, 6), dtype=bool))
    large = np.tril(np.ones((1000, 700), dtype=bool))
    figure = plots.mask_picture([small, large])
    assert np.array_equal(figure.data[0].z, small)
    assert max(figure.data[1].z.shape) <= 160
    assert figure.data[1].z.min() == 0
    assert figure.data[1].z.max() == 1
    assert "6 → 4, 42% open" in figure.layout.annotations[0].text


@pytest.mark.parametrize("shape", [(8, 8), (200, 200), (28, 14)])
def test_thumbnails_and_png_decode_to_the_right_size(shape):
    picture = np.linspace(0, 1, shape[0] * shape[1]).reshape(shape)
    image = Image.open(io.BytesIO(plots.thumbnail_png(picture, size=64)))
    assert max(image.size) == 64
    assert image.size[0] / image.size[1] == pytest.approx(shape[1] / shape[0], rel=0.02)
    grey = (255 * picture).astype(np.uint8)
    assert np.array_equal(np.array(Image.open(io.BytesIO(plots.png_bytes(grey)))), grey)
