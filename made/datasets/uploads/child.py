"""The process that reads one upload, so that nothing which is in there can harm the dashboard.

    python -m made.datasets.uploads.child JOB < FILE

JOB: JSON with the file's name, and its size in bytes. The file is also written to: the arrays that
were read stand behind its content. What is said goes to the standard output, one JSON object a
line: {"share": …} of the file that is read, and at last {"read": …}, what each kind of upload
makes of it: where its arrays stand, or the sentence that refuses it.
"""

from __future__ import annotations

import json
import os
import sys
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

import numpy as np

from made.base.errors import MadeError
from made.base.text import short_bytes
from made.datasets.arrays import Source
from made.datasets.uploads.limits import MAX_READING_BYTES, MAX_READING_SECONDS
from made.datasets.uploads.readers import joint_of_grey, read_grey, read_joint, read_rows
from made.datasets.uploads.store import Kind, kinds_of, source_of

if sys.platform != "win32":
    import resource

NICENESS = 5
ALIGNMENT = 64  # bytes: an array that is mapped begins at a multiple


def limit() -> None:
    """Let the system end this process when it takes too much time, and refuse it more memory."""
    if sys.platform == "win32":
        return
    os.nice(NICENESS)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, MAX_READING_SECONDS, grace=5)
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + MAX_READING_BYTES)


def read(filename: str, content: bytes, file: BinaryIO) -> dict[str, Any]:
    """What each kind of upload makes of a file; its arrays are written to the end of `file`."""
    return {kind: _outcome(filename, content, kind, file) for kind in kinds_of(filename)}


def _outcome(filename: str, content: bytes, kind: Kind, file: BinaryIO) -> dict[str, Any]:
    source = source_of(filename, kind)
    try:
        if not content:
            raise source.refuse("is empty (0 bytes)", "choose the file again once it is written")
        arrays, facts = _arrays(filename, content, kind, source)
        return facts | {
            "refusal": None,
            "arrays": {name: _written(array, file) for name, array in arrays.items()},
        }
    except MadeError as error:
        return {"refusal": str(error)}
    except MemoryError:
        needed = f"needs more than {short_bytes(MAX_READING_BYTES)} of memory to be read"
        return {"refusal": str(source.refuse(needed, "bring fewer values, or a smaller picture"))}


def _arrays(
    filename: str, content: bytes, kind: Kind, source: Source
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays of an upload of that kind, and what else is to be known of it."""
    if kind == "rows":
        suffix = PurePosixPath(filename.lower()).suffix
        splits, num_categories = read_rows(content, source, suffix, progress=_Shares())
        named = dict(zip(("train", "validation", "test"), splits, strict=True))
        return named, {"num_categories": num_categories}
    if kind == "joint":
        return {"joint": read_joint(content, source)}, {}
    dark, bright = read_grey(content, source)
    _check_picture(dark, bright, source)
    return {"dark": dark} if np.array_equal(dark, bright) else {"dark": dark, "bright": bright}, {}


def _check_picture(dark: np.ndarray, bright: np.ndarray, source: Source) -> None:
    """One all black has a mass only by its darkness, one all white only by its brightness."""
    joint = partial(joint_of_grey, source=source, grid_size=2)
    try:
        joint(dark, bright=False)
    except MadeError:
        joint(bright, bright=True)


def _written(array: np.ndarray, file: BinaryIO) -> dict[str, Any]:
    """Write an array to the end of the file; returns where it stands, and what it is."""
    end = file.seek(0, os.SEEK_END)
    start = file.seek(-end % ALIGNMENT, os.SEEK_CUR)
    file.write(np.ascontiguousarray(array).data.cast("B"))
    return {"start": start, "type": array.dtype.str, "shape": array.shape}


class _Shares:
    """Says a share whenever it has grown by a hundredth."""

    def __init__(self) -> None:
        self._said = 0.0

    def __call__(self, done: int, total: int) -> None:
        share = done / total
        if share >= self._said + 0.01:
            self._said = share
            say({"share": share})


def say(what: dict[str, Any]) -> None:
    """One line to whoever started this process."""
    print(json.dumps(what), flush=True)


def _lower(what: int, most: int, grace: int = 0) -> None:
    """Set a limit of the system; one that is lower already stays.

    grace: by which the limit is higher that cannot be heeded by a signal's own name.
    """
    _, hard = resource.getrlimit(what)
    if hard == resource.RLIM_INFINITY:
        hard = most + grace
    resource.setrlimit(what, (min(most, hard), min(most + grace, hard)))


def main(arguments: list[str]) -> None:
    """Read the file that is the standard input."""
    limit()
    job = json.loads(arguments[0])
    with os.fdopen(sys.stdin.fileno(), "rb+", closefd=False) as file:
        content = file.read(job["size"])
        outcome = read(job["name"], content, file)
    say({"read": outcome})


if __name__ == "__main__":
    main(sys.argv[1:])
