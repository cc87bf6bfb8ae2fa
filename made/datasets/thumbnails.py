"""A small picture of any dataset, for a list to choose from."""

from __future__ import annotations

import numpy as np

from made.datasets.base import Dataset

MAX_SIDE = 200
TILES = 2  # sample images a side
ROWS, COLUMNS = 64, 128


def thumbnail(dataset: Dataset) -> np.ndarray:
    """A picture (height, width), float64 in 0 … 1, where 1 is the strongest.

    A 2-D joint is drawn as its table (row x_1, column x_2) over its maximum, or as the histogram
    of its rows where no table is known; images as the first four examples in a square; other
    rows as they are, one example a line.
    """
    if dataset.info.is_joint:
        table = dataset.joint if dataset.joint is not None else _histogram(dataset)
        table = _shrunk(table)
        return table / table.max()
    scale = dataset.num_categories - 1
    if dataset.image_shape:
        height, width = dataset.image_shape
        examples = dataset.train[: TILES * TILES]
        tiles = np.zeros((TILES * TILES, height, width))
        tiles[: len(examples)] = examples.reshape(-1, height, width) / scale
        grid = tiles.reshape(TILES, TILES, height, width).swapaxes(1, 2)
        return grid.reshape(TILES * height, TILES * width)
    return dataset.train[:ROWS, :COLUMNS] / scale


def _histogram(dataset: Dataset) -> np.ndarray:
    size = dataset.num_categories
    cells = dataset.train[:, 0].astype(np.int64) * size + dataset.train[:, 1]
    return np.bincount(cells, minlength=size * size).reshape(size, size).astype(np.float64)


def _shrunk(table: np.ndarray) -> np.ndarray:
    """Sums over blocks of cells, so that no side is longer than MAX_SIDE."""
    block = -(-len(table) // MAX_SIDE)
    starts = np.arange(0, len(table), block)
    return np.add.reduceat(np.add.reduceat(table, starts, axis=0), starts, axis=1)
