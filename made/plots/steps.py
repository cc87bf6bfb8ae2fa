"""One minibatch of a joint: its points over the data, and where it moved mass."""

from __future__ import annotations

import numpy as np

from made.plots.cells import difference_pixels
from made.plots.densities import DISPLAY_LIMIT, block_sum, top_of_scale
from made.plots.palette import DATA, enlarge, paint

GREYS = ("#16181d", "#565b64", "#a3a8b0")
RIM = (244, 243, 240)
PIXELS = 320  # at least so wide
POINT = 0.011  # half the side of a point, of the width of the picture


def points_picture(joint: np.ndarray | None, points: np.ndarray, num_categories: int) -> np.ndarray:
    """The true joint (K, K) in grey, where it is known, with points in blue, uint8 (H, W, 3).

    points: integers (B, 2), a row x1, x2 each.
    """
    truth = np.zeros((num_categories, num_categories)) if joint is None else joint
    mass, side = block_sum(truth, DISPLAY_LIMIT)
    factor = -(-PIXELS // len(mass))
    picture = enlarge(paint(mass / top_of_scale(mass), GREYS), factor)
    half = max(2, round(POINT * len(picture)))
    places = ((np.unique(points, axis=0).astype(int) // side) * factor) + factor // 2
    blue = [int(DATA[place : place + 2], 16) for place in (1, 3, 5)]
    # All rims before all points: none is cut by its neighbour.
    for reach, colour in ((half + 1, RIM), (half, blue)):
        for down, across in places:
            top, left = max(0, down - reach), max(0, across - reach)
            picture[top : down + reach + 1, left : across + reach + 1] = colour
    return picture


def change_picture(before: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, float]:
    """after - before as colours, uint8 (H, W, 3), blue less and orange more; the end of the scale.

    before, after: (K, K). The scale ends, to both sides, at the largest change of a cell.
    """
    change = np.asarray(after, np.float64) - before
    clip = float(np.abs(change).max())
    pixels = difference_pixels(change, clip or 1.0, DISPLAY_LIMIT)
    return enlarge(pixels, -(-PIXELS // len(pixels))), clip
