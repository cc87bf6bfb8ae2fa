"""Uploads that were deleted, for a day: listed, taken back, or removed for good."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from made.base import bin
from made.base.errors import MadeError
from made.base.files import parse_object, read_or
from made.datasets.uploads import quota
from made.datasets.uploads.store import (
    MAX_DESCRIPTION,
    NAME,
    Belonging,
    missing,
    paths_of,
    uploads_folder,
)
from made.people import acting
from made.people.acts import Handling


@dataclass(frozen=True)
class Deleted:
    """A deleted upload: its dataset name, its title, and when it was deleted (s since 1970)."""

    name: str
    label: str
    at: float


def folder() -> Path:
    """Where deleted uploads lie."""
    return uploads_folder() / ".bin"


def delete_upload(name: str) -> None:
    """Move an upload into the bin, which holds no more than may be kept of all uploads.

    Where it is too much, what was its owner's goes first, and of that the oldest.
    Raises MadeError where there is none of that name.
    """
    paths = paths_of(name)
    if not paths[0].is_file():
        raise missing(name)
    belonging = Belonging(name)
    acting.require("delete", belonging)
    whose = belonging.owner
    bin.throw_files(folder(), name, paths)
    every = _every()
    left = quota.most_bytes() - sum(one.num_bytes for one in every)
    # All but the latest; whose it was first, and of these the oldest.
    for one in sorted(every[1:], key=lambda one: (_belonging(one).owner != whose, one.at)):
        if left >= 0:
            break
        left += one.num_bytes
        bin.remove(one)


def deleted_uploads() -> list[Deleted]:
    """The uploads that can be restored by who asks, the latest first and each once."""
    found: dict[str, Deleted] = {}
    for one in _thrown("restore"):
        if not paths_of(one.name)[0].exists():
            found.setdefault(one.name, Deleted(one.name, _label(one), one.at))
    return list(found.values())


def restore(name: str) -> Deleted:
    """Take a deleted upload back. Raises MadeError where it is not there, or is another's."""
    one = next((one for one in _every() if one.name == name), None)
    if one is None:
        raise MadeError(f"There is no deleted upload {str(name)[:60]!r}.")
    acting.require("restore", _belonging(one))
    back = Deleted(name, _label(one), one.at)
    with quota.one_by_one:
        if acting.person() is not None:
            someone = acting.owner()
            quota.check_room(someone.key if someone else None)
        bin.take_back_files(one, paths_of(name))
    return back


def empty() -> int:
    """Remove for good what is in the bin, as far as who asks may; returns how many uploads."""
    mine = _thrown("delete")
    for one in mine:
        bin.remove(one)
    return len(mine)


def sweep() -> None:
    """Remove for good what has been in the bin for longer than a day."""
    bin.sweep(folder())


def _thrown(act: Handling) -> list[bin.Thrown]:
    """What is in the bin, as far as who asks may do that with it."""
    return [one for one in _every() if acting.refusal(act, _belonging(one)) is None]


def _every() -> list[bin.Thrown]:
    return [one for one in bin.thrown(folder()) if NAME.fullmatch(one.name)]


def _belonging(one: bin.Thrown) -> Belonging:
    return Belonging(one.name, _description(one))


def _description(one: bin.Thrown) -> Path:
    return one.path / paths_of(one.name)[0].name


def _label(one: bin.Thrown) -> str:
    found = read_or(_description(one), parse_object, {}, limit=MAX_DESCRIPTION)
    return str(found.get("label", one.name))
