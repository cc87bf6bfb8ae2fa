"""Runs that were deleted, for a day: listed, taken back, or removed for good."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from made.base import bin
from made.base.errors import MadeError
from made.base.places import runs_folder
from made.people import acting
from made.runs import allowance, disk, handed, store
from made.runs.folder import ID, Run
from made.runs.store import BIN


@dataclass(frozen=True)
class Deleted:
    """A deleted run, for reading, and when it was deleted (seconds since 1970)."""

    run: Run
    at: float


def folder() -> Path:
    """Where deleted runs lie."""
    return runs_folder() / BIN


@disk.sentences()
def delete(run: Run) -> None:
    """Move the run with everything in it into the bin, where it stays for a day.

    In a class, of one person so many of them as they may keep runs, and the latest.
    Raises MadeError while its worker lives.
    """
    store.require_own(run, "deleted")
    acting.require("delete", run)
    whose, limits = run.owner, acting.limits()
    with store.at_rest(run):
        bin.throw(folder(), run.path)
    handed.leave(run.path)
    if whose is not None and limits is not None:
        theirs = [one for one in _every() if Run(one.name, one.path).owner == whose]
        for one in theirs[limits.kept_runs :]:
            bin.remove(one)


def deleted_runs() -> list[Deleted]:
    """The runs that can be restored by who asks, the latest first and each once."""
    found: dict[str, Deleted] = {}
    for one in _every():
        run = Run(one.name, one.path)
        if acting.refusal("restore", run) is None:
            found.setdefault(one.name, Deleted(run, one.at))
    return list(found.values())


def restore(id: str) -> Run:
    """Take a deleted run back, with everything in it. Raises MadeError where it is not there."""
    one = next((one for one in _every() if one.name == id), None)
    if one is None:
        raise MadeError(
            f"There is no deleted run {str(id)[:60]!r}: what was deleted stays for a day, and "
            "`python -m made restore` lists it."
        )
    acting.require("restore", Run(one.name, one.path))
    with allowance.room():
        bin.take_back(one, runs_folder())
    return Run.open(id)


def empty() -> int:
    """Remove for good what is in the bin, as far as who asks may; returns how many runs."""
    removed = 0
    for one in bin.thrown(folder()):
        if acting.refusal("delete", Run(one.name, one.path)) is None:
            bin.remove(one)
            removed += 1
    return removed


def sweep() -> None:
    """Remove for good what has been in the bin for longer than a day."""
    bin.sweep(folder())


def _every() -> list[bin.Thrown]:
    """The runs in the bin, the latest first."""
    return [
        one for one in bin.thrown(folder()) if ID.fullmatch(one.name) and store.is_run(one.path)
    ]
