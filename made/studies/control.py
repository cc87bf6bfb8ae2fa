"""Start, pause, stop and delete a whole study; everything returns at once."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from filelock import Timeout

from made import runs
from made.base import bin
from made.base.errors import MadeError
from made.base.text import counted
from made.people import acting
from made.people.persons import Owner
from made.runs import allowance, jobs, launchers
from made.runs.folder import LIVING
from made.runs.jobs import LOCK_SECONDS, start_process
from made.runs.requests import Request
from made.runs.store import BIN
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
    """A detached process on this machine: it outlives the server that started it.

    runs: the name of the launcher of its runs; else that process chooses.
    """

    def __init__(self, runs: str | None = None) -> None:
        self.runs = runs

    def launch(self, stored: StoredStudy) -> None:
        configs = [config for cell in stored.study.cells() for config in cell.configs.values()]
        runs_folder = stored.path.parent.parent
        command = [sys.executable, "-m", "made.studies.conductor", stored.id]
        command += [] if self.runs is None else [self.runs]
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
    if reason := refusal(study):
        raise MadeError(reason)
    found = plan(study, owner=acting.owner())
    if not found.wanted:
        raise MadeError(found.left_out[0].reason)
    return folder.create(study, taken=[run.id for run in found.found])


def same_or_new(study: Study) -> StoredStudy:
    """The study of one's own that asks the same, if there is one, else a new one. As `create`."""
    for stored in folder.list_studies():
        is_own = not stored.is_shipped and stored.problem is None
        if is_own and stored.study == study and acting.refusal("resume", stored) is None:
            return stored
    return create(study)


def conduct_here(
    stored: StoredStudy,
    on_look: Callable[[], None] | None = None,
    launcher: str | None = None,
) -> Ending:
    """Conduct a study in this process, to its end; see `conductor.conduct`.

    launcher: of its runs, by its name.
    """
    _require_own(stored)
    chosen = launchers.chosen(launcher)
    stored.withdraw()
    return conduct(stored, launcher=chosen, on_look=on_look)


def start(stored: StoredStudy, *, launcher: Launcher = LOCAL) -> None:
    """Train what a study lacks, or go on where it was paused, stopped or killed.

    One that goes on already is left alone. Raises MadeError where it cannot begin.
    """
    _require_own(stored)
    acting.require("resume", stored)
    if progress(stored).goes_on:
        return
    if reason := refusal(stored.study):
        raise MadeError(reason)
    stored.withdraw()
    stored.say(Status(state="starting", launched=time.time()))
    try:
        launcher.launch(stored)
    except OSError as error:
        message = f"The study could not be started ({error}): mend this and resume it."
        stored.say(Status(state="failed", message=message))
        raise MadeError(message) from error


def refusal(study: Study) -> str | None:
    """Why who acts now may not train what a study lacks, in a sentence; None where they may."""
    if reason := acting.refusal("train"):
        return reason
    limits = acting.limits()
    if limits is None:
        return None
    going = [stored for stored in folder.list_studies() if _is_going(stored, acting.owner())]
    if going and all(stored.study != study for stored in going):
        return f"Your study “{going[0].title}” is going on: one may have one here at a time."
    waiting = plan(study, owner=acting.owner()).waiting
    if len(waiting) > limits.study_runs:
        return (
            f"This study has {counted(len(waiting), 'new run')}; in this class one may have "
            f"{limits.study_runs}: choose fewer values or seeds."
        )
    new, kept = sum(one.run is None for one in waiting), len(allowance.own_runs())
    if new and kept + new > limits.kept_runs:
        return (
            f"You have {counted(kept, 'run')} and this study brings {new} more; in this class one "
            f"may keep {limits.kept_runs}: delete some."
        )
    return next(filter(None, (allowance.too_large(one.config) for one in waiting)), None)


def _is_going(stored: StoredStudy, owner: Owner | None) -> bool:
    """Whether a study of this owner goes on now."""
    is_theirs = owner is not None and stored.owner is not None and stored.owner.key == owner.key
    return is_theirs and stored.problem is None and progress(stored).goes_on


def _require_own(stored: StoredStudy) -> None:
    if stored.is_shipped:
        raise MadeError(f"{stored.title!r} ships with the project: make a study of your own.")


def pause(stored: StoredStudy) -> None:
    """Ask its living runs to write a checkpoint and rest, and start no more."""
    _ask(stored, "pause")


def stop(stored: StoredStudy) -> None:
    """As `pause`; the runs count as stopped."""
    _ask(stored, "stop")


def pause_all() -> None:
    """Ask every study and every run that lives to write a checkpoint and rest.

    Raises MadeError, once all have been asked, where one could not be.
    """
    acting.require("pause all")
    studies = [
        stored
        for stored in folder.list_studies()
        if stored.problem is None and not stored.is_shipped
    ]
    refused = []
    for ask in (
        *(partial(pause, stored) for stored in studies),
        *(partial(jobs.pause, run) for run in runs.list_runs()),
    ):
        try:
            ask()
        except MadeError as error:
            refused.append(str(error))
    if refused:
        raise MadeError(" ".join(refused))


def _ask(stored: StoredStudy, word: Request) -> None:
    if stored.is_shipped:
        return
    acting.require(word, stored)
    if progress(stored).goes_on:
        stored.ask(word)
    # Its runs may go on where the process that conducts them was killed.
    ask_runs(stored, word)


def delete(stored: StoredStudy) -> None:
    """Move a study into the bin, for a day, with the runs that it has started.

    Those that another study has taken stay. See `made.studies.bin`. Interrupted half-way, the study
    is still there with what is left, and can be deleted again.
    Raises MadeError while it, or one of these runs, goes on.
    """
    if stored.is_shipped:
        raise MadeError(f"{stored.title!r} ships with the project and cannot be deleted.")
    acting.require("delete", stored)
    busy = MadeError(f"The study {stored.title!r} is still going on: stop it first.")
    if stored.problem is None and progress(stored).goes_on:
        raise busy
    try:
        hold = stored.lock().acquire(timeout=LOCK_SECONDS)
    except Timeout:
        raise busy from None
    with hold:
        # Who held the lock may have moved the folder, and this one is made of nothing but a lock.
        if not (stored.path / "study.json").exists():
            raise MadeError(f"The study {stored.id!r} has just been deleted.")
        started = [] if stored.problem else readable(stored.record.started)
        others = [other for other in folder.list_studies() if other.path != stored.path]
        kept = {id for other in others for id in other.run_ids}
        doomed = [run for run in started if run.id not in kept]
        if any(run.state in LIVING for run in doomed):
            raise busy
        for run in doomed:
            runs.delete(run)
        bin.throw(folder.own_folder() / BIN, stored.path)
