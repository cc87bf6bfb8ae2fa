"""Data that somebody holds in memory, as arrays: of NumPy, torch, pandas, or a torch `Dataset`.

None of these is imported here: what was given brings its own library along.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from made.datasets.arrays import NUMBER_KINDS, Source

SPLITS = ("train", "validation", "test")
SOURCE = Source("data", "give whole numbers 0 … K-1, one row an example")


@dataclass(frozen=True)
class Given:
    """arrays: one table (N, D) under "train", or one for each of SPLITS; values unchecked.

    image_shape: (height, width) where pictures were given as such. names: of the columns.
    """

    arrays: dict[str, np.ndarray]
    image_shape: tuple[int, int] | None = None
    names: tuple[str, ...] | None = None


def arrays_of(data: Any) -> Given:
    """The tables in some data: one, or three as a tuple or by the names of the splits.

    Each is an array, a tensor, a DataFrame, a list of rows, or a torch `Dataset` with a length,
    of whose items that are tuples (x, label) the first is taken. Pictures become rows.
    Raises MadeError.
    """
    if isinstance(data, tuple) and len(data) == len(SPLITS):
        data = dict(zip(SPLITS, data, strict=True))
    if not isinstance(data, Mapping):
        array, shape, names = _table(data, "")
        return Given({"train": array}, shape, names)
    if set(data) != set(SPLITS):
        keys = ", ".join(repr(str(key)[:40]) for key in list(data)[:6]) or "nothing"
        raise SOURCE.refuse(
            f"has the parts {keys}", "name them train, validation and test, or give one table"
        )
    tables = {name: _table(data[name], f" in '{name}'") for name in SPLITS}
    shapes = {shape for _, shape, _ in tables.values()}
    return Given(
        {name: array for name, (array, _, _) in tables.items()},
        shapes.pop() if len(shapes) == 1 else None,
        tables["train"][2],
    )


def _table(data: Any, where: str) -> tuple[np.ndarray, tuple[int, int] | None, Any]:
    """One table (N, D), the shape of its pictures, and the names of its columns."""
    names = None
    if hasattr(data, "columns") and hasattr(data, "to_numpy"):
        names = tuple(str(column) for column in data.columns)
        for name, column in zip(names, data.dtypes, strict=True):
            if getattr(column, "kind", "O") not in NUMBER_KINDS:
                raise SOURCE.refuse(
                    f"holds values of type {column} in column '{name[:40]}'{where}, not numbers",
                    f"number them, for instance with pandas.factorize(data['{name[:40]}'])[0]",
                )
        array = data.to_numpy()
    elif isinstance(data, np.ndarray) or hasattr(data, "detach"):
        array = _array(data)
    elif isinstance(data, Sequence) and not isinstance(data, str | bytes):
        array = _stacked(list(data), where)
    elif hasattr(data, "__getitem__") and hasattr(data, "__len__"):
        items = [data[index] for index in range(len(data))]
        array = _stacked(
            [item[0] if isinstance(item, tuple | list) else item for item in items], where
        )
    else:
        raise SOURCE.refuse(
            f"is of type {type(data).__name__}{where}",
            "give an array (N, D), a tensor, a DataFrame, a torch Dataset with a length, or three "
            "of these",
        )
    if array.dtype.kind not in NUMBER_KINDS:
        raise SOURCE.refuse(f"holds values of type {array.dtype}{where}, not plain numbers")
    if array.ndim < 3 or len(array) == 0:
        return array, None, names
    height, width = array.shape[-2:]
    shape = (height, width) if array[0].size == height * width else None
    return array.reshape(len(array), -1), shape, names


def _array(item: Any) -> np.ndarray:
    """An array, a tensor wherever it is, a picture of PIL, or a number, as an array."""
    if hasattr(item, "detach"):
        item = item.detach().cpu().numpy()
    return np.asarray(item)


def _stacked(items: list[Any], where: str) -> np.ndarray:
    """Items of one shape, one after another; numbers alone are a table of one column."""
    arrays = [_array(item) for item in items]
    shapes = sorted({array.shape for array in arrays})
    if len(shapes) > 1:
        raise SOURCE.refuse(
            f"has examples of different shapes{where}, such as {shapes[0]} and {shapes[1]}",
            "give all of them the same shape",
        )
    if not arrays:
        return np.empty((0, 0))
    stacked = np.stack(arrays)
    return stacked[:, None] if stacked.ndim == 1 else stacked
