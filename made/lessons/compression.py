"""What general compressors make of pictures of paper and ink, which know nothing of digits."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

# Each at its strongest; the preset 9 of lzma has but a larger window, which no picture fills.
COMPRESSORS: Mapping[str, Callable[[bytes], bytes]] = {
    "zlib": lambda content: zlib.compress(content, 9),
    "bz2": lambda content: bz2.compress(content, 9),
    "lzma": lambda content: lzma.compress(content, preset=6 | lzma.PRESET_EXTREME),
}
LAYOUTS: Mapping[str, Callable[[np.ndarray], bytes]] = {
    "eight pixels a byte": lambda rows: np.packbits(rows, axis=1).tobytes(),
    "one pixel a byte": lambda rows: rows.astype(np.uint8).tobytes(),
}


@dataclass(frozen=True)
class File:
    """A compressed file. bits: its size. layout: of the pixels that went in, the better one."""

    bits: int
    layout: str


def compressed(rows: np.ndarray) -> dict[str, File]:
    """Zeros and ones, (N, D), as one file of each compressor, laid out as it likes it best."""
    return {name: _best(name, rows) for name in COMPRESSORS}


def empty_bits(name: str) -> int:
    """The size of its file of nothing: header, checksum, end."""
    return 8 * len(COMPRESSORS[name](b""))


def _best(name: str, rows: np.ndarray) -> File:
    compress = COMPRESSORS[name]
    files = [File(8 * len(compress(lay(rows))), layout) for layout, lay in LAYOUTS.items()]
    return min(files, key=lambda file: file.bits)
