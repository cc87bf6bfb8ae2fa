"""All runs together: make, list, rename, annotate and delete them."""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import Timeout

from made.base.errors import MadeError
from made.base.files import new_folder, to_json, write_atomically
from made.base.places import runs_folder
from made.people import acting, persons
from made.runs import disk, notes
from made.runs.folder import ID, LIVING, Run
from made.runs.names import default_label
from made.runs.records import MAX_LABEL_LENGTH, is_label
from made.runs.shipped import is_shipped, shipped_homes
from made.setups import extensions
from made.setups.config import ExperimentConfig

BIN = ".bin"
PINNED = "pinned"  # the tag of what an exhibit shows beside what ships


def checked_label(label: str) -> str:
    """The label without outer blanks. Raises MadeError unless it is 1 to 80 printable ones."""
    label = label.strip()
    if not is_label(label):
        raise MadeError(
            f"A run's name has 1 to {MAX_LABEL_LENGTH} printable characters: "
            f"this one has {len(label)} characters. Choose another."
        )
    return label


def new_id() -> str:
    """UTC time to 1/4096 s and three random digits: ids sort by the time they were made."""
    now = datetime.now(UTC)
    return (
        f"{now:%Y%m%d-%H%M%S}-{now.microsecond * 4096 // 1_000_000:03x}{secrets.token_hex(2)[:3]}"
    )


def create(
    config: ExperimentConfig,
    label: str | None = None,
    *,
    id: str | None = None,
    data: str | None = None,
) -> Run:
    """A new run folder with status "starting". It appears whole or not at all.

    label: display name, by default made from the data and the model, and from what tells the run
    from others of that name. data: the title that the data have in it, by default their name.
    """
    acting.require("train")
    label = checked_label(default_label(config, data, list_runs()) if label is None else label)
    folder = runs_folder()
    folder.mkdir(parents=True, exist_ok=True)
    id = id or new_id()
    if not ID.fullmatch(id):
        raise MadeError(f"{id!r} is not the id of a run: leave it out to have one made.")
    if (folder / id).exists():
        raise MadeError(f"There is a run {id!r} already: delete it or choose another id.")
    with new_folder(folder / id) as draft:
        now = time.time()
        status = {"state": "starting", "created": now, "launched": now, "updated": now}
        write_atomically(draft / "config.json", config.model_dump_json(indent=2).encode())
        if needed := extensions.modules(config):
            content = to_json({"modules": needed}).encode()
            write_atomically(draft / extensions.FILE, content)
        write_atomically(draft / "label.json", to_json({"label": label}).encode())
        write_atomically(draft / "status.json", to_json(status).encode())
        persons.write_owner(draft, acting.owner())
        (draft / "lock").touch()
    return Run.open(id)


def list_runs() -> list[Run]:
    """All runs, newest first, then shipped ones by id, those of shipped studies last.

    A broken one has a `problem`, and so has a folder of ours in which the configuration is missing.
    Who looks at an exhibit sees what is exhibited.
    """
    own = _folders(runs_folder())
    mine = [own[id] for id in sorted(own, reverse=True) if not is_shipped(id)]
    alone, *of_studies = map(_folders, shipped_homes())
    shipped: dict[str, str] = {}
    for found in (alone | own, *of_studies):
        shipped |= {id: found[id] for id in sorted(found) if is_shipped(id) and id not in shipped}
    runs = [Run(Path(path).name, Path(path)) for path in [*mine, *shipped.values()]]
    return runs if acting.mode() != "exhibit" else [run for run in runs if is_exhibited(run)]


def is_exhibited(run: Run) -> bool:
    """Whether visitors of an exhibit see a run: it ships, or has the tag that pins it."""
    return run.is_shipped or PINNED in run.notes.tags


def _folders(folder: Path) -> dict[str, str]:
    """The folders of runs, by their names.

    One call of the system for each: a page lists all runs whenever it is drawn.
    """
    try:
        with os.scandir(folder) as entries:
            return {
                entry.name: entry.path
                for entry in entries
                if ID.fullmatch(entry.name)
                and entry.is_dir(follow_symlinks=False)
                and is_run(entry)
            }
    except OSError:
        return {}


def is_run(folder: Path | os.DirEntry[str]) -> bool:
    """Whether a folder is, or was, a run: also one of ours whose configuration is missing."""
    names = ("config.json",) if is_shipped(folder.name) else ("config.json", "status.json")
    return any(os.path.lexists(f"{os.fspath(folder)}/{name}") for name in names)


def require_own(run: Run, verb: str) -> None:
    """Raises MadeError for a run that ships."""
    if run.is_shipped:
        raise MadeError(f"{run.label!r} ships with the project and cannot be {verb}.")


@disk.sentences()
def rename(run: Run, label: str) -> None:
    """Give the run another display name. Raises MadeError for one that will not do."""
    require_own(run, "renamed")
    acting.require("rename", run)
    write_atomically(run.path / "label.json", to_json({"label": checked_label(label)}).encode())


@disk.sentences()
def annotate(run: Run, noted: notes.Notes) -> None:
    """Keep what people note about a run, a shipped one and a living one included.

    Raises MadeError for notes that will not do.
    """
    acting.require("note", run)
    content = to_json(notes.to_object(notes.checked_notes(noted))).encode()
    if run.is_shipped:
        run.notes_path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(run.notes_path, content)


@contextmanager
def at_rest(run: Run) -> Iterator[None]:
    """Hold the lock of a run that no worker holds, so that none begins meanwhile.

    Raises MadeError where one does, or where the run has just been deleted.
    """
    busy = MadeError(f"{run.label!r} is still running: stop it first.")
    if run.state in LIVING:
        raise busy
    lock = run.lock()
    try:
        lock.acquire(timeout=2)
    except Timeout:
        raise busy from None
    try:
        # Who held the lock may have moved the folder, and this one is made of nothing but a lock.
        if not is_run(run.path):
            raise MadeError(f"{run.id!r} has just been deleted.")
        yield
    finally:
        lock.release()
