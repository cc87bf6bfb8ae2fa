"""A picture with its title and its description, and the one way to draw rows of data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from made import plots
from made.plots.pictures import png_bytes

if TYPE_CHECKING:
    from made.datasets import DatasetInfo

MOST_PIXELS = 1_460  # of the width, as wide as any page
LARGE_WIDTH = 1_200  # of a picture that a page is for, in pixels


@dataclass(frozen=True)
class Picture:
    """A picture with its title and its description in a sentence."""

    title: str
    pixels: np.ndarray
    alt: str
    _encoded: dict[int, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def png(self, width: int = MOST_PIXELS) -> bytes:
        """The picture as PNG, at most so many pixels wide; encoded once for all who see it."""
        if width not in self._encoded:
            self._encoded[width] = png_bytes(self.pixels, width)
        return self._encoded[width]


def rows_as_picture(
    rows: np.ndarray,
    image_shape: tuple[int, int] | None,
    num_categories: int,
    title: str,
    *,
    columns: int | None = None,
    width: int = 640,
) -> Picture:
    """Rows of data, integers (N, D): a grid of images where they have a shape, else one a line.

    columns: of the grid, by default as many as make it about square. width: at most, in pixels.
    """
    if image_shape is None:
        pixels = plots.rows_picture(rows, num_categories, target_width=width)
        return Picture(title, pixels, plots.rows_picture_alt(rows, title))
    pixels = plots.digit_grid(
        rows, image_shape, num_categories, columns=columns, target_width=width
    )
    return Picture(title, pixels, plots.digit_grid_alt(len(rows), image_shape, title))


def one_a_row(title: str, info: DatasetInfo) -> str:
    """The title, and how rows that are no images are to be read."""
    return title if info.image_shape else f"{title}, one a row"
