"""The 8 × 8 handwritten digits that come with scikit-learn (UCI optical recognition, test part)."""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from made.datasets.base import Dataset, DatasetInfo, Family, split_rows, split_sizes
from made.datasets.download import Progress

if TYPE_CHECKING:
    from made.datasets.settings import DataConfig

NUM_DIGITS = 1797
NUM_LEVELS = 17
INK = 8  # a pixel of this level or more, on a scale of 0 … 16, is black
TRAIN_FRACTION = 0.7
SPLIT_SEED = 0  # fixed, so that figures of different runs can be compared


class Digits(Family):
    """1,797 digits, either with all 17 grey levels or binarised at half of the scale."""

    def __init__(self, *, grey: bool) -> None:
        self.grey = grey

    def info(self, config: DataConfig) -> DatasetInfo:
        num_train, num_validation, num_test = split_sizes(NUM_DIGITS, TRAIN_FRACTION)
        kind = "17 grey levels" if self.grey else "black or white pixels"
        return DatasetInfo(
            name="digits8-grey" if self.grey else "digits8",
            title="8 × 8 digits, grey" if self.grey else "8 × 8 digits",
            description=f"1,797 handwritten digits of 8 × 8 pixels in {kind}; trains in seconds.",
            num_variables=64,
            num_categories=NUM_LEVELS if self.grey else 2,
            image_shape=(8, 8),
            num_train=num_train,
            num_validation=num_validation,
            num_test=num_test,
        )

    def load(self, config: DataConfig, progress: Progress | None = None) -> Dataset:
        pixels = _pixels()
        rows = (pixels if self.grey else pixels >= INK).astype(np.uint8)
        train, validation, test = split_rows(rows, SPLIT_SEED, TRAIN_FRACTION)
        return Dataset(info=self.info(config), train=train, validation=validation, test=test)


def _pixels() -> np.ndarray:
    """The grey levels 0 … 16 of all digits, (1797, 64).

    Importing scikit-learn takes seconds, so its table of digits is read directly where it lies.
    """
    package = find_spec("sklearn")
    for folder in (package and package.submodule_search_locations) or ():
        table = Path(folder, "datasets", "data", "digits.csv.gz")
        if table.is_file():
            with gzip.open(table) as stream:
                return np.loadtxt(stream, delimiter=",", dtype=np.uint8)[:, :-1]
    from sklearn.datasets import load_digits

    return load_digits().data
