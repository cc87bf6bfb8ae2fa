"""Studies on disk: `studies/<id>/study.json` in the runs folder, and those that are shipped.

| file | content |
|---|---|
| study.json | the definition, when it was made, and the ids of its runs: taken or started |
| status.json | how the process that conducts the study gets on |
| lock | held by that process as long as it lives |
| request, log.txt | a word to that process; its output |

The runs of one's own studies lie in the runs folder as any other. Those of a shipped study lie
beside its study.json, in the same folder, with one data.npz for all of them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from made.base import places
from made.base.errors import MadeError
from made.base.fields import Section
from made.base.files import (
    FolderLock,
    Unreadable,
    bytes_or_none,
    is_locked,
    new_folder,
    read,
    read_or,
    write_atomically,
)
from made.people import acting, persons
from made.people.persons import Owner, read_owner
from made.runs.folder import ID, SMALL, Run
from made.runs.records import MAX_TEXT_LENGTH, MAX_TIME
from made.runs.requests import REQUESTS, Request
from made.runs.shipped import is_shipped
from made.runs.store import is_exhibited, new_id
from made.setups.config import num_choices
from made.studies.study import MAX_RUNS, Study, sentence

FILE = "study.json"
# Runs that were deleted, and trained again, stay in the list until the study is next written.
MAX_IDS = 4 * MAX_RUNS

RunId = Annotated[str, Field(pattern=rf"^({ID.pattern})$")]
RunIds = Annotated[tuple[RunId, ...], Field(max_length=MAX_IDS)]


class Record(Section):
    """What study.json holds. taken: runs that were there before; started: those it has made.

    created: seconds since 1970.
    """

    definition: Study
    taken: RunIds = ()
    started: RunIds = ()
    created: Annotated[float, Field(ge=0, le=MAX_TIME)] = 0.0

    @classmethod
    def from_json(cls, content: bytes) -> Record:
        """Raises MadeError that names what is wrong."""
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            raise MadeError(sentence(error)) from None

    def to_json(self) -> bytes:
        return self.model_dump_json(indent=2).encode()


class Status(Section):
    """What the conductor of a study has said last. launched: seconds since 1970."""

    state: Literal["new", "starting", "conducting", "paused", "stopped", "ended", "failed"] = "new"
    message: Annotated[str, Field(max_length=MAX_TEXT_LENGTH)] = ""
    launched: Annotated[float, Field(ge=0, le=MAX_TIME)] = 0.0


@dataclass(frozen=True)
class StoredStudy:
    """One folder of a study, for reading. Every property looks at the disk anew, and cheaply."""

    id: str
    path: Path

    @staticmethod
    def open(id: str) -> StoredStudy:
        """The study of that id, an own one before a shipped one.

        Raises MadeError for an id that no program made or no folder has.
        """
        if isinstance(id, str) and ID.fullmatch(id):
            folders = [own_folder()]
            if is_shipped(id):
                folders.append(shipped_folder())
            for folder in folders:
                path = folder / id
                if not path.is_symlink() and (path / FILE).is_file():
                    return StoredStudy(id, path)
        raise MadeError(f"There is no study {str(id)[:80]!r}: choose one from the list of studies.")

    @property
    def record(self) -> Record:
        """What study.json says. Raises MadeError, with the reason, where it is broken."""
        try:
            # A name that is unknown now may be registered in a moment.
            return read(self.path / FILE, Record.from_json, limit=SMALL, key=num_choices())
        except Unreadable as error:
            raise MadeError(f"The study {self.id!r} cannot be read: its {FILE} {error}.") from None

    @property
    def status(self) -> Status:
        """How its conductor gets on, which may be the last word of one that was killed."""
        return read_or(self.path / "status.json", Status.model_validate_json, Status(), limit=SMALL)

    @property
    def study(self) -> Study:
        """The definition. Raises MadeError where it is broken."""
        return self.record.definition

    @property
    def problem(self) -> str | None:
        """Why the study cannot be read, or None."""
        try:
            _ = self.record
        except MadeError as error:
            return str(error)
        return None

    @property
    def title(self) -> str:
        """The display name; the id where the study cannot be read."""
        return self.id if self.problem else self.study.title

    @property
    def owner(self) -> Owner | None:
        """Whose study it is; None outside a class, and of what ships."""
        return read_owner(self.path)

    @property
    def is_shipped(self) -> bool:
        return is_shipped(self.id)

    @property
    def run_ids(self) -> tuple[str, ...]:
        """The runs that belong to it, whether or not they are still there."""
        if self.problem:
            return ()
        record = self.record
        return tuple(dict.fromkeys((*record.taken, *record.started)))

    def runs(self) -> list[Run]:
        """Those of its runs that are there and can be read."""
        return readable(self.run_ids)

    def some_runs(self) -> list[Run]:
        """As `runs`. Raises MadeError where there is none."""
        if runs := self.runs():
            return runs
        raise MadeError(
            f"The study '{self.study.title}' has no runs yet: "
            f"`python -m made study resume {self.id}` trains them."
        )

    def lock(self) -> FolderLock:
        """The lock of the process that conducts the study; free as soon as that has died."""
        return FolderLock(self.path / "lock")

    @property
    def is_alive(self) -> bool:
        """Whether a process conducts the study now."""
        return is_locked(self.path / "lock")

    def write(self, *, taken: Iterable[str], started: Iterable[str]) -> None:
        """Record which runs belong to it. Only who holds the lock may do so."""
        record = self.record
        found = Record(
            definition=record.definition,
            taken=tuple(taken),
            started=tuple(started),
            created=record.created,
        )
        if found != record:
            write_atomically(self.path / FILE, found.to_json())

    def say(self, status: Status) -> None:
        """Record how the study gets on."""
        content = status.model_dump_json().encode()
        write_atomically(self.path / "status.json", content, durable=False)

    def ask(self, word: Request) -> None:
        """Leave a word for the process that conducts the study."""
        write_atomically(self.path / "request", word.encode(), durable=False)

    @property
    def requested(self) -> Request | None:
        """What the conductor has been asked to do."""
        word = (bytes_or_none(self.path / "request", limit=16) or b"").decode(errors="replace")
        return next((request for request in REQUESTS if request == word), None)

    def withdraw(self) -> None:
        """Forget a request."""
        (self.path / "request").unlink(missing_ok=True)


def own_folder() -> Path:
    """Where one's own studies lie."""
    return places.runs_folder() / places.STUDIES


