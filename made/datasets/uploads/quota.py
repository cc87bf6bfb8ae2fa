"""How many uploads a person may keep, and of what size in all."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from made.base.errors import MadeError
from made.base.files import parse_object, read_or, write_atomically
from made.base.text import short_bytes
from made.datasets.uploads.store import MAX_DESCRIPTION, paths_of, upload_names
from made.people import acting

# Two uploads at once must not both find the last place free.
one_by_one = Lock()
MOST_UPLOADS = ("MADE_MAX_UPLOADS", 200)
MOST_MEGABYTES = ("MADE_MAX_UPLOADS_MB", 4_000)


@dataclass(frozen=True)
class Used:
    """What someone's uploads take: how many there are, and their bytes on the disk."""

    number: int
    num_bytes: int


def used(owner: str | None = None) -> Used:
    """What the uploads of an owner take; None: those of all, as long as nobody logs in."""
    sizes = [_size(name) for name in upload_names() if _is_of(name, owner)]
    return Used(len(sizes), sum(sizes))


def check_room(owner: str | None = None) -> None:
    """Refuse one more upload where an owner's are as many, or as large, as is allowed.

    The limits are MADE_MAX_UPLOADS and MADE_MAX_UPLOADS_MB of the environment, and those of a
    class. Raises MadeError.
    """
    taken, number, most = used(owner), _limit(*MOST_UPLOADS), most_bytes()
    of_all = used().num_bytes if owner else taken.num_bytes
    if owner and (limits := acting.limits()):
        number = min(number, limits.uploads)
    whose = "your own datasets" if owner else "the datasets that were uploaded or drawn here"
    if taken.number >= number:
        raise MadeError(
            f"There are {taken.number:,} of {whose}, and no more than {number:,} are kept: "
            "delete one that is not needed first."
        )
    if of_all >= most:
        raise MadeError(
            f"The datasets that were uploaded or drawn here take {short_bytes(of_all)}, and no "
            f"more than {short_bytes(most)} are kept: delete one that is not needed first."
        )


def most_bytes() -> int:
    """What all uploads may take."""
    return 1_000_000 * _limit(*MOST_MEGABYTES)


def claim(name: str, owner: str) -> None:
    """Let an upload count as an owner's, unless it is someone's already."""
    path, _ = paths_of(name)
    description = _description(path)
    if description and not description.get("owner"):
        write_atomically(path, json.dumps(description | {"owner": owner}, indent=1).encode())


def _is_of(name: str, owner: str | None) -> bool:
    return owner is None or _description(paths_of(name)[0]).get("owner") == owner


def _description(path: Path) -> dict[str, Any]:
    return read_or(path, parse_object, {}, limit=MAX_DESCRIPTION)


def _size(name: str) -> int:
    """The bytes of an upload's files, as far as they are there."""
    size = 0
    for path in paths_of(name):
        with suppress(OSError):
            size += path.stat().st_size
    return size


def _limit(variable: str, default: int) -> int:
    """A whole number of the environment, or the default where it is none."""
    text = os.environ.get(variable, "")
    return int(text) if text.isdecimal() else default
