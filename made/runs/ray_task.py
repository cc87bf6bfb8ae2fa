"""What a Ray worker executes: one run, from its last checkpoint on, with the worker of any run.

Whoever dies here, Ray executes it again, on this node or on another one.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from filelock import Timeout

from made.base.errors import MadeError
from made.base.files import open_end
from made.base.places import runs_folder
from made.runs import handed
from made.runs.folder import ENDED, Run
from made.runs.handed import Ticket
from made.runs.turn import given
from made.runs.worker import Worker, signals
from made.runs.writer import RunWriter
from made.setups import extensions

# A file server notices only after a while that a node is gone which had the lock.
LOCK_SECONDS = 120.0
LOOK_SECONDS = 0.5


class NotShared(Exception):
    """A node does not see the runs folder."""


class Leaving(Exception):
    """The node was told to go, after a checkpoint: the run goes on elsewhere."""


def execute(id: str, node: str, environment: Mapping[str, str]) -> None:
    """Bring a run to its end, whatever that is; nothing where it has been taken back meanwhile.

    environment: what `extensions.environment` says of its configuration. Raises NotShared, Leaving.
    """
    folder = runs_folder()
    if not (folder / handed.FOLDER).is_dir():
        raise NotShared(
            f"The node {node} does not see the runs folder '{folder}': put it on a file system "
            "that all nodes share, name it by MADE_RUNS_DIR, then resume the run."
        )
    _extend(environment)
    try:
        run = Run.open(id)
    except MadeError:
        handed.leave(folder / id)  # it was deleted
        return
    hold = _hold(run)
    if hold is None:
        return
    with hold, _output_to(run.path / "log.txt"):
        if ticket := _begins(run, node):
            _work(run, ticket)


def _hold(run: Run) -> AbstractContextManager[object] | None:
    """The lock of the run, taken; None where it is not to be executed."""
    until = time.monotonic() + LOCK_SECONDS
    while handed.is_there(run.path):
        try:
            return run.lock().acquire(timeout=LOOK_SECONDS)
        except Timeout:
            if time.monotonic() > until:
                break
    return None


def _begins(run: Run, node: str) -> Ticket | None:
    """Take the run for this node and tell so; None where its turn is over or it cannot be read."""
    if not handed.is_there(run.path):
        return None
    # Its process was lost between its last word and the ticket.
    if run.recorded.state in ENDED:
        handed.leave(run.path)
        return None
    before = handed.begin(run.path, node)
    writer = RunWriter(run)
    place = node
    if before.node:
        place = f"{node}, after {before.node} was lost"
        writer.log(f"{before.node} was lost; {node} goes on from the last checkpoint.")
    writer.update(state="starting", node=place, message="", pid=os.getpid())
    try:
        extensions.load()
        _ = run.config
    except MadeError as error:
        writer.update(state="failed", message=str(error), cause=str(error))
        handed.leave(run.path)
        return None
    return handed.read(run.path)


def _work(run: Run, mine: Ticket) -> None:
    """mine: the ticket by which this node has the run; by another node's somebody else has it."""

    def is_mine() -> bool:
        now = handed.read(run.path)
        return now is not None and (now.node, now.tries) in ((mine.node, mine.tries), ("", 0))

    # A person asks for a pause by a file; a signal tells that this node goes, not that the run is
    # to rest.
    worker = Worker(run, take_turn=given, is_mine=is_mine, waits=handed.WAITS)
    with signals(worker):
        worker.execute()
    if not is_mine():
        return
    if run.recorded.state == "queued":
        raise Leaving
    handed.leave(run.path)


@contextmanager
def _output_to(path: Path) -> Iterator[None]:
    """Let all that this process writes go into a file meanwhile, as of a process of its own."""
    sys.stdout.flush()
    sys.stderr.flush()
    before = [os.dup(number) for number in (1, 2)]
    log = open_end(path)
    try:
        for number in (1, 2):
            os.dup2(log.fileno(), number)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, copy in zip((1, 2), before, strict=True):
            os.dup2(copy, number)
            os.close(copy)
        log.close()


def _extend(environment: Mapping[str, str]) -> None:
    """Make importable what a configuration needs from outside."""
    os.environ.update(environment)
    for place in environment.get("PYTHONPATH", "").split(os.pathsep):
        if place and place not in sys.path:
            sys.path.append(place)
