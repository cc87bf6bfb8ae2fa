"""What a variable is called: a pixel by its row and column, x₁ and x₂, or by its number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from made.datasets import DatasetInfo

DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def grid_columns(info: DatasetInfo) -> int:
    """Columns of the grid that the variables stand in: those of the image, or of a square."""
    if info.image_shape is not None:
        return info.image_shape[1]
    return int(np.ceil(np.sqrt(info.num_variables)))


def name(info: DatasetInfo, variable: int) -> str:
    """As it heads a panel, counted from 1: "Pixel 349", "x₂"."""
    if info.image_shape is not None:
        return f"Pixel {variable + 1}"
    return symbol(variable)


def place_name(info: DatasetInfo, variable: int) -> str:
    """As it stands in a list: "row 13, col 13"; elsewhere as `name` says."""
    if info.image_shape is None:
        return symbol(variable)
    row, column = divmod(variable, info.image_shape[1])
    return f"row {row + 1}, col {column + 1}"


def symbol(variable: int) -> str:
    """x with its number, counted from 1.

    >>> symbol(0), symbol(348)
    ('x₁', 'x₃₄₉')
    """
    return "x" + str(variable + 1).translate(DIGITS)
