"""A small picture of any dataset, for a list to choose from."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from made import datasets, plots
from made.base.errors import MadeError
from made.datasets import Dataset
from made.datasets.settings import DataConfig
from made.runs.store import list_runs
from made.views.run_views import reference

GRID_SIZE = 100
MAX_SIDE = 200
TILES = 2  # sample images a side
ROWS, COLUMNS = 64, 128


@lru_cache(maxsize=256)
def thumbnail(name: str, is_here: bool = True) -> bytes | None:
    """A small PNG of a dataset: of the data at hand, else of what a run keeps of them, else None.

    is_here stands for the state that the caller saw: a download makes a better picture possible.
    """
    config = DataConfig(dataset=name, num_samples=1_000, grid_size=GRID_SIZE)
    try:
        dataset = datasets.load(config) if is_here else _remembered(config)
    except MadeError:
        return None
    return None if dataset is None else plots.thumbnail_png(strengths(dataset))


def strengths(dataset: Dataset) -> np.ndarray:
    """A picture (height, width), float64 in 0 … 1, where 1 is the strongest.

    A 2-D joint is drawn as its table (row x_1, column x_2) over its maximum, or as the histogram
    of its rows where no table is known; images as the first four examples in a square; other
    rows as they are, one example a line.
    """
    rows, num_categories = dataset.train, dataset.num_categories
    if dataset.info.is_joint:
        joint = dataset.joint
        if joint is None:
            joint = plots.joint_histogram(rows, num_categories)
        table, _ = plots.block_sum(joint, MAX_SIDE)
        return table / table.max()
    if dataset.image_shape:
        first = rows[: TILES * TILES]
        grid = plots.digit_grid(
            first, dataset.image_shape, num_categories, columns=TILES, gap=0, scale=1
        )
    else:
        grid = plots.rows_picture(rows[:ROWS, :COLUMNS], num_categories, scale=1)
    return grid / 255


def _remembered(config: DataConfig) -> Dataset | None:
    """The rows and the truth of a dataset that some run keeps."""
    for run in list_runs():
        if run.problem is None and run.config.data.dataset == config.dataset:
            known = reference(run)
            if known.rows is not None:
                none = known.rows[:0]
                info = datasets.info(run.config.data)
                return Dataset(
                    info=info, train=known.rows, validation=none, test=none, joint=known.joint
                )
    return None
