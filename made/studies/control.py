"""Start, pause, stop and delete a whole study; everything returns at once."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import Protocol

from filelock import Timeout

from made import runs
from made.base.errors import MadeError
from made.runs.folder import LIVING
from made.runs.jobs import LOCK_SECONDS, Request, start_process
from made.setups import extensions
from made.studies import folder
from made.studies.conductor import Ending, ask_runs, conduct
from made.studies.folder import Status, StoredStudy, readable
from made.studies.plan import plan
from made.studies.progress import progress
from made.studies.study import Study


class Launcher(Protocol):
    """How the process that conducts a study comes to life."""

    def launch(self, stored: StoredStudy) -> None:
        """Begin, and return at once. Raises OSError where nothing can be begun."""
        ...


class LocalLauncher:
    """A detached process on this machine: it outlives the server that started it."""

    def launch(self, stored: StoredStudy) -> None:
        configs = [config for cell in stored.study.cells() for config in cell.configs.values()]
        runs_folder = stored.path.parent.parent
        command = [sys.executable, "-m", "made.studies.conductor", stored.id]
        start_process(command, stored.path, runs_folder, *configs)


LOCAL = LocalLauncher()


def create(study: Study) -> StoredStudy:
    """A new study, with the runs that are there already; nothing is trained yet.

    Raises MadeError, with the reason, where there is nothing to learn from it, or what it needs
    cannot be found by another process.
    """
    if problem := study.problem():
        raise MadeError(problem)
    for cell in study.cells():
        for config in cell.configs.values():
            extensions.require_importable(config)
    found = plan(study)
    if not found.wanted:
        raise MadeError(found.left_out[0].reason)
    return folder.create(study, taken=[run.id for run in found.found])


def same_or_new(study: Study) -> StoredStudy:
    """The study of one's own that asks the same, if there is one, else a new one. As `create`."""
    for stored in folder.list_studies():
        if not stored.is_shipped and stored.problem is None and stored.study == study:
            return stored
    return create(study)


def conduct_here(stored: StoredStudy, on_look: Callable[[], None] | None = None) -> Ending:
    """Conduct a study in this process, to its end; see `conductor.conduct`."""
    _require_own(stored)
    stored.withdraw()
    return conduct(stored, on_look=on_look)


def start(stored: StoredStudy, *, launcher: Launcher = LOCAL) -> None:
    """Train what a study lacks, or go on where it was paused, stopped or killed.

    One that goes on already is left alone. Raises MadeError where it cannot begin.
    """
    _require_own(stored)
    if progress(stored).goes_on:
        return
    stored.withdraw()
    stored.say(Status(state="starting", launched=time.time()))
    try:
        launcher.launch(stored)
    except OSError as error:
        message = f"The study could not be started ({error}): mend this and resume it."
        stored.say(Status(state="failed", message=message))
        raise MadeError(message) from error


def _require_own(stored: StoredStudy) -> None:
    if stored.is_shipped:
        raise MadeError(f"{stored.title!r} ships with the project: make a study of your own.")


def pause(stored: StoredStudy) -> None:
    """Ask its living runs to write a checkpoint and rest, and start no more."""
    _ask(stored, "pause")


def stop(stored: StoredStudy) -> None:
    """As `pause`; the runs count as stopped."""
    _ask(stored, "stop")


def _ask(stored: StoredStudy, word: Request) -> None:
    if stored.is_shipped:
        return
    if progress(stored).goes_on:
        stored.ask(word)
    # Its runs may go on where the process that conducts them was killed.
    ask_runs(stored, word)


def delete(stored: StoredStudy) -> None:
    """Remove a study and the runs that it has started, except those that another study has taken.

    Raises MadeError while it, or one of these runs, goes on. Interrupted half-way, the study is
    still there with what is left, and can be deleted again.
    """
    if stored.is_shipped:
        raise MadeError(f"{stored.title!r} ships with the project and cannot be deleted.")
    busy = MadeError(f"The study {stored.title!r} is still going on: stop it first.")
    if stored.problem is None and progress(stored).goes_on:
        raise busy
    try:
        hold = stored.lock().acquire(timeout=LOCK_SECONDS)
    except Timeout:
        raise busy from None
    with hold:
        started = [] if stored.problem else readable(stored.record.started)
        others = [other for other in folder.list_studies() if other.path != stored.path]
        kept = {id for other in others for id in other.run_ids}
        doomed = [run for run in started if run.id not in kept]
        if any(run.state in LIVING for run in doomed):
            raise busy
        for run in doomed:
            runs.delete(run)
        trash = stored.path.with_name(f".trash-{stored.id}")
        stored.path.rename(trash)
        shutil.rmtree(trash, ignore_errors=True)
