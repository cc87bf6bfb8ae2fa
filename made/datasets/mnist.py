"""Binarized MNIST in the fixed split of Larochelle and Murray (2011), 28 × 28 pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from made.datasets.base import Dataset, DatasetInfo, Family
from made.datasets.binary import read_splits
from made.datasets.download import Progress, RemoteFile, fetch

if TYPE_CHECKING:
    from made.datasets.settings import DataConfig

SIZES = (50_000, 10_000, 10_000)
NUM_PIXELS = 784
HASHES = (
    "727146c35424b019f3e350e1e69faa05644a0abaf787e3f4e1a9632220a13906",
    "a256ac44ae26be720fad8616a05ed6ecfd1619930d9a208379bb2a4405df5b6d",
    "9fcd8da6f0fdf09b2ba30fe63a0bb784042a0de82563172530229b983e294ff2",
)


class BinarizedMnist(Family):
    """Handwritten digits, each pixel drawn once and for all as ink (1) or paper (0)."""

    file = RemoteFile(
        name="binarized_mnist.npz",
        url="https://github.com/mgermain/MADE/releases/download/ICML2015/binarized_mnist.npz",
        max_bytes=512 << 20,
    )

    def info(self, config: DataConfig) -> DatasetInfo:
        return DatasetInfo(
            name="binarized-mnist",
            title="Binarized MNIST",
            description="70,000 handwritten digits of 28 × 28 black or white pixels, in the fixed "
            "split by Larochelle that published figures use.",
            num_variables=NUM_PIXELS,
            num_categories=2,
            image_shape=(28, 28),
            num_train=SIZES[0],
            num_validation=SIZES[1],
            num_test=SIZES[2],
            needs_download=not self.is_available(),
        )

    def load(self, config: DataConfig, progress: Progress | None = None) -> Dataset:
        train, validation, test = fetch(self.file, read_splits(SIZES, NUM_PIXELS, HASHES), progress)
        return Dataset(info=self.info(config), train=train, validation=validation, test=test)
