"""Reading .npy and .npz files of unknown origin: sizes are checked before anything is read."""

from __future__ import annotations

import io
import math
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import IO

import numpy as np

from made.base.errors import MadeError
from made.base.text import short_bytes

MAX_BYTES = 512 << 20  # of all arrays read from one file, unpacked
MAX_MEMBERS = 1000
NUMBER_KINDS = "biuf"
BROKEN_HEADER = (
    ValueError,
    TypeError,
    SyntaxError,
    EOFError,
    OverflowError,
    RecursionError,
    MemoryError,
    tokenize.TokenError,
)
BROKEN_ARCHIVE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)


@dataclass(frozen=True)
class Source:
    """The name by which a person knows a file, and what to do when it turns out bad."""

    name: str
    mend: str

    def refuse(self, problem: str, mend: str | None = None) -> MadeError:
        """One sentence: the file, the problem, the mend."""
        return MadeError(f"'{self.name}' {problem}: {mend or self.mend}.")


def read_npy(
    stream: IO[bytes],
    source: Source,
    *,
    num_bytes: int,
    max_bytes: int = MAX_BYTES,
    check: Callable[[tuple[int, ...]], object] = lambda shape: None,
) -> np.ndarray:
    """One array of real numbers from a .npy stream that holds `num_bytes` from here on.

    Pickles, structured types, text and complex numbers are refused by the header alone, and
    so is a header that promises more than the stream holds or than `max_bytes`, or a shape that
    `check` refuses.
    """
    start = stream.read(128)
    if start[:1] == b"\x80":
        raise source.refuse("is a pickle, and pickles are never opened")
    if not start.startswith(b"\x93NUMPY"):
        raise source.refuse("does not begin as a .npy file does")
    rejoined = _Rejoined(start, stream)
    shape, dtype = _read_header(rejoined, source)
    if dtype.hasobject:
        raise source.refuse("holds pickled Python objects, which are never opened")
    if dtype.kind not in NUMBER_KINDS:
        raise source.refuse(f"holds values of type {dtype}, not plain numbers")
    needed = math.prod(shape) * dtype.itemsize
    if needed > max_bytes:
        raise source.refuse(
            f"would unpack to {short_bytes(needed)}, "
            f"more than the {short_bytes(max_bytes)} allowed",
            "store fewer values, or a smaller type such as uint8",
        )
    if needed > num_bytes - rejoined.position:
        raise source.refuse("is truncated (it ends before the array that its header announces)")
    check(shape)
    rejoined.rewind()
    try:
        return np.lib.format.read_array(rejoined, allow_pickle=False)
    except BROKEN_ARCHIVE as error:
        raise source.refuse("is damaged (its array cannot be read)") from error


def read_npz(
    stream: IO[bytes],
    source: Source,
    select: Callable[[list[str]], Iterable[str]],
    *,
    max_bytes: int = MAX_BYTES,
    check: Callable[[str, tuple[int, ...]], object] = lambda name, shape: None,
) -> dict[str, np.ndarray]:
    """The arrays of a .npz file that `select` picks among the names of its arrays.

    check: refuses an array by its name and shape, before it is unpacked.

    The unpacked size that the archive declares is checked first; unpacking then stops at the
    declared size, so an archive that lies about it is found out and costs nothing.
    """
    try:
        archive = zipfile.ZipFile(stream)
    except BROKEN_ARCHIVE as error:
        raise source.refuse("is not a .npz file, or it is truncated or damaged") from error
    with archive:
        members = {
            entry.filename.removesuffix(".npy"): entry
            for entry in archive.infolist()
            if entry.filename.endswith(".npy")
        }
        if not 0 < len(members) <= MAX_MEMBERS:
            raise source.refuse(f"holds {len(members)} arrays, not 1 to {MAX_MEMBERS}")
        chosen = {name: members[name] for name in select(sorted(members))}
        declared = sum(entry.file_size for entry in chosen.values())
        if declared > max_bytes:
            raise source.refuse(
                f"would unpack to {short_bytes(declared)}, "
                f"more than the {short_bytes(max_bytes)} allowed",
                "store fewer values, or a smaller type such as uint8",
            )
        arrays = {}
        for name, entry in chosen.items():
            try:
                with archive.open(entry) as member:
                    arrays[name] = read_npy(
                        member,
                        source,
                        num_bytes=entry.file_size,
                        check=partial(check, name),
                    )
                    while member.read(1 << 20):  # the checksum is compared at the end only
                        pass
            except MadeError:
                raise
            except BROKEN_ARCHIVE as error:
                raise source.refuse(f"is damaged ('{name[:40]}' cannot be unpacked)") from error
    return arrays


class _Rejoined(io.RawIOBase):
    """A stream that can go back to its beginning as long as little has been read of it.

    A zip member cannot seek cheaply, and the header must be judged before numpy reads it.
    """

    def __init__(self, start: bytes, rest: IO[bytes]) -> None:
        self.kept = bytearray(start)
        self.rest = rest
        self.position = 0

    def read(self, size: int = -1) -> bytes:
        missing = self.position + size - len(self.kept)
        if missing > 0 and self.position < len(self.kept):
            self.kept += self.rest.read(missing)
        if self.position < len(self.kept):
            chunk = bytes(self.kept[self.position : self.position + size])
        else:
            chunk = self.rest.read(size)
        self.position += len(chunk)
        return chunk

    def rewind(self) -> None:
        self.position = 0


def _read_header(stream: _Rejoined, source: Source) -> tuple[tuple[int, ...], np.dtype]:
    readers = {
        (1, 0): np.lib.format.read_array_header_1_0,
        (2, 0): np.lib.format.read_array_header_2_0,
    }
    try:
        version = np.lib.format.read_magic(stream)
        shape, _, dtype = readers[version](stream)
    except KeyError as error:
        raise source.refuse("is of a .npy version that only non-numeric arrays use") from error
    except BROKEN_HEADER as error:
        raise source.refuse("is truncated or damaged (its header cannot be read)") from error
    if any(length < 0 for length in shape):
        raise source.refuse("is damaged (its header announces a negative size)")
    return shape, dtype
