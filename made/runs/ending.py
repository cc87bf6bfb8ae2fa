"""The way to end a process that does not answer any more, so that its run can be resumed."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress

import psutil

from made.base.errors import MadeError
from made.people import acting
from made.runs.folder import Run

PATIENCE_SECONDS = 5.0
LOOK_SECONDS = 0.02


def end_process(run: Run) -> None:
    """Kill the process that holds a run without a sign of life, and all that it has started.

    The run is interrupted then, and resumes from its last checkpoint. Raises MadeError for a run
    whose process answers, and where it cannot be ended from here.
    """
    acting.require("stop", run)
    if run.silent_seconds is None:
        if run.is_alive:
            raise MadeError(f"The process of {run.label!r} answers: pause or stop the run.")
        return
    holders = [process for process in _recorded(run) if _holds(process, run)]
    if not holders:
        raise MadeError(
            f"The process of {run.label!r} is not on this machine, or is another person's: end it "
            "where it was started."
        )
    for process in holders:
        _kill(process)
    until = time.monotonic() + PATIENCE_SECONDS
    while run.is_alive:
        if time.monotonic() > until:
            raise MadeError(
                f"The process of {run.label!r} does not end: it waits for a disk or a device. "
                "Restart the machine, then resume the run."
            )
        time.sleep(LOOK_SECONDS)


def _recorded(run: Run) -> list[psutil.Process]:
    """The processes that may be it, by the files of the folder, which anyone may have written."""
    found = []
    for pid in {run.recorded.pid, run.launched_pid}:
        with suppress(psutil.Error):
            if pid is not None and pid != os.getpid():
                found.append(psutil.Process(pid))
    return found


def _holds(process: psutil.Process, run: Run) -> bool:
    """Whether a process has the lock of the run open: no other one is ever ended."""
    lock = str((run.path / "lock").resolve())
    with suppress(psutil.Error):
        return any(file.path == lock for file in process.open_files())
    return False


def _kill(process: psutil.Process) -> None:
    """The process, what it has started, and its group where it leads a session of its own."""
    with suppress(psutil.Error):
        for child in process.children(recursive=True):
            with suppress(psutil.Error):
                child.kill()
    with suppress(psutil.Error, OSError):
        if hasattr(os, "killpg") and os.getsid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
