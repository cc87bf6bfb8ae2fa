"""What was read of run folders, remembered for as long as their files stay as they are.

One index serves every session of a server. A look at a folder costs one listing of it, whatever
was worked out of its files; with a thousand runs that is the difference between seconds and none.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from made.base.errors import MadeError
from made.runs import notes
from made.runs.folder import CHANGES, Run

NAMES = frozenset(
    {"config.json", "label.json", "status.json", "epochs.jsonl", "result.json", notes.FILE, CHANGES}
)
MOST = 20_000
# A file touched within a tick of the clock can change again under the same signature.
_RACY_NANOSECONDS = 100_000_000

Reading = TypeVar("Reading")
Signature = tuple[tuple[str, int, int, int], ...]


def signature(run: Run, names: frozenset[str] = NAMES) -> Signature:
    """Of each file that says something of the run: name, time in ns, size in bytes, inode."""
    seen = []
    with suppress(OSError), os.scandir(run.path) as entries:
        for entry in entries:
            if entry.name in names:
                stat = entry.stat()
                seen.append((entry.name, stat.st_mtime_ns, stat.st_size, stat.st_ino))
    if run.is_shipped and notes.FILE in names:
        with suppress(OSError):
            stat = run.notes_path.stat()
            seen.append((notes.FILE, stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return tuple(sorted(seen))


class Index(Generic[Reading]):
    """Readings of runs by `read`, which may raise MadeError.

    is_settled: False for a reading that may change while no file does, as that of a living run
    whose process may die; it is read anew each time.
    """

    def __init__(
        self, read: Callable[[Run], Reading], is_settled: Callable[[Reading], bool]
    ) -> None:
        self._read, self._is_settled = read, is_settled
        self._known: dict[str, tuple[tuple[Path, Signature, object], Reading]] = {}
        self._lock = Lock()

    def read(self, runs: Iterable[Run], key: object = None) -> list[Reading]:
        """A reading of each run that can be read, in their order.

        key: what else the readings depend on.
        """
        readings = []
        for run in runs:
            with suppress(MadeError):
                readings.append(self._reading(run, key))
        return readings

    def _reading(self, run: Run, key: object) -> Reading:
        # The signature first: a file that changes meanwhile makes the next look differ from it.
        found = signature(run)
        seen = (run.path, found, key)
        known = self._known.get(run.id)
        if known is not None and known[0] == seen:
            return known[1]
        reading = self._read(run)
        newest = max((entry[1] for entry in found), default=0)
        if self._is_settled(reading) and time.time_ns() - newest > _RACY_NANOSECONDS:
            with self._lock:
                if len(self._known) >= MOST:
                    self._known.clear()
                self._known[run.id] = (seen, reading)
        return reading
