"""Studies that were deleted, for a day: listed, and taken back with the runs deleted with them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from made.base import bin
from made.base.errors import MadeError
from made.people import acting
from made.runs import bin as runs_bin
from made.runs.folder import ID
from made.runs.store import BIN
from made.studies import folder
from made.studies.folder import StoredStudy


@dataclass(frozen=True)
class Deleted:
    """A deleted study, for reading, and when it was deleted (seconds since 1970)."""

    study: StoredStudy
    at: float


def deleted_studies() -> list[Deleted]:
    """The studies that can be restored by who asks, the latest first."""
    found = []
    for one in bin.thrown(folder.own_folder() / BIN):
        stored = StoredStudy(one.name, one.path)
        if ID.fullmatch(one.name) and acting.refusal("restore", stored) is None:
            found.append(Deleted(stored, one.at))
    return found


def restore(id: str) -> StoredStudy:
    """Take a deleted study back, and what of its runs is in the bin. Raises MadeError."""
    one = bin.find(folder.own_folder() / BIN, id)
    if one is None or not ID.fullmatch(id):
        raise MadeError(f"There is no deleted study {str(id)[:60]!r}.")
    acting.require("restore", StoredStudy(one.name, one.path))
    bin.take_back(one, folder.own_folder())
    stored = StoredStudy.open(id)
    for run_id in () if stored.problem else stored.record.started:
        with suppress(MadeError):
            runs_bin.restore(run_id)
    return stored


def empty() -> None:
    """Remove for good what is in the bin, as far as who asks may."""
    for deleted in deleted_studies():
        bin.remove(bin.Thrown(deleted.study.id, deleted.study.path, deleted.at))


def sweep() -> None:
    """Remove for good what has been in the bin for longer than a day."""
    bin.sweep(folder.own_folder() / BIN)
