"""What rows of whole numbers from outside must be, and the one sentence where they are not."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np

from made.datasets.arrays import Source

MAX_CATEGORIES = 1024
MIN_VARIABLES, MAX_VARIABLES = 2, 10_000
MIN_ROWS = 10
ROWS_AT_ONCE = 1 << 22  # values checked at a time, to bound the memory of the check


def check_shape(shape: tuple[int, ...], source: Source, where: str = "") -> None:
    """Refuse what is no table (N, D) of rows by its shape alone, so before it is read.

    where: the part that it is, such as " in 'train'".
    """
    if len(shape) != 2:
        raise source.refuse(
            f"is an array of shape {shape}{where}, not a table of rows",
            "save one of shape (N, D), one row an example; flatten pictures with reshape(N, -1)",
        )
    if 0 in shape:
        raise source.refuse(f"has no rows{where}", f"bring at least {MIN_ROWS} rows")
    if not MIN_VARIABLES <= shape[1] <= MAX_VARIABLES:
        raise source.refuse(
            f"has D = {shape[1]:,} columns{where}",
            f"bring {MIN_VARIABLES} to {MAX_VARIABLES:,}; one row must be one example",
        )


def check_rows(
    array: np.ndarray, source: Source, where: str = "", names: Sequence[str] | None = None
) -> None:
    """Refuse all but a table (N, D) of whole numbers 0 … MAX_CATEGORIES - 1.

    where: the part that it is, such as " in 'train'". names: what its columns are called.
    """
    check_shape(array.shape, source, where)

    def at(is_bad: np.ndarray) -> str:
        variable = int(np.flatnonzero(is_bad.any(axis=0))[0])
        name = f" ('{names[variable][:40]}')" if names else ""
        return f"at variable {variable}{name}{where}"

    step = max(1, ROWS_AT_ONCE // array.shape[1])
    for start in range(0, len(array), step):
        part = array[start : start + step]
        if part.dtype.kind == "f":
            is_finite = np.isfinite(part)
            if not is_finite.all():
                raise source.refuse(
                    f"holds NaN or infinity {at(~is_finite)}",
                    "fill or remove missing values first",
                )
            is_broken = part != np.floor(part)
            if is_broken.any():
                raise source.refuse(
                    f"holds {part[is_broken][0]:.6g}, which is not a whole number, {at(is_broken)}",
                    "round or bin the values into categories 0 … K-1",
                )
        if part.min() < 0:
            raise source.refuse(
                f"holds the negative value {part.min():.6g} {at(part == part.min())}",
                "number the categories from 0, for instance by subtracting the smallest value",
            )
        if part.max() >= MAX_CATEGORIES:
            raise source.refuse(
                f"holds the value {part.max():.6g}, which makes too many categories, "
                f"{at(part == part.max())}",
                f"number the categories 0 … K-1 with K at most {MAX_CATEGORIES}",
            )


def check_splits(
    arrays: dict[str, np.ndarray], source: Source, names: Sequence[str] | None = None
) -> int:
    """Check one table, or those of three splits together. Returns the number of categories K."""
    for name, array in arrays.items():
        check_rows(array, source, f" in '{name}'" if len(arrays) > 1 else "", names)
    widths = {array.shape[1] for array in arrays.values()}
    if len(widths) > 1:
        raise source.refuse(
            f"has splits of different widths {sorted(widths)}",
            "give train, validation and test the same number of columns",
        )
    num_rows = sum(len(array) for array in arrays.values())
    if num_rows < MIN_ROWS:
        raise source.refuse(f"has {num_rows} rows", f"bring at least {MIN_ROWS}")
    return max(2, 1 + max(int(array.max()) for array in arrays.values()))


def picture_shape(
    wish: tuple[int, int] | Literal["guess"] | None,
    num_variables: int,
    num_categories: int,
    source: Source,
) -> tuple[int, int] | None:
    """(height, width) of rows that are pictures. wish: "guess" takes squares; None: no pictures."""
    if wish is None:
        return None
    if wish == "guess":
        side = math.isqrt(num_variables)
        is_picture = side * side == num_variables > 9 and num_categories <= 256
        return (side, side) if is_picture else None
    height, width = wish
    if height < 1 or height * width != num_variables:
        raise source.refuse(
            f"has {num_variables} columns, which do not make {height} × {width} pixels",
            "correct the picture's height and width, or leave them out",
        )
    return int(height), int(width)
