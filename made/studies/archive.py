"""A study with all its runs as one zip archive, and back into the runs folder of another machine.

The folder of the study holds its study.json and, beside it, a folder a run as `made.runs.archive`
has it, whose rules hold here for each of them.
"""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from made.base.errors import MadeError
from made.base.text import counted, first_few, short_bytes
from made.runs import archive, exporting, store
from made.runs.folder import ID, SMALL, Run
from made.runs.shipped import is_shipped
from made.setups.config import ExperimentConfig
from made.studies import folder
from made.studies.folder import FILE, Record, StoredStudy

MAX_BYTES = 8_000_000_000  # of all files of a study, unpacked
README = "README.txt"
ABOUT = """\
{title}

A study of {number}, exported from {id}: study.json says what was varied, a folder a run holds what
it left. `python -m made import FILE.zip` takes all of it in; a README in each folder says more.
"""


@dataclass(frozen=True)
class Imported:
    """What an archive held: a study or a run, under the id that it has here."""

    id: str
    label: str
    is_study: bool = False


def write_study(file: zipfile.ZipFile, stored: StoredStudy) -> list[str]:
    """Write a study and those of its runs that have something to show. Returns what is left out.

    Raises MadeError where no run has, and where another machine would not take all of it in.
    """
    there = stored.some_runs()
    runs = [run for run in there if exporting.has_what_counts(run)]
    if not runs:
        raise MadeError(
            f"No run of '{stored.title}' has anything to export yet: wait for its first epoch."
        )
    about = ABOUT.format(title=stored.title, number=counted(len(runs), "run"), id=stored.id)
    file.writestr(f"{stored.id}/{README}", about)
    file.write(stored.path / FILE, f"{stored.id}/{FILE}")
    left_out: list[str] = []
    for run in runs:
        found = exporting.write_run(file, run, within=f"{stored.id}/")
        left_out += [f"{run.label}: {what}" for what in found]
        if sum(member.file_size for member in file.infolist()) > MAX_BYTES:
            raise MadeError(
                f"The study '{stored.title}' is larger than {short_bytes(MAX_BYTES)}: export its "
                "runs one by one with `python -m made export`."
            )
    if missing := [run.label for run in there if run not in runs]:
        left_out.append(f"{first_few(missing, 3)}: nothing is trained yet")
    return left_out


def take_in(file: Path | IO[bytes]) -> Imported:
    """Take in a run or a study; of neither anything stays behind where it is refused.

    A run of a study that is here already is taken as it is. Raises MadeError.
    """
    with archive.opened(file) as opened:
        if any(_is_record(member) for member in opened.infolist()):
            return _take_in_study(opened)
        run = archive.take_in(opened)
        return Imported(run.id, run.label)


def _is_record(member: zipfile.ZipInfo) -> bool:
    above, _, name = member.filename.partition("/")
    return name == FILE and bool(above)


def _take_in_study(opened: zipfile.ZipFile) -> Imported:
    id, record, runs = _parts(opened)
    _require_new(id)
    new_ids: set[str] = set()
    taken, started = [], []
    with ExitStack() as drafts:
        for run_id in _in_order(record, runs):
            members = runs[run_id]
            if _is_here(run_id, opened, members):
                taken.append(run_id)
                continue
            new = run_id
            while is_shipped(new) or new in new_ids:
                new = store.new_id()
            new_ids.add(new)
            draft = drafts.enter_context(archive.new_run(new))
            archive.fill(opened, members, Run(new, draft))
            started.append(new)
        made = folder.create(
            record.definition,
            taken=taken,
            started=started,
            id=None if is_shipped(id) else id,
        )
    return Imported(made.id, made.title, is_study=True)


def _parts(opened: zipfile.ZipFile) -> tuple[str, Record, Mapping[str, archive.Members]]:
    """The id of the study, its definition, and the files of its runs. Raises MadeError."""
    ids, records, entries = set(), [], []
    for member in opened.infolist():
        if member.is_dir():
            continue
        above, _, name = member.filename.partition("/")
        if not ID.fullmatch(above):
            raise archive.wrong(f"'{member.filename[:60]}' is no part of a study")
        ids.add(above)
        if name == FILE:
            records.append(member)
        elif name != README:
            entries.append((name, member))
    if len(ids) > 1 or len(records) > 1:
        raise archive.wrong("it has more than one study")
    if sum(member.file_size for _, member in entries) > MAX_BYTES:
        raise archive.wrong(f"its files are larger than {short_bytes(MAX_BYTES)}")
    runs = archive.by_run(entries, most=folder.MAX_IDS)
    record = _record(opened, records[0])
    if strange := runs.keys() - {*record.taken, *record.started}:
        raise archive.wrong(f"the run {min(strange)} does not belong to its study")
    if not runs:
        raise archive.wrong("it has no run")
    return ids.pop(), record, runs


def _record(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> Record:
    if member.file_size > SMALL:
        raise archive.wrong(f"{FILE} is larger than {SMALL / 1e6:g} MB")
    try:
        return Record.from_json(opened.read(member))
    except MadeError as error:
        raise MadeError(f"The study of this archive cannot be read here. {error}") from None


def _in_order(record: Record, runs: Mapping[str, archive.Members]) -> list[str]:
    return [id for id in dict.fromkeys((*record.taken, *record.started)) if id in runs]


def _require_new(id: str) -> None:
    try:
        there = StoredStudy.open(id)
    except MadeError:
        return
    raise MadeError(f"This study is here already, as '{there.title}' ({id}).")


def _is_here(id: str, opened: zipfile.ZipFile, members: archive.Members) -> bool:
    """Whether the run is here already. Raises MadeError where another one has its id."""
    try:
        there = Run.open(id)
    except MadeError:
        return False
    if there.config != ExperimentConfig.from_json(opened.read(members["config.json"])):
        raise MadeError(
            f"A run of this archive has the id of another one here, '{there.label}' ({id}): delete "
            "or export that first."
        )
    return True
