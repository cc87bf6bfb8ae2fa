"""A bin: what was deleted lies in it for a day and can be taken back.

Each thing in it is a folder `<milliseconds since 1970>-<its own name>`: the one that was deleted,
or one for the files that were.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from made.base.errors import MadeError
from made.base.files import regular_size

KEPT_SECONDS = 24 * 3600.0
_NAME = re.compile(r"(\d{13})-(.+)", re.ASCII)


@dataclass(frozen=True)
class Thrown:
    """Something in the bin: its own name, where it lies, and when it came there (s since 1970)."""

    name: str
    path: Path
    at: float

    @property
    def num_bytes(self) -> int:
        """What it takes of the disk."""
        return sum(map(regular_size, self.path.rglob("*")))


def throw(bin: Path, path: Path) -> None:
    """Move a folder of the same disk into the bin, and remove what has been there for too long."""
    bin.mkdir(parents=True, exist_ok=True)
    path.rename(bin / _name_now(path.name))
    sweep(bin)


def throw_files(bin: Path, name: str, paths: Sequence[Path]) -> None:
    """Move the files of one thing into the bin; without the first it is not there any more."""
    place = bin / _name_now(name)
    place.mkdir(parents=True)
    for path in paths:
        with suppress(FileNotFoundError):
            path.rename(place / path.name)
    sweep(bin)


def thrown(bin: Path) -> list[Thrown]:
    """All that can still be taken back, the latest first."""
    return [one for one in _all(bin) if not _is_old(one)]


def find(bin: Path, name: str) -> Thrown | None:
    """The latest of that name that can be taken back."""
    return next((one for one in thrown(bin) if one.name == name), None)


def take_back(one: Thrown, home: Path) -> None:
    """Move it to where it was. Raises MadeError where something of its name is there by now."""
    if (home / one.name).exists():
        raise MadeError(f"There is another {one.name!r} by now: delete that one first.")
    try:
        one.path.rename(home / one.name)
    except FileNotFoundError:
        raise MadeError(f"{one.name!r} is in the bin no more.") from None
    except OSError as error:
        raise MadeError(f"{one.name!r} cannot be taken back ({error.strerror}).") from error


def take_back_files(one: Thrown, paths: Sequence[Path]) -> None:
    """Move files to where they were; the first comes last, so that all is there when it is.

    Raises MadeError where something of its name is there by now.
    """
    if paths[0].exists():
        raise MadeError(f"There is another {one.name!r} by now: delete that one first.")
    if not (one.path / paths[0].name).exists():
        raise MadeError(f"{one.name!r} is in the bin no more.")
    for path in reversed(paths):
        with suppress(FileNotFoundError):
            (one.path / path.name).rename(path)
    remove(one)


def sweep(bin: Path) -> None:
    """Remove for good what has been in the bin for longer than a day."""
    for one in _all(bin):
        if _is_old(one):
            remove(one)


def remove(one: Thrown) -> None:
    """Remove it for good."""
    shutil.rmtree(one.path, ignore_errors=True)


def _name_now(name: str) -> str:
    return f"{time.time_ns() // 1_000_000:013}-{name}"


def _is_old(one: Thrown) -> bool:
    return time.time() - one.at > KEPT_SECONDS


def _all(bin: Path) -> list[Thrown]:
    try:
        paths = [path for path in bin.iterdir() if path.is_dir() and not path.is_symlink()]
    except OSError:
        return []
    found = [(path, _NAME.fullmatch(path.name)) for path in paths]
    every = [Thrown(match[2], path, int(match[1]) / 1000) for path, match in found if match]
    return sorted(every, key=lambda one: one.at, reverse=True)
