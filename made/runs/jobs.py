"""Start, stop, pause and resume runs, each in a process of its own, one at a time on a device.

A ticket stands for each run that waits for a device: a file `.line/<device>/<time>_<id>` in the
runs folder. The oldest ticket of a living run takes the device's lock when its holder lets go,
which the system sees to even if the holder is killed.
"""

import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Literal, Protocol

from filelock import FileLock, Timeout

from made.base import devices
from made.base.errors import MadeError
from made.base.files import is_locked, to_json, write_atomically
from made.runs import folder as runs
from made.runs.folder import LIVING, Run
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig

PROJECT = Path(__file__).resolve().parents[2]
LOCK_SECONDS = 5.0

Request = Literal["pause", "stop"]


class Launcher(Protocol):
    """How a worker comes to life: as a process here, or as a job of some cluster engine."""

    def launch(self, run: Run) -> int | None:
        """Begin to execute `run` and return at once, with the process id where it is a local one.

        Raises OSError where nothing can be begun.
        """
        ...


class LocalLauncher:
    """A detached process on this machine: it outlives the server that started it."""

    def __init__(self, command: Sequence[str] = (sys.executable, "-m", "made.runs.worker")) -> None:
        self.command = tuple(command)

    def launch(self, run: Run) -> int:
        environment = {**os.environ, "MADE_RUNS_DIR": str(run.path.parent), "PYTHONUNBUFFERED": "1"}
        if folder := os.environ.get("MADE_DATA_DIR"):
            environment["MADE_DATA_DIR"] = str(Path(folder).expanduser().resolve())
        with (run.path / "log.txt").open("ab") as log:
            process = subprocess.Popen(
                [*self.command, run.id],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=PROJECT,
                env=environment,
                start_new_session=True,
            )
        # A child that nobody waits for would stay as a zombie, and look alive.
        threading.Thread(target=process.wait, daemon=True).start()
        return process.pid


LOCAL = LocalLauncher()


def start(config: ExperimentConfig, label: str | None = None, *, launcher: Launcher = LOCAL) -> Run:
    """Make a run and put it in the line for its device. Raises MadeError where it cannot begin."""
    _resolve_device(config)
    run = runs.create(config, label)
    with run.lock():
        enter(run)
    _launch(run, launcher)
    return run


def resume(run: Run, *, launcher: Launcher = LOCAL) -> Run:
    """Let a run that is at rest go on as if it had never stopped; a living one is left alone.

    Raises MadeError for a finished run, and where its device is gone.
    """
    before = run.snapshot()
    if before.state in LIVING:
        return run
    require_resumable(run)
    try:
        # A worker that has just written its last status lets go of the lock within moments.
        hold = run.lock().acquire(timeout=LOCK_SECONDS)
    except Timeout:
        return run
    with hold:
        if run.recorded.get("launched") != before.launched:
            return run
        withdraw(run)
        enter(run)
    _launch(run, launcher)
    return run


def require_resumable(run: Run) -> None:
    """Raises MadeError, with the reason, where a run at rest has no way to go on."""
    if run.is_shipped:
        raise MadeError(f"{run.label!r} ships with the project: start a new run of its set-up.")
    if run.recorded.get("state") == "finished":
        raise MadeError(f"{run.label!r} is finished: start a new run to train further.")


def stop(run: Run) -> None:
    """Ask a living run to write a checkpoint and end as "stopped"; no effect on one at rest."""
    _ask(run, "stop")


def pause(run: Run) -> None:
    """Ask a living run to write a checkpoint and end as "paused"; no effect on one at rest."""
    _ask(run, "pause")


def _ask(run: Run, word: Request) -> None:
    if run.status in LIVING:
        write_atomically(run.path / "request", word.encode(), durable=False)


def requested(run: Run) -> Request | None:
    """What the run has been asked to do and has not done yet."""
    try:
        word = (run.path / "request").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    return word if word in ("pause", "stop") else None


def withdraw(run: Run) -> None:
    """Forget a request."""
    (run.path / "request").unlink(missing_ok=True)


def queue_place(run: Run) -> int | None:
    """How many waiting runs come before this one: 0 if it runs or is next, None at rest."""
    if run.status not in LIVING:
        return None
    ticket = _ticket(run)
    return 0 if ticket is None else _index(run, waiting(ticket.parent.name))


def waiting(device: str) -> list[str]:
    """Ids of the living runs that wait for a device, the next one first."""
    ids = []
    for ticket in sorted(_line(device).glob("*_*")):
        id = ticket.name.partition("_")[2]
        if _waits(id):
            ids.append(id)
        else:
            ticket.unlink(missing_ok=True)
    return ids


def is_next(run: Run, device: str) -> bool:
    return _index(run, waiting(device)) == 0


def in_line(run: Run) -> bool:
    return _ticket(run) is not None


def enter(run: Run, device: str | None = None) -> str:
    """Take a ticket for the run's device and record it; the caller holds the run's lock.

    device: by default the one that the configuration asks for. Returns it.
    """
    device = device or _resolve_device(run.config)
    leave(run)
    (run.path / "launch.json").unlink(missing_ok=True)
    at_start = {"message": "", "cause": "", "ended": None, "pid": None, "seconds_left": None}
    RunWriter(run).update(
        durable=True, state="starting", device=device, launched=time.time(), **at_start
    )
    line = _line(device)
    line.mkdir(parents=True, exist_ok=True)
    (line / f"{time.time_ns():020}_{run.id}").touch()
    return device


def leave(run: Run) -> None:
    """Give the ticket back, if there is one."""
    for ticket in (runs.runs_folder() / ".line").glob(f"*/*_{run.id}"):
        ticket.unlink(missing_ok=True)


def device_lock(device: str) -> FileLock:
    """The lock whose holder has the device to itself."""
    path = runs.runs_folder() / ".locks" / f"{_file_name(device)}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path)


def _launch(run: Run, launcher: Launcher) -> None:
    try:
        pid = launcher.launch(run)
    except OSError as error:
        leave(run)
        message = f"The worker could not be started ({error}): mend this and resume the run."
        with run.lock():
            RunWriter(run).update(state="failed", message=message, cause=str(error))
        raise MadeError(message) from error
    # A run may be deleted as soon as it is over, which can be now.
    with suppress(FileNotFoundError):
        write_atomically(run.path / "launch.json", to_json({"pid": pid}).encode(), durable=False)


def _resolve_device(config: ExperimentConfig) -> str:
    """The device of a configuration, or its first; "auto" prefers one that nobody uses."""
    occupants: Counter[str] = Counter()
    for device in devices.list_devices():
        if device.name.startswith("cuda:"):
            lock = runs.runs_folder() / ".locks" / f"{_file_name(device.name)}.lock"
            occupants[device.name] = len(waiting(device.name)) + is_locked(lock)
    settings = config.training
    return devices.group(settings.device, settings.num_devices, occupants)[0]


def _file_name(device: str) -> str:
    return device.replace(":", "-")


def _line(device: str) -> Path:
    return runs.runs_folder() / ".line" / _file_name(device)


def _ticket(run: Run) -> Path | None:
    return next((runs.runs_folder() / ".line").glob(f"*/*_{run.id}"), None)


def _waits(id: str) -> bool:
    try:
        return Run.open(id).status in ("starting", "queued")
    except MadeError:
        return False


def _index(run: Run, ids: list[str]) -> int:
    return ids.index(run.id) if run.id in ids else 0
