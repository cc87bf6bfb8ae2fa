"""Who waits in line has no process: it is started when the run is one of the next.

A run that is far from its turn is a ticket and a status, "queued" without a process id. The first
`line.AHEAD` of a line have a process, which takes the slots as soon as they are free. Whoever is
there calls the next ones: a worker that takes or frees slots, one that waits, one that trains, now
and then, and the dashboard. So the line goes on whichever of them is killed. A run that was called
and died without a word is not called again.
"""

from __future__ import annotations

import time
from contextlib import suppress

from filelock import Timeout

from made.base.errors import MadeError
from made.runs import jobs, line
from made.runs.folder import Run
from made.runs.writer import RunWriter

LOOK_SECONDS = 5.0


def call_next(launcher: jobs.Launcher | None = None) -> None:
    """Start the processes of the runs at the head of each line that have none.

    launcher: by default local processes. A run that cannot be begun is recorded as failed. What
    goes wrong with others is no failure of who calls, and the next look may do better.
    """
    with suppress(MadeError, OSError):
        for device in line.devices():
            for run in line.called(device):
                with suppress(MadeError, OSError):
                    if run.is_uncalled and _take(run):
                        jobs.launch(run, launcher or jobs.LOCAL)


def _take(run: Run) -> bool:
    """Mark a run as being started; whether it was this process that did."""
    try:
        with run.lock().acquire(blocking=False):
            if not run.is_uncalled:
                return False
            RunWriter(run).update(state="starting", launched=time.time())
            return True
    except Timeout:
        return False


class Looks:
    """Calls the next ones whenever it is told to, at most every few seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.last = time.monotonic()

    def look(self) -> None:
        now = time.monotonic()
        if now - self.last >= self.seconds:
            self.last = now
            call_next()
