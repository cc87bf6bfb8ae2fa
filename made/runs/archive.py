"""A run that was exported elsewhere becomes a run of this folder, once it is known to be whole.

The archive is what `python -m made export` writes: one folder named by the run's id, with files of
known names. Nothing of it is trusted: names are looked up rather than used as paths, sizes have
their bounds, and the weights must fit the configuration before the run appears.
"""

from __future__ import annotations

import shutil
import zipfile
import zlib
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO

from made.base.errors import MadeError
from made.base.files import new_folder, to_json, write_atomically
from made.base.places import runs_folder
from made.runs import fitting, loading, notes, store
from made.runs.folder import ENDED, ID, LOG, MAX_LOSSES, SMALL, Run, is_shipped

WEIGHTS = "best.safetensors"
# Of each file that an archive may hold the most bytes; 0: written for people, left where it is.
LIMITS = {
    "config.json": SMALL,
    "label.json": SMALL,
    "status.json": SMALL,
    "result.json": SMALL,
    "dataset.json": SMALL,
    notes.FILE: SMALL,
    "epochs.jsonl": LOG,
    "losses.f32": 4 * MAX_LOSSES,
    "test_log_probs.npy": 4 * MAX_LOSSES,
    WEIGHTS: 4_000_000_000,
    "README.txt": 0,
    "epochs.csv": 0,
}
NEEDED = ("config.json", WEIGHTS)
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OSError,
    ValueError,
)


def import_archive(file: Path | IO[bytes]) -> Run:
    """The run of an archive, under its own id where that is free and its own kind.

    Raises MadeError, with nothing left behind, for anything that is no whole exported run, and
    where the run is here already.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            id, members = _members(archive)
            _require_new(id)
            return _take_in(archive, id, members)
    except MadeError:
        raise
    except _BROKEN:
        raise MadeError(
            "This file is no zip archive that can be read: choose one that "
            "`python -m made export` has written."
        ) from None


def _members(archive: zipfile.ZipFile) -> tuple[str, dict[str, zipfile.ZipInfo]]:
    """The id, and the files by their names. Raises MadeError unless all is as it is exported."""
    ids, members = set(), {}
    for member in archive.infolist():
        if member.is_dir():
            continue
        folder, _, name = member.filename.partition("/")
        if name not in LIMITS or not ID.fullmatch(folder):
            raise _wrong(f"'{member.filename[:60]}' is no part of one")
        if name in members:
            raise _wrong(f"{name} stands in it twice")
        if LIMITS[name] and member.file_size > LIMITS[name]:
            raise _wrong(f"{name} is larger than {LIMITS[name] / 1e6:g} MB")
        ids.add(folder)
        members[name] = member
    if missing := [name for name in NEEDED if name not in members]:
        raise _wrong(f"it has no {missing[0]}")
    if len(ids) > 1:
        raise _wrong(f"it has {len(ids)} folders")
    return ids.pop(), members


def _wrong(reason: str) -> MadeError:
    return MadeError(
        f"This archive holds no exported run: {reason}. Choose one that `python -m made export` "
        "has written."
    )


def _require_new(id: str) -> None:
    try:
        there = Run.open(id)
    except MadeError:
        return
    raise MadeError(f"This run is here already, as '{there.label}' ({id}).")


def _take_in(archive: zipfile.ZipFile, id: str, members: dict[str, zipfile.ZipInfo]) -> Run:
    # An id of the shipped kind would make it a run that nobody could rename or delete.
    id = store.new_id() if is_shipped(id) else id
    folder = runs_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with new_folder(folder / id) as draft:
        for name in LIMITS.keys() & members.keys():
            if LIMITS[name]:
                with archive.open(members[name]) as source, (draft / name).open("xb") as target:
                    shutil.copyfileobj(source, target, 2**20)
        _finish(Run(id, draft))
    return Run.open(id)


def _finish(run: Run) -> None:
    """Make sure of what was taken in, and let no process of another machine seem to hold it."""
    if run.problem is not None:
        raise MadeError(f"The run of this archive cannot be read here. {run.problem}")
    fitting.require_fit(run.config, loading.dataset_info(run), run.path / WEIGHTS)
    status = run.recorded
    state = status.state if status.state in ENDED else "stopped"
    here = replace(status, state=state, pid=None, seconds_left=None)
    write_atomically(run.path / "status.json", to_json(asdict(here)).encode())
    (run.path / "lock").touch()
