"""An ordering as a picture: every variable in the colour of its place, first light, last dark."""

import io

import numpy as np
from PIL import Image

from made.plots.palette import PLACES, paint

PIXELS = 96


def ordering_png(position: np.ndarray, image_shape: tuple[int, int] | None = None) -> bytes:
    """PNG of the places 0 … D-1 of D variables, of at most 96 × 96 pixels.

    position: int (D,). image_shape: (height, width) of variables that are pixels; others stand
    side by side, first variable left, as stripes of a square.
    """
    share = np.asarray(position) / max(len(position) - 1, 1)
    image = Image.fromarray(paint(share.reshape(image_shape or (1, -1)), PLACES))
    factor = PIXELS / max(image.size)
    width, height = (max(1, round(side * factor)) for side in image.size)
    method = Image.Resampling.NEAREST if factor >= 1 else Image.Resampling.BOX
    buffer = io.BytesIO()
    resized = image.resize((width, height if image_shape else PIXELS), method)
    resized.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def ordering_alt(title: str, num_variables: int) -> str:
    """The picture in a sentence."""
    return f"{title}: the places of {num_variables:,} variables, from first, light, to last, dark."
