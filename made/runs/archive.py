"""A run that was exported elsewhere becomes a run of this folder, once it is known to be whole.

The archive is what `python -m made export` writes: one folder named by the run's id, with files of
known names. Nothing of it is trusted: names are looked up rather than used as paths, sizes have
their bounds, and weights and pictures must fit the configuration before the run appears.
"""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO

from made.base.errors import MadeError
from made.base.files import new_folder, to_json, write_atomically
from made.base.places import runs_folder
from made.model.fit import misfit
from made.people import acting
from made.runs import fitting, loading, picture_files, store
from made.runs.exporting import AS_THEY_ARE, WEIGHTS, has_what_counts
from made.runs.folder import ENDED, ID, SMALL, Run
from made.runs.shipped import is_shipped

Members = Mapping[str, zipfile.ZipInfo]

# Of each file that an archive may hold the most bytes; 0: written for people, left where it is.
LIMITS = AS_THEY_ARE | {
    "dataset.json": SMALL,
    picture_files.DATA: picture_files.MAX_BYTES,
    "README.txt": 0,
    "epochs.csv": 0,
}
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
    with opened(file) as archive:
        return take_in(archive)


@contextmanager
def opened(file: Path | IO[bytes]) -> Iterator[zipfile.ZipFile]:
    """An archive to be read. Raises MadeError where it is none, also while it is being read."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except MadeError:
        raise
    except _BROKEN:
        raise MadeError(
            "This file is no zip archive that can be read: choose one that "
            "`python -m made export` has written."
        ) from None


def take_in(archive: zipfile.ZipFile) -> Run:
    """As `import_archive`, of one that is open."""
    runs = by_run(((member.filename, member) for member in archive.infolist()), most=1)
    for id, members in runs.items():
        _require_new(id)
        # An id of the shipped kind would make it a run that nobody could rename or delete.
        new = store.new_id() if is_shipped(id) else id
        with new_run(new) as draft:
            fill(archive, members, Run(new, draft))
        return Run.open(new)
    raise wrong("it has no config.json")


def by_run(entries: Iterable[tuple[str, zipfile.ZipInfo]], *, most: int) -> Mapping[str, Members]:
    """The files of each run by their names. Raises MadeError unless all is as it is exported.

    entries: names, from the folder of the run on, with what stands under them. most: runs.
    """
    runs: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for path, member in entries:
        if member.is_dir():
            continue
        folder, _, name = path.partition("/")
        is_picture = picture_files.is_picture(name)
        if not (is_picture or name in LIMITS) or not ID.fullmatch(folder):
            raise wrong(f"'{member.filename[:60]}' is no part of one")
        members = runs.setdefault(folder, {})
        if name in members:
            raise wrong(f"{name} stands in it twice")
        limit = picture_files.MAX_BYTES if is_picture else LIMITS[name]
        if limit and member.file_size > limit:
            raise wrong(f"{name} is larger than {limit / 1e6:g} MB")
        members[name] = member
    if len(runs) > most:
        raise wrong(f"it has {len(runs)} folders")
    for members in runs.values():
        _require_whole(members)
    return runs


def _require_whole(members: Members) -> None:
    pictures = [members[name] for name in members if picture_files.is_picture(name)]
    if "config.json" not in members:
        raise wrong("it has no config.json")
    if WEIGHTS not in members and not ("result.json" in members and pictures):
        raise wrong(f"it has no {WEIGHTS}")
    if len(pictures) > picture_files.MAX_FILES:
        raise wrong(f"it has pictures of more than {picture_files.MAX_FILES:,} epochs")
    if sum(member.file_size for member in pictures) > picture_files.MAX_BYTES:
        raise wrong(f"its pictures are larger than {picture_files.MAX_BYTES / 1e6:g} MB")


def wrong(reason: str) -> MadeError:
    """Why an archive is refused."""
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


@contextmanager
def new_run(id: str) -> Iterator[Path]:
    """The folder of a run that appears whole or not at all."""
    acting.require("import")
    folder = runs_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with new_folder(folder / id) as draft:
        yield draft


def fill(archive: zipfile.ZipFile, members: Members, run: Run) -> None:
    """Unpack a run into its empty folder. Raises MadeError unless all of it fits together."""
    for name, member in members.items():
        if LIMITS.get(name, 1):
            (run.path / name).parent.mkdir(exist_ok=True)
            with archive.open(member) as source, (run.path / name).open("xb") as target:
                shutil.copyfileobj(source, target, 2**20)
    _finish(run)


def _finish(run: Run) -> None:
    """Make sure of what was taken in, and let no process of another machine seem to hold it."""
    if run.problem is not None:
        raise MadeError(f"The run of this archive cannot be read here. {run.problem}")
    info = loading.dataset_info(run)
    if (run.path / WEIGHTS).is_file():
        fitting.require_fit(run.config, info, run.path / WEIGHTS)
    elif problem := misfit(run.config.model, info.num_variables, info.num_categories):
        raise MadeError(problem[0].upper() + problem[1:])
    picture_files.require_all_sound(run, info)
    if not has_what_counts(run):
        raise wrong(f"it has no {WEIGHTS}")
    status = run.recorded
    state = status.state if status.state in ENDED else "stopped"
    here = replace(status, state=state, pid=None, seconds_left=None)
    write_atomically(run.path / "status.json", to_json(asdict(here)).encode())
    (run.path / "lock").touch()
