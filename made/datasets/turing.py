"""The 200 × 200 joint of CS294-158 (spring 2019), exercise 2: a portrait of Alan Turing."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from made.datasets.arrays import Source, read_npy
from made.datasets.base import (
    JOINT_SETTINGS,
    Dataset,
    DatasetInfo,
    Family,
    joint_dataset,
    joint_info,
)
from made.datasets.download import Progress, RemoteFile, fetch

if TYPE_CHECKING:
    from made.datasets.settings import DataConfig

NUM_CATEGORIES = 200
SHA256 = "e28ee3fc16edea32bddb599025ece56081582fe5719e3bc210bf537688e66d97"


class TuringJoint(Family):
    """x_1 is the row and x_2 the column of the portrait, counted from its upper left corner."""

    settings = JOINT_SETTINGS
    file = RemoteFile(
        name="distribution.npy",
        url="https://raw.githubusercontent.com/dosssman/made-experiments-pytorch/HEAD/"
        "distribution.npy",
        max_bytes=1 << 20,
    )

    def info(self, config: DataConfig) -> DatasetInfo:
        return joint_info(
            config,
            name="turing-joint",
            title="Turing portrait",
            description="The 200 × 200 joint of CS294-158, exercise 2: a portrait of Alan Turing.",
            num_categories=NUM_CATEGORIES,
            needs_download=not self.is_available(),
        )

    def load(self, config: DataConfig, progress: Progress | None = None) -> Dataset:
        joint = fetch(self.file, _read, progress)
        return joint_dataset(self.info(config), joint, config)


def _read(stream: BinaryIO, source: Source) -> np.ndarray:
    content = stream.read(TuringJoint.file.max_bytes)
    if hashlib.sha256(content).hexdigest() != SHA256:
        raise source.refuse("is not the original (its SHA-256 hash is wrong)")
    table = read_npy(io.BytesIO(content), source, num_bytes=len(content)).astype(np.float64)
    return table / table.sum()
