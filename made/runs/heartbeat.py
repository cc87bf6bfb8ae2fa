"""A sign of life: as long as a worker runs it touches a file, whatever it is about.

Its lock tells that the process is there, and this that it runs: one that was stopped, or that waits
for a disk that has gone away, is there and does nothing, possibly for ever.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from made.runs.folder import Run

FILE = "heartbeat"
BEAT_SECONDS = 5.0
SILENT_SECONDS = 30.0


@contextmanager
def beating(run: Run) -> Iterator[None]:
    """Touch the file of a run whose lock this process holds, from a thread of its own."""
    path = run.path / FILE
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_SECONDS):
            # A folder that was removed meanwhile is not made again.
            with suppress(OSError):
                os.utime(path)

    with suppress(OSError):
        path.touch()
    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        with suppress(OSError):
            path.unlink(missing_ok=True)


def silent_seconds(run: Run) -> float | None:
    """For how long the process of a run has given no sign of life; None where it does.

    Also None where no process has the run, and for one of an older version, which gives no signs.
    """
    try:
        silence = time.time() - (run.path / FILE).stat().st_mtime
    except (OSError, ValueError):
        return None
    return silence if silence >= SILENT_SECONDS and run.is_alive else None
