"""Files that survive a crash: atomic replacement, tolerant reading, locks that tell who lives."""

import io
import json
import math
import os
import secrets
import shutil
import struct
import sys
import time
import tokenize
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from stat import S_ISREG
from typing import Any, BinaryIO, Self, TypeVar

import numpy as np
from filelock import AcquireReturnProxy, FileLock, Timeout

from made.base.errors import MadeError

if sys.platform != "win32":
    import fcntl

_RACY_NANOSECONDS = 100_000_000
# What numpy and zipfile raise for a file that is not what it says.
_BROKEN_ARRAYS = (
    AttributeError,
    EOFError,
    KeyError,
    NotImplementedError,
    OverflowError,
    RuntimeError,
    SyntaxError,
    TypeError,
    struct.error,
    tokenize.TokenError,
    zipfile.BadZipFile,
    zlib.error,
)
_MOST_CACHED = 20_000
# Of a log, which may come from anybody: more than any run writes.
MOST_LINES, LONGEST_LINE = 100_000, 100_000
_cache: dict[Path, tuple[tuple[object, ...], Any]] = {}

Value = TypeVar("Value")
Default = TypeVar("Default")


def sync(path: Path) -> None:
    with suppress(PermissionError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_atomically(
    path: Path, content: bytes | Callable[[Path], object], *, durable: bool = True
) -> None:
    """Replace `path` by `content`: a reader, or a crash at any instant, sees old or new, whole.

    content: the bytes, or a function that fills the file at the path it is given.
    durable: also wait until the disk has it, so that it outlives a loss of power.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        if callable(content):
            content(temporary)
        else:
            temporary.write_bytes(content)
        if durable:
            sync(temporary)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    if durable:
        sync(path.parent)


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A folder that appears whole or not at all: what it yields is filled, then takes the name.

    Whatever is raised meanwhile leaves nothing behind. The folder above must be there.
    """
    draft = path.parent / f".draft-{path.name}-{secrets.token_hex(4)}"
    draft.mkdir()
    try:
        yield draft
        draft.rename(path)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise


def to_json(value: Any) -> str:
    """JSON text in which numbers that are not finite become null and numpy scalars become plain."""

    def plain(item: Any) -> Any:
        if isinstance(item, Mapping):
            return {str(key): plain(entry) for key, entry in item.items()}
        if isinstance(item, list | tuple):
            return [plain(entry) for entry in item]
        if isinstance(item, np.generic):
            item = item.item()
        return None if isinstance(item, float) and not math.isfinite(item) else item

    return json.dumps(plain(value), allow_nan=False)


class FolderLock(FileLock):
    """The lock file of a folder, which does not make the folder again where that was removed.

    Raises MadeError then.
    """

    def acquire(self, *arguments: Any, **named: Any) -> AcquireReturnProxy[Self]:
        """As of any lock."""
        folder = Path(self.lock_file).parent
        try:
            if folder.is_dir():
                return super().acquire(*arguments, **named)
        except FileNotFoundError:
            pass  # it went while this waited
        raise MadeError(f"'{folder.name}' has just been deleted.")


class Unreadable(ValueError):
    """Why a file cannot be read, to be said after its name, as in "is missing"."""


def read(path: Path, parse: Callable[[bytes], Value], *, limit: int, key: object = None) -> Value:
    """parse(content of `path`), remembered until the file changes, a failure as well.

    limit: bytes; a larger file is not looked into. key: what else the outcome depends on.
    Raises Unreadable, also where `parse` raises ValueError.
    """
    try:
        stat = path.stat()
    except (OSError, ValueError):
        raise Unreadable("is missing") from None
    signature = (stat.st_mtime_ns, stat.st_size, stat.st_ino, key)
    known = _cache.get(path)
    if known is None or known[0] != signature:
        known = (signature, _outcome(path, stat, parse, limit))
        # A file touched within a tick of the clock can change again under the same signature.
        if time.time_ns() - stat.st_mtime_ns > _RACY_NANOSECONDS:
            if len(_cache) >= _MOST_CACHED:
                _cache.clear()
            _cache[path] = known
    outcome = known[1]
    if isinstance(outcome, Unreadable):
        # A traceback would hold on to what it has passed through.
        raise outcome.with_traceback(None)
    return outcome


def _outcome(
    path: Path, stat: os.stat_result, parse: Callable[[bytes], Value], limit: int
) -> Value | Unreadable:
    if not S_ISREG(stat.st_mode):
        return Unreadable("is no file")
    if stat.st_size > limit:
        return Unreadable(f"is larger than {limit / 1e6:g} MB")
    try:
        return parse(read_bytes(path, limit))
    except OSError as error:
        # It may pass, and nothing of the file would tell: so it is not remembered.
        raise Unreadable(f"cannot be read ({error.strerror})") from None
    except (ValueError, RecursionError) as error:
        return Unreadable(f"is not valid: {str(error).rstrip('.')}")


def regular_size(path: Path) -> int:
    """The bytes of a file; 0 where it is missing, or no file that ends."""
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return 0
    return stat.st_size if S_ISREG(stat.st_mode) else 0


def read_bytes(path: Path, limit: int) -> bytes:
    """The first bytes of a file, at most so many."""
    with path.open("rb") as file:
        return file.read(limit)


def bytes_or_none(path: Path, *, limit: int) -> bytes | None:
    """The content of a file; None where it is missing, no file, or larger than `limit` bytes."""
    try:
        is_readable = path.is_file() and path.stat().st_size <= limit
        return read_bytes(path, limit) if is_readable else None
    except (OSError, ValueError, MemoryError):
        return None


def read_or(
    path: Path, parse: Callable[[bytes], Value], default: Default, *, limit: int
) -> Value | Default:
    """As `read`, with a default where the file cannot be read."""
    try:
        return read(path, parse, limit=limit)
    except Unreadable:
        return default


def parse_object(content: bytes) -> dict[str, Any]:
    value = json.loads(content)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def lines_of(content: bytes) -> Iterator[bytes]:
    """The first lines of a log, one after the other; none that is longer than any record."""
    for line in islice(io.BytesIO(content), MOST_LINES):
        if len(line) <= LONGEST_LINE:
            yield line.rstrip(b"\n")


def parse_lines(content: bytes) -> list[dict[str, Any]]:
    """The JSON objects among the lines of a log; whatever else stands in it is left out."""
    records = []
    for line in lines_of(content):
        with suppress(ValueError, RecursionError):
            records.append(parse_object(line))
    return records


def pack_arrays(arrays: Mapping[str, np.ndarray | None]) -> bytes:
    """The content of an .npz file, compressed; what is None is left out."""
    content = io.BytesIO()
    present: dict[str, Any] = {name: array for name, array in arrays.items() if array is not None}
    np.savez_compressed(content, **present)
    return content.getvalue()


def read_arrays(path: Path, *, limit: int = 2**26) -> dict[str, np.ndarray]:
    """The arrays of an .npz file; empty where it is missing or broken. Pickles are not read.

    limit: bytes of the file, and of all its arrays once unpacked; a larger one is not read.
    """
    try:
        if path.stat().st_size > limit or not path.is_file():
            return {}
        # Given a path, np.load leaves a broken file open.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            if sum(member.file_size for member in file.zip.infolist()) > limit:
                return {}
            return {key: file[key] for key in file.files}
    except (OSError, ValueError, MemoryError, *_BROKEN_ARRAYS):
        return {}


def open_end(path: Path) -> BinaryIO:
    """A file of ours, to be written on at its end.

    Raises OSError, also for a link, and for a pipe that nobody reads.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | getattr(os, "O_NOFOLLOW", 0)
    return os.fdopen(os.open(path, flags, 0o644), "ab")


def append(path: Path, content: bytes) -> None:
    """Write on at the end of a file of ours; see `open_end`."""
    with open_end(path) as file:
        file.write(content)


def append_line(path: Path, line: str) -> None:
    """Write a line at the end of a log, also after one that was torn. As `append`."""
    is_torn = regular_size(path) > 0 and not _ends_in_a_newline(path)
    append(path, b"\n" * is_torn + line.encode() + b"\n")


def _ends_in_a_newline(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def is_locked(path: Path) -> bool:
    """Whether some process holds the lock file `path`, found out without standing in its way.

    Several may ask at once: the question takes a shared lock for an instant, which another question
    does not see. A process that wants the lock itself has to try for longer than an instant.
    """
    if sys.platform == "win32":
        lock = FileLock(path)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return True
        lock.release()
        return False
    try:
        # Where a pipe lies in its place, nobody may be at its other end.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
