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
from pathlib import Path

FILE = "heartbeat"
BEAT_SECONDS = 5.0
SILENT_SECONDS = 30.0


@contextmanager
def beating(run_path: Path) -> Iterator[None]:
    """Touch the file of a run whose lock this process holds, from a thread of its own."""
    path = run_path / FILE
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


def silence(run_path: Path) -> float | None:
    """Seconds without a sign of life, 30 or more; None where there was one, or never any.

    A run of an older version gives none, and one at rest has taken its file away.
    """
    try:
        seconds = time.time() - (run_path / FILE).stat().st_mtime
    except (OSError, ValueError):
        return None
    return seconds if seconds >= SILENT_SECONDS else None
