"""Run folders that cannot be read are put aside: moved out of the way, never deleted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from made.base.errors import MadeError
from made.base.places import runs_folder
from made.people import acting
from made.runs.folder import Run

FOLDER = ".quarantine"


def quarantine(run: Run) -> Path:
    """Move the folder of a run that cannot be read into `.quarantine/`; where it lies then.

    Moved back, it is a run again once it can be read. Raises MadeError for a run that can be read,
    for one that a process still writes, and where the disk refuses.
    """
    acting.require("delete", run)
    problem = run.problem
    if problem is None:
        raise MadeError(f"{run.label!r} can be read: archive or delete it instead.")
    if run.path.parent != runs_folder():
        raise MadeError(f"{run.id!r} comes with the project and stays where it is.")
    if run.is_alive:
        raise MadeError(f"A process still writes the run {run.id!r}: stop it first.")
    folder = runs_folder() / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        place = next(each for each in _places(folder / run.id) if not each.exists())
        run.path.rename(place)
    except OSError as error:
        raise MadeError(
            f"The run {run.id!r} cannot be moved to '{folder}' ({error.strerror}): mend the rights "
            "of the runs folder."
        ) from None
    return place


def _places(path: Path) -> Iterator[Path]:
    """A folder of that name, and others should there be one already."""
    yield path
    for number in count(2):
        yield path.with_name(f"{path.name}-{number}")
