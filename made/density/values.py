"""The one entrance for values: what is no table of categories is refused in a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from made.base.errors import MadeError

INTEGERS = frozenset({torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64})
# torch compares these only as wider integers.
WIDENED = frozenset({torch.bool, torch.uint16, torch.uint32, torch.uint64})


def rows_of(
    x: Any,
    num_variables: int,
    num_categories: int,
    *,
    image_shape: tuple[int, int] | None = None,
    device: torch.device | str = "cpu",
) -> tuple[Tensor, bool]:
    """Values as int64 (B, D) on a device, and whether they came as a single row.

    x: categories 0 … K-1 of any integer type, numpy or torch, (D,) or (B, D), or pictures (H, W) or
    (B, H, W) where an image shape is known. Raises MadeError for everything else.

    >>> rows_of(np.array([1, 0, 2], np.uint8), 3, 3)
    (tensor([[1, 0, 2]]), True)
    >>> rows_of([[0, 3]], 2, 3)
    Traceback (most recent call last):
    made.base.errors.MadeError: Variable 1 of row 0 is 3: its values are the integers 0 … 2.
    """
    values = _tensor(x)
    if image_shape is not None and values.shape[-2:] == image_shape:
        values = values.flatten(-2)
    if values.dim() not in (1, 2) or values.shape[-1] != num_variables:
        raise MadeError(
            f"The values have the shape {tuple(values.shape)}: give one row of {num_variables} "
            f"variables or a table (rows, {num_variables}){_or_pictures(image_shape)}."
        )
    is_single = values.dim() == 1
    rows = values.unsqueeze(0) if is_single else values
    require_categories(rows, num_categories)
    return rows.to(device).long(), is_single


def _tensor(x: Any) -> Tensor:
    if isinstance(x, Tensor):
        return x.detach()
    try:
        array = np.asarray(x)
        return torch.from_numpy(np.array(array, np.int64 if array.dtype == object else None))
    except (TypeError, ValueError):
        kind = getattr(getattr(x, "dtype", None), "name", type(x).__name__)
        raise MadeError(
            f"The values are of type {kind}, which is no table of integers: give a numpy array or "
            "a tensor of categories."
        ) from None


def _or_pictures(image_shape: tuple[int, int] | None) -> str:
    if image_shape is None:
        return ""
    height, width = image_shape
    return f", or pictures (rows, {height}, {width})"


def require_categories(rows: Tensor, num_categories: int) -> None:
    """Raises MadeError, naming the first value that is no category."""
    if not rows.numel():
        return
    if rows.dtype not in INTEGERS | WIDENED:
        raise _of_wrong_type(rows, num_categories)
    numbers = rows.long() if rows.dtype in WIDENED else rows
    low, high = (bound.item() for bound in numbers.aminmax())
    if low < 0 or high >= num_categories:
        row, variable = ((numbers < 0) | (numbers >= num_categories)).nonzero()[0].tolist()
        raise MadeError(
            f"Variable {variable} of row {row} is {numbers[row, variable].item()}: its values are "
            f"the integers 0 … {num_categories - 1}."
        )


def _of_wrong_type(rows: Tensor, num_categories: int) -> MadeError:
    """The refusal of numbers that are no integers; the first fraction tells more than a 1.0."""
    odd = (rows != rows.round()) | ~rows.isfinite() if rows.is_floating_point() else rows != rows
    row, variable = odd.nonzero()[0].tolist() if odd.any() else (0, 0)
    kind = str(rows.dtype).removeprefix("torch.")
    return MadeError(
        f"Variable {variable} of row {row} is {rows[row, variable].item()}, of type {kind}: its "
        f"values are the integers 0 … {num_categories - 1}, so give an integer type."
    )
