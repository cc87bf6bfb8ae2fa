"""Start, stop, pause and resume runs, each in a process of its own that waits for its device."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol

from filelock import Timeout

from made import datasets
from made.base.errors import MadeError
from made.base.files import open_end, to_json, write_atomically
from made.base.places import PROJECT
from made.people import acting
from made.runs import allowance, disk, handed, line, origin, requests, store, words
from made.runs.folder import LIVING, Run
from made.runs.queues import queue_of
from made.runs.requests import Request
from made.runs.writer import RunWriter
from made.setups import extensions
from made.setups.changes import Change, changed
from made.setups.config import ExperimentConfig

LOCK_SECONDS = 5.0


class Launcher(Protocol):
    """How a worker comes to life: as a process here, or as a job of some cluster engine.

    One whose engine has a queue of its own brings it along as `queue`, a `queues.Queue`.
    """

    def launch(self, run: Run) -> int | None:
        """Begin to execute `run` and return at once, with the process id where it is a local one.

        The process needs what `extensions.environment(run.config)` says, to import what the
        configuration takes from outside.
        Raises OSError where nothing can be begun.
        """
        ...


class LocalLauncher:
    """A detached process on this machine: it outlives the server that started it."""

    def __init__(self, command: Sequence[str] = (sys.executable, "-m", "made.runs.worker")) -> None:
        self.command = tuple(command)

    def launch(self, run: Run) -> int | None:
        """The process id; None for a run far from its turn: `made/runs/calls.py` starts it then."""
        if line.waits_uncalled(run):
            return None
        return start_process([*self.command, run.id], run.path, run.path.parent, run.config)


def start_process(
    command: Sequence[str], folder: Path, runs_folder: Path, *configs: ExperimentConfig
) -> int:
    """Start a process that outlives this one, and return its id.

    folder: of its log.txt. configs: what it must be able to read. Raises OSError.
    """
    with open_log(folder) as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=PROJECT,
            env=worker_environment(runs_folder, *configs),
            start_new_session=True,
        )
    # A child that nobody waits for would stay as a zombie, and look alive.
    threading.Thread(target=process.wait, daemon=True).start()
    return process.pid


def open_log(folder: Path) -> BinaryIO:
    """log.txt of a folder, to be written on. Raises OSError, also for a pipe that nobody reads."""
    return open_end(folder / "log.txt")


def worker_environment(runs_folder: Path, *configs: ExperimentConfig) -> dict[str, str]:
    """The environment of a process that executes runs of a folder and must read these set-ups."""
    environment = {**os.environ, "MADE_RUNS_DIR": str(runs_folder), "PYTHONUNBUFFERED": "1"}
    environment |= extensions.environment(*configs)
    if data_folder := os.environ.get("MADE_DATA_DIR"):
        environment["MADE_DATA_DIR"] = str(Path(data_folder).expanduser().resolve())
    return environment


LOCAL = LocalLauncher()


@disk.sentences()
def start(
    config: ExperimentConfig,
    label: str | None = None,
    *,
    id: str | None = None,
    data: str | None = None,
    weights_of: Run | None = None,
    changes: Sequence[Change] = (),
    launcher: Launcher = LOCAL,
) -> Run:
    """Make a run and put it in the line for its device. Raises MadeError where it cannot begin.

    id: by default a new one; who notes it before this call never loses the run. The others: see
    `create`.
    """
    queue = queue_of(launcher)
    queue.require_place(config)
    extensions.require_importable(config)
    run = create(config, label, id=id, data=data, weights_of=weights_of, changes=changes)
    with run.lock():
        queue.enter(run)
    launch(run, launcher)
    return run


@disk.sentences()
def create(
    config: ExperimentConfig,
    label: str | None = None,
    *,
    id: str | None = None,
    data: str | None = None,
    weights_of: Run | None = None,
    changes: Sequence[Change] = (),
) -> Run:
    """Make a run with what it begins with and what is to change on its way. Raises MadeError.

    data: the title that the data have in its name, by default their own. weights_of: a run whose
    best weights this one begins with. changes: what changes on the way.
    """
    for change in changes:
        changed(config, change.values)
    if weights_of is not None:
        info = datasets.info(config.data)
        origin.require_fit(config, (info.num_variables, info.num_categories), weights_of)
    with allowance.admission(config):
        run = store.create(config, label, id=id, data=data)
    if weights_of is not None:
        origin.keep(run, weights_of)
    for change in changes:
        RunWriter(run).append_change(change)
    return run


@disk.sentences()
def resume(run: Run, *, launcher: Launcher = LOCAL) -> Run:
    """Let a run that is at rest go on as if it had never stopped; a living one is left alone.

    Raises MadeError for a finished run, and where its device is gone.
    """
    acting.require("resume", run)
    before = run.status()
    if before.state in LIVING:
        return run
    require_resumable(run)
    queue = queue_of(launcher)
    queue.require_place(run.config)
    extensions.require_importable(run.config)
    try:
        # A worker that has just written its last status lets go of the lock within moments.
        hold = run.lock().acquire(timeout=LOCK_SECONDS)
    except Timeout:
        return run
    with hold, allowance.place():
        if run.recorded.launched != before.launched:
            return run
        withdraw(run)
        handed.leave(run.path)
        queue.enter(run)
    launch(run, launcher)
    return run


def require_resumable(run: Run) -> None:
    """Raises MadeError, with the reason, where a run at rest has no way to go on."""
    if run.is_shipped:
        raise MadeError(f"{run.label!r} ships with the project: start a new run of its set-up.")
    if run.recorded.state == "finished":
        raise MadeError(f"{run.label!r} is finished: let it go on for more epochs.")


@disk.sentences()
def stop(run: Run) -> None:
    """Ask a living run to write a checkpoint and end as "stopped"; a paused one is stopped at once.

    No effect on any other run at rest.
    """
    acting.require("stop", run)
    if run.recorded.state != "paused" or handed.is_there(run.path):
        _ask(run, "stop")
        return
    # Whoever resumes the run at the same moment has its lock, and wins.
    with suppress(Timeout), run.lock().acquire(blocking=False):
        if run.recorded.state == "paused":
            RunWriter(run).update(state="stopped")


def _rest_uncalled(run: Run, word: Request) -> bool:
    """Let a run rest that waits without a process to do it; whether it does."""
    with suppress(Timeout), run.lock().acquire(blocking=False):
        if run.is_uncalled:
            line.leave(run)
            state = {"pause": "paused", "stop": "stopped"}[word]
            RunWriter(run).update(state=state, ended=time.time())
            withdraw(run)
            return True
    return False


@disk.sentences()
def pause(run: Run) -> None:
    """Ask a living run to write a checkpoint and end as "paused"; no effect on one at rest."""
    acting.require("pause", run)
    _ask(run, "pause")


def _ask(run: Run, word: Request) -> None:
    # One that an engine has may be told to rest even while its cluster is silent.
    if _takes_back(run, word):
        return
    if run.state not in LIVING or (run.is_uncalled and _rest_uncalled(run, word)):
        return
    write_atomically(run.path / "request", word.encode(), durable=False)


def _takes_back(run: Run, word: Request) -> bool:
    """Bring a run to rest that an engine has not begun, or has lost: nobody is there to hear."""
    if not handed.is_there(run.path) or handed.executed(run.path):
        return False
    with suppress(Timeout), run.lock().acquire(blocking=False):
        if handed.executed(run.path):
            return False
        if run.recorded.state in (*LIVING, "paused"):
            state = {"pause": "paused", "stop": "stopped"}[word]
            RunWriter(run).update(state=state, message="", ended=time.time(), seconds_left=None)
        handed.leave(run.path)
        return True
    return False


def requested(run: Run) -> Request | None:
    """What the run has been asked to do and has not done yet."""
    return requests.requested(run.path)


def withdraw(run: Run) -> None:
    """Forget a request, and the words to a held run."""
    (run.path / "request").unlink(missing_ok=True)
    words.withdraw(run)


def launch(run: Run, launcher: Launcher) -> None:
    """Begin to execute a run that is in line. Raises MadeError where that cannot be done."""
    try:
        pid = launcher.launch(run)
    except OSError as error:
        message = f"The worker could not be started ({error}): mend this and resume the run."
        # Who has the lock was begun all the same, and tells by itself how it gets on.
        with suppress(Timeout), run.lock().acquire(blocking=False):
            if run.recorded.state in ("starting", "queued"):
                queue_of(launcher).leave(run)
                RunWriter(run).update(state="failed", message=message, cause=str(error))
        raise MadeError(message) from error
    # A run may be deleted as soon as it is over, which can be now.
    with suppress(FileNotFoundError):
        write_atomically(run.path / "launch.json", to_json({"pid": pid}).encode(), durable=False)
