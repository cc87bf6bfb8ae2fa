"""Small pictures for the cells of a comparison: one pixel a state, one scale for all of them."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

from made.plots.densities import block_sum, log_ratio_values
from made.plots.palette import DIVERGING, SEQUENTIAL, paint

CELL_LIMIT = 128  # states across in a cell; more are summed in blocks
NEUTRAL = np.array([125, 132, 143], np.float64)  # where there is next to no mass to compare
FULL_MASS = 0.25  # of the mean mass of a state, from which on a ratio has its full colour


def density_pixels(joint: np.ndarray, top: float, limit: int = CELL_LIMIT) -> np.ndarray:
    """A joint (K, K) as colours, uint8 (k, k, 3); `top`: the mass that is brightest."""
    mass, side = block_sum(joint, limit)
    return paint(mass / (top * side**2), SEQUENTIAL)


def ratio_pixels(
    model: np.ndarray, truth: np.ndarray, clip: float, limit: int = CELL_LIMIT
) -> np.ndarray:
    """log p(model) - log p(truth) as colours, uint8 (k, k, 3): orange too much, blue too little.

    Each colour fades to grey as the mass of both goes to zero, where the ratio is of no
    consequence: it would saturate, and be the first thing that the eye sees.
    """
    (model, _), (truth, _) = block_sum(model, limit), block_sum(truth, limit)
    mass = (model + truth) / 2
    ratio = np.nan_to_num(log_ratio_values(model, truth), nan=clip, posinf=clip, neginf=-clip)
    weight = np.clip(mass / (FULL_MASS * mass.mean()), 0, 1)[..., None]
    colours = paint(0.5 + ratio / (2 * clip), DIVERGING)
    return (weight * colours + (1 - weight) * NEUTRAL).round().astype(np.uint8)


def difference_pixels(difference: np.ndarray, clip: float, limit: int = 400) -> np.ndarray:
    """A difference of two joints (K, K) as colours, uint8 (k, k, 3): orange above zero, blue below.

    clip: the size, per state, at which the scale ends.
    """
    mass, side = block_sum(difference, limit)
    return paint(0.5 + mass / (2 * clip * side**2), DIVERGING)


def data_address(pixels: np.ndarray) -> str:
    """A uint8 picture, (H, W) or (H, W, 3), as an address that holds the whole of it as PNG.

    Pictures of few colours are stored by palette, at a third of the size.
    """
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if pixels.ndim == 3 and image.getcolors(256) is not None:
        image = image.quantize(256, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG", compress_level=6)
    return f"data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}"