def shipped_folder() -> Path:
    """Where the studies lie that come with the project."""
    return places.shipped_folder() / places.STUDIES


def readable(ids: Iterable[str]) -> list[Run]:
    """The runs of these ids that are there and can be read."""
    found = []
    for id in ids:
        with suppress(MadeError):
            run = Run.open(id)
            if run.problem is None:
                found.append(run)
    return found


def create(
    study: Study,
    *,
    taken: Iterable[str] = (),
    started: Iterable[str] = (),
    id: str | None = None,
) -> StoredStudy:
    """A new study folder. It appears whole or not at all; nothing is trained yet.

    taken, started: its runs that are there; only the latter are deleted with it.
    """
    id = id or new_id()
    if not ID.fullmatch(id):
        raise MadeError(f"{id!r} is not the id of a study: leave it out to have one made.")
    folder = own_folder()
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / id).exists():
        raise MadeError(f"There is a study {id!r} already: delete it or choose another id.")
    acting.require("train")
    with new_folder(folder / id) as draft:
        persons.write_owner(draft, acting.owner())
        record = Record(
            definition=study, taken=tuple(taken), started=tuple(started), created=time.time()
        )
        write_atomically(draft / FILE, record.to_json())
        (draft / "lock").touch()
    return StoredStudy.open(id)


def list_studies() -> list[StoredStudy]:
    """All studies, newest first, then shipped ones by id. A broken one has a `problem`."""
    own, shipped = _ids(own_folder()), _ids(shipped_folder())
    studies = []
    for id in [
        *sorted((id for id in own if not is_shipped(id)), reverse=True),
        *sorted(id for id in own | shipped if is_shipped(id)),
    ]:
        with suppress(MadeError):
            studies.append(StoredStudy.open(id))
    return studies if acting.mode() != "exhibit" else list(filter(_is_exhibited, studies))


def _is_exhibited(stored: StoredStudy) -> bool:
    return stored.is_shipped or any(map(is_exhibited, stored.runs()))


def find_study(reference: str) -> StoredStudy:
    """The study of an id, an exact title, or an id's beginning, looked for in that order.

    Raises MadeError where there is none, and where there are several.
    """
    every = list_studies()
    found = [study for study in every if study.id == reference]
    found = found or [study for study in every if study.title == reference]
    if not found and reference:
        found = [study for study in every if study.id.startswith(reference)]
    shown = reference[:80]
    if not found:
        raise MadeError(f"There is no study '{shown}': `python -m made study list` lists them.")
    if len(found) > 1:
        ids = ", ".join(study.id for study in found[:5]) + (", …" if len(found) > 5 else "")
        raise MadeError(f"'{shown}' may be any of {len(found)} studies: choose one of {ids}.")
    return found[0]


def _ids(folder: Path) -> set[str]:
    """The folders whose names are those of studies."""
    try:
        with os.scandir(folder) as entries:
            names = {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
    except OSError:
        return set()
    return set(filter(ID.fullmatch, names))
