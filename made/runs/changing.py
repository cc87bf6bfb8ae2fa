"""Changing a run on its way: a living one is asked to, one at rest is changed where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from threading import Lock
from typing import Any

from filelock import Timeout

from made.base.errors import MadeError
from made.base.files import parse_object, read_or, to_json, write_atomically
from made.people import acting
from made.runs import allowance, disk, jobs
from made.runs.folder import LIVING, Run
from made.runs.jobs import LOCAL, LOCK_SECONDS, Launcher
from made.runs.queues import queue_of
from made.runs.writer import RunWriter
from made.setups.changes import Change, changed, news
from made.setups.config import ExperimentConfig

# Two tabs that ask at once must not overwrite each other's word.
_turn = Lock()
FILE, TAKING = "wanted.json", "taking.json"
LIMIT = 100_000


@disk.sentences()
def change(run: Run, values: Mapping[str, Any]) -> None:
    """Let a run go on with some settings changed, from its next minibatch on.

    A living one takes them within a report of its progress, and notes at which step; one at rest
    is changed at the step from which it would resume. Raises MadeError, and changes nothing, where
    one of them cannot change, and for a run that cannot go on.
    """
    if run.is_shipped:
        jobs.require_resumable(run)
    acting.require("change", run)
    with _turn:
        if run.state in LIVING:
            # What it has been asked for before and has not taken yet comes with it.
            values = {**(wanted(run) or {}), **values}
            _require_allowed(changed(run.latest_config, values))
            write_atomically(run.path / FILE, to_json(values).encode(), durable=False)
            return
        _require_allowed(changed(run.latest_config, values))
        with _held(run):
            _note(run, values)


@disk.sentences()
def go_on(run: Run, epochs: int, *, launcher: Launcher = LOCAL) -> Run:
    """Let a run that has ended go on, from its last checkpoint, to so many epochs in all.

    The schedule of its learning rate is stretched over the new number of epochs, and the
    look-ahead counts anew. Raises MadeError where there is nothing to go on from or to.
    """
    if run.is_shipped:
        jobs.require_resumable(run)
    acting.require("resume", run)
    if run.state in LIVING:
        raise MadeError(f"{run.label!r} is training: change its number of epochs instead.")
    if "last" not in run.checkpoints():
        raise MadeError(f"{run.label!r} has no checkpoint to go on from: start a new run.")
    done = run.reached("last").epoch
    if epochs <= done:
        raise MadeError(f"{run.label!r} has {done} epochs already: give a larger number.")
    _require_allowed(changed(run.latest_config, {"epochs": epochs}))
    # Before anything of a finished run is changed.
    queue_of(launcher).require_place(run.config)
    with allowance.place():
        pass
    with _held(run):
        writer = RunWriter(run)
        writer.append_change(Change(_latest_step(run), {"epochs": epochs}))
        writer.update(state="paused", message="")
    return jobs.resume(run, launcher=launcher)


def wanted(run: Run) -> dict[str, Any] | None:
    """The settings that a living run has been asked to change and has not changed yet."""
    return _read(run, TAKING) | _read(run, FILE) or None


def take(run: Run) -> dict[str, Any] | None:
    """What is wanted, for who changes it and says so by `taken`; asked by the run's worker.

    What is asked for meanwhile is there for the next time.
    """
    if not (run.path / TAKING).exists():
        with suppress(FileNotFoundError):
            (run.path / FILE).rename(run.path / TAKING)
    return _read(run, TAKING) or None


def taken(run: Run) -> None:
    """What `take` gave is done, or cannot be."""
    (run.path / TAKING).unlink(missing_ok=True)


def withdraw(run: Run) -> None:
    """Forget what was asked for."""
    for name in (FILE, TAKING):
        (run.path / name).unlink(missing_ok=True)


def _read(run: Run, name: str) -> dict[str, Any]:
    return read_or(run.path / name, parse_object, {}, limit=LIMIT)


def _require_allowed(config: ExperimentConfig) -> None:
    if reason := allowance.too_large(config):
        raise MadeError(reason)


def _held(run: Run) -> Any:
    try:
        return run.lock().acquire(timeout=LOCK_SECONDS)
    except Timeout:
        raise MadeError(f"{run.label!r} is being executed just now: try again.") from None


def _note(run: Run, values: Mapping[str, Any]) -> None:
    """Write a change of a run at rest, whose lock is held."""
    if different := news(run.latest_config, values):
        RunWriter(run).append_change(Change(_latest_step(run), different))


def _latest_step(run: Run) -> int:
    """Where a run at rest goes on, or is changed again on its way from there."""
    step = 0
    with suppress(MadeError):
        step = run.reached("last").step
    return max([step, *(change.step for change in run.changes())])
