"""The small pictures of a comparison: what is bright, what is orange, and what is grey."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from made.plots.cells import (
    CELL_LIMIT,
    NEUTRAL,
    data_address,
    density_pixels,
    difference_pixels,
    ratio_pixels,
)

FLAT = np.full((8, 8), 1 / 64)


def tilted() -> np.ndarray:
    """Too much mass above, too little below, next to none in a corner of both."""
    model = FLAT.copy()
    model[:4] *= 1.5
    model[4:] *= 0.5
    return model


def test_more_mass_is_brighter_and_the_top_is_where_the_scale_ends() -> None:
    pixels = density_pixels(np.linspace(0, 1, 16).reshape(4, 4), top=1.0).sum(axis=-1, dtype=int)
    assert (np.diff(pixels.ravel()) >= 0).all()
    full, more = density_pixels(np.array([[1.0, 2.0], [0.0, 0.0]]), top=1.0)[0]
    assert (full == more).all()


def test_large_joints_are_summed_in_blocks_on_the_same_scale() -> None:
    number = 2 * CELL_LIMIT
    fine = np.full((number, number), number**-2.0)
    pixels = density_pixels(fine, top=2 * number**-2.0)
    assert pixels.shape == (CELL_LIMIT, CELL_LIMIT, 3)
    assert (pixels == density_pixels(FLAT, top=2 / 64)[0, 0]).all()


def test_too_much_is_orange_too_little_blue_and_what_is_next_to_nothing_grey() -> None:
    truth, model = FLAT.copy(), tilted()
    truth[0, 0] = model[0, 0] = 1e-9
    red, _, blue = np.moveaxis(ratio_pixels(model, truth, clip=2.0).astype(int), -1, 0)
    assert (red[1:4] > blue[1:4]).all()
    assert (red[4:] < blue[4:]).all()
    grey = ratio_pixels(model, truth, clip=2.0)[0, 0]
    np.testing.assert_allclose(grey, NEUTRAL, atol=1)


def test_a_model_without_mass_where_there_is_some_has_the_end_of_the_scale() -> None:
    model = FLAT.copy()
    model[0, 0] = 0
    pixels = ratio_pixels(model, FLAT, clip=2.0)
    assert pixels[0, 0].astype(int)[2] > pixels[0, 0].astype(int)[0], "blue: too little"


def test_a_difference_is_orange_where_the_first_has_more() -> None:
    red, _, blue = np.moveaxis(difference_pixels(tilted() - FLAT, 0.01).astype(int), -1, 0)
    assert (red[:4] > blue[:4]).all()
    assert (red[4:] < blue[4:]).all()


def test_an_address_holds_the_very_pixels() -> None:
    few = density_pixels(np.random.default_rng(0).random((20, 20)), top=1.0)
    many = np.random.default_rng(1).integers(0, 256, (20, 20, 3)).astype(np.uint8)
    grey = few[..., 0]
    for pixels in (few, many, grey):
        content = base64.b64decode(data_address(pixels).partition(",")[2])
        mode = "RGB" if pixels.ndim == 3 else "L"
        found = np.asarray(Image.open(io.BytesIO(content)).convert(mode))
        np.testing.assert_array_equal(found, pixels)
