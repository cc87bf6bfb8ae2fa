"""Reading published archives of binary rows, whose shapes (and hashes) are known beforehand."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import BinaryIO

import numpy as np

from made.datasets.arrays import Source, read_npz

SPLITS = ("train_data", "valid_data", "test_data")
LARGEST_ITEM = 8  # bytes a value takes in the widest type that such an archive may use

Splits = tuple[np.ndarray, ...]


def read_splits(
    sizes: tuple[int, int, int], num_variables: int, hashes: tuple[str, ...] | None = None
) -> Callable[[BinaryIO, Source], Splits]:
    """A reader of the arrays train_data, valid_data and test_data, each 0 or 1, (rows, D).

    hashes: SHA-256 of the rows of each split packed to bits (`np.packbits(rows, axis=1)`); the
    archive itself is not hashed, because copies of it differ in how they are compressed.
    """

    def read(stream: BinaryIO, source: Source) -> Splits:
        limit = sum(sizes) * num_variables * LARGEST_ITEM + (1 << 20)
        arrays = read_npz(stream, source, lambda names: _select(names, source), max_bytes=limit)
        splits = tuple(
            _binary(arrays[name], name, (size, num_variables), source)
            for name, size in zip(SPLITS, sizes, strict=True)
        )
        if hashes:
            for name, split, expected in zip(SPLITS, splits, hashes, strict=True):
                if hashlib.sha256(np.packbits(split, axis=1).data).hexdigest() != expected:
                    raise source.refuse(
                        f"is not the original (the SHA-256 hash of its '{name}' is wrong)"
                    )
        return splits

    return read


def _select(names: list[str], source: Source) -> tuple[str, ...]:
    if missing := [name for name in SPLITS if name not in names]:
        raise source.refuse(f"has no array '{missing[0]}'")
    return SPLITS


def _binary(array: np.ndarray, name: str, shape: tuple[int, int], source: Source) -> np.ndarray:
    if array.shape != shape:
        raise source.refuse(f"is not the original ('{name}' is {array.shape}, not {shape})")
    binary = array.astype(np.uint8)
    if not np.array_equal(binary, array) or binary.max() > 1:
        raise source.refuse(f"is not the original ('{name}' holds values other than 0 and 1)")
    return binary
