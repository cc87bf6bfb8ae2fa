"""Find a data file: in the folder of MADE_DATA_DIR, then in the cache, then at its public home."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar
from uuid import uuid4

import platformdirs

from made.base.errors import MadeError
from made.datasets.arrays import Source

TIMEOUT_SECONDS = 10
ABANDONED_SECONDS = 3600  # a partial file this old was left by a process that was killed

Verified = TypeVar("Verified")
Progress = Callable[[int, int], object]  # bytes done, bytes in all (0: unknown)


@dataclass(frozen=True, kw_only=True)
class RemoteFile:
    """A file with a public home; no download longer than `max_bytes` is taken."""

    name: str
    url: str
    max_bytes: int


def data_folder() -> Path | None:
    """The folder of a class room's own copies, named by MADE_DATA_DIR."""
    folder = os.environ.get("MADE_DATA_DIR")
    return Path(folder).expanduser() if folder else None


def cache_folder() -> Path:
    """Where downloads are kept: MADE_CACHE_DIR, or the user's cache folder (that of pooch)."""
    folder = os.environ.get("MADE_CACHE_DIR")
    return Path(folder).expanduser() if folder else Path(platformdirs.user_cache_dir("made"))


def locate(file: RemoteFile) -> Path | None:
    """The local copy, if there is one."""
    folders = [folder for folder in (data_folder(), cache_folder()) if folder]
    return next((path for folder in folders if (path := folder / file.name).is_file()), None)


def is_present(file: RemoteFile) -> bool:
    """Whether a local copy exists; its content is checked when it is loaded."""
    return locate(file) is not None


def fetch(
    file: RemoteFile,
    read: Callable[[BinaryIO, Source], Verified],
    progress: Progress | None = None,
) -> Verified:
    """Read and verify a file, downloading it first where there is no local copy.

    `read` returns what the file holds, or raises MadeError through the `Source` it is given.
    A download enters the cache only when `read` has accepted it: it is written beside its
    place, verified, and renamed, so nothing half-written is ever seen.
    """
    if path := locate(file):
        mend = f"replace it by the original from {file.url}, or delete it to download it again"
        return _read(path, Source(str(path), mend), read)
    folder = cache_folder()
    partial = folder / f".{file.name}.{uuid4().hex}.part"
    place = f"put the file {file.name} from {file.url} into the folder {data_folder() or folder}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder, file.name)
        _download(file, partial, progress, place)
        verified = _read(partial, Source(file.url, f"try again later, or {place}"), read)
        partial.replace(folder / file.name)
    except OSError as error:
        raise MadeError(
            f"'{file.name}' could not be stored in {folder} ({error.strerror or error}): "
            "free some space there, or set MADE_CACHE_DIR to another folder."
        ) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return verified


def _read(path: Path, source: Source, read: Callable[[BinaryIO, Source], Verified]) -> Verified:
    try:
        with path.open("rb") as stream:
            return read(stream, source)
    except OSError as error:
        raise source.refuse(f"cannot be read ({error.strerror or error})") from error


def _sweep(folder: Path, name: str) -> None:
    oldest = time.time() - ABANDONED_SECONDS
    for path in folder.glob(f".{name}.*.part"):
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


class _Sink:
    """The open file that a download is written to; it counts, reports and stops at the limit."""

    def __init__(self, stream: BinaryIO, file: RemoteFile, progress: Progress | None) -> None:
        self.stream = stream
        self.file = file
        self.progress = progress
        self.done = 0
        self.total = 0

    def write(self, chunk: bytes) -> int:
        self.done += len(chunk)
        if max(self.done, self.total) > self.file.max_bytes:
            raise MadeError(
                f"'{self.file.url}' is larger than the {self.file.max_bytes:,} bytes expected: "
                "it is not the original any more, so bring a copy of your own in the folder "
                "named by MADE_DATA_DIR."
            )
        written = self.stream.write(chunk)
        if self.progress:
            self.progress(self.done, max(self.done, self.total) if self.total else 0)
        return written

    def flush(self) -> None:
        self.stream.flush()

    def update(self, amount: int) -> None:
        """Nothing to do: `write` has counted the bytes themselves."""

    def reset(self) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """The file is closed by whoever opened it."""


def _download(file: RemoteFile, path: Path, progress: Progress | None, place: str) -> None:
    import pooch  # both are slow to import, and most loads need no download
    import requests

    with path.open("wb") as stream:
        sink = _Sink(stream, file, progress)
        download = pooch.HTTPDownloader(
            progressbar=sink,
            chunk_size=1 << 16,
            timeout=TIMEOUT_SECONDS,
            headers={"Accept-Encoding": "identity"},  # so that the length sent is the file's
        )
        try:
            download(file.url, sink, None)
        except requests.RequestException as error:
            raise MadeError(
                f"'{file.name}' could not be downloaded ({_cause(error)}): "
                f"check the network and try again, or {place}."
            ) from error
        if sink.total and sink.done < sink.total:
            raise MadeError(
                f"'{file.name}' arrived only in part ({sink.done:,} of {sink.total:,} bytes): "
                f"try again, or {place}."
            )


def _cause(error: Exception) -> str:
    response = getattr(error, "response", None)
    if response is not None:
        return f"the server answered {response.status_code}"
    kind = type(error).__name__
    if "Timeout" in kind:
        return f"no answer within {TIMEOUT_SECONDS} seconds"
    return "the connection failed" if "Connection" in kind else "the connection broke off"
