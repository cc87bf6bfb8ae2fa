"""Files that survive a crash: atomic replacement, tolerant reading, locks that tell who lives."""

import json
import math
import os
import secrets
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

try:
    import fcntl
except ImportError:
    fcntl = None

_RACY_NANOSECONDS = 100_000_000
_cache: dict[Path, tuple[tuple[int, int, int], Any]] = {}


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


def read_cached(path: Path, parse: Callable[[bytes], Any], default: Any) -> Any:
    """parse(content of `path`), remembered until the file changes; `default` where unreadable."""
    try:
        stat = path.stat()
        signature = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        known = _cache.get(path)
        if known is not None and known[0] == signature:
            return known[1]
        value = parse(path.read_bytes())
    except (OSError, ValueError):
        return default
    # A file touched within a tick of the clock can change again under the same signature.
    if time.time_ns() - stat.st_mtime_ns > _RACY_NANOSECONDS:
        _cache[path] = (signature, value)
    return value


def parse_object(content: bytes) -> dict[str, Any]:
    value = json.loads(content)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def parse_lines(content: bytes) -> list[dict[str, Any]]:
    records = []
    for line in content.split(b"\n"):
        with suppress(ValueError):
            records.append(parse_object(line))
    return records


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an .npz file; empty where it is missing or broken. Pickles are not read."""
    try:
        # Given a path, np.load leaves a broken file open.
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
            return {key: file[key] for key in file.files}
    except (OSError, ValueError, TypeError, EOFError, zipfile.BadZipFile, zlib.error):
        return {}


def is_locked(path: Path) -> bool:
    """Whether some process holds the lock file `path`, found out without standing in its way.

    Several may ask at once: the question takes a shared lock for an instant, which another question
    does not see. A process that wants the lock itself has to try for longer than an instant.
    """
    if fcntl is None:
        lock = FileLock(path)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return True
        lock.release()
        return False
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False
