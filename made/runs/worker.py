"""What the process of a run executes: wait in line, train, and leave everything on disk.

    python -m made.runs.worker RUN_ID

torch is imported only when the run's turn has come, so waiting costs next to nothing.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from typing import TYPE_CHECKING

from filelock import Timeout

from made import datasets
from made.base.errors import MadeError
from made.base.tensors import load_tensors
from made.base.threads import tiny_as_zero, torch_threads
from made.runs import calls, changing, disk, handed, jobs, line, moments, origin
from made.runs.folder import LIVING, Run
from made.runs.heartbeat import beating
from made.runs.holding import Forgotten, Holding
from made.runs.recorder import Recorder
from made.runs.records import Status
from made.runs.requests import Request
from made.runs.turn import all_devices, num_threads, turn
from made.runs.writer import RunWriter
from made.setups import extensions
from made.training.events import Event, Finished
from made.training.learner import Learner

if TYPE_CHECKING:
    from made.datasets import Dataset

NICENESS = 5


def build_learner(run: Run, dataset: Dataset, device: str, recorder: Recorder) -> Learner:
    """What trains the run, from its last checkpoint on if there is one; torch comes with it."""
    is_resume = recorder.go_back()
    if run.config.training.num_devices == 1:
        from made.training.trainer import Trainer

        state = recorder.last_state() if is_resume else None
        weights = None
        if state is None and run.origin is not None:
            weights, _ = load_tensors(run.path / origin.WEIGHTS)
        return Trainer(run.config, dataset, device, state, run.changes(), weights)
    from made.training.parallel import Group

    checkpoint = run.checkpoint_path("last") if is_resume else None
    log = run.path / "log.txt"
    return Group(run.config, all_devices(run, device), checkpoint, log, num_threads(run))


class Interrupted(Exception):
    """The run was asked to pause or stop, by a person or by a signal."""

    def __init__(self, request: Request, *, by_signal: bool) -> None:
        self.request, self.by_signal = request, by_signal


class Displaced(Exception):
    """Another process has the run by now: nothing of it may be written here any more."""


Turn = Callable[
    [Run, RunWriter, Callable[[], None], Callable[[str], None]], AbstractContextManager[str]
]


class Worker:
    """The execution of one run by this process, which holds its lock.

    request: what a signal asks for; a person asks by a file in the folder. take_turn: how it comes
    to its device; only where that is our line, it looks after those behind it.
    is_mine: whether the run is to be executed here still, asked before anything is written.
    waits: what is said of a run that goes on elsewhere when this process is told to go; "" where it
    pauses then.
    """

    def __init__(
        self,
        run: Run,
        on_event: Callable[[Event], None] | None = None,
        on_message: Callable[[str], None] | None = None,
        take_turn: Turn = turn,
        is_mine: Callable[[], bool] = lambda: True,
        waits: str = "",
    ) -> None:
        self.run = run
        self.is_mine, self.waits = is_mine, waits
        self.take_turn = take_turn
        self.on_event = on_event or (lambda event: None)
        self.on_message = on_message or (lambda message: None)
        self.recorder = Recorder(run)
        self.request: Request | None = None
        self.looks = calls.Looks(calls.LOOK_SECONDS) if take_turn is turn else None

    def execute(self) -> None:
        """Bring the run to its end, whatever that is, and record it. Never raises."""
        try:
            self.recorder.writer.sweep()
            disk.reserve(self.run)
            with (
                beating(self.run.path),
                self.take_turn(self.run, self.recorder.writer, self._obey, self._say) as device,
                tiny_as_zero(),
                torch_threads(num_threads(self.run)),
            ):
                self._train(device)
        except Displaced:
            return
        except Interrupted as interruption:
            if interruption.by_signal and interruption.request == "pause" and self.waits:
                self.recorder.end("queued", self.waits)
            else:
                state = {"pause": "paused", "stop": "stopped"}[interruption.request]
                self.recorder.end(state, "")
        except Forgotten as forgotten:
            self.recorder.end("paused", str(forgotten))
        except KeyboardInterrupt:
            self.recorder.end("stopped", f"Ended at once. {self.recorder.kept()}")
        except Exception as error:
            self.recorder.fail(error)
        for tidy in (line.leave, jobs.withdraw, changing.withdraw, moments.remove):
            # A disk that became read-only keeps it, until the run is resumed.
            with suppress(OSError):
                tidy(self.run)
        # What it had to do is done: nothing that goes wrong with others is its own failure.
        with suppress(Exception):
            if self.looks is not None:
                calls.call_next()

    def _train(self, device: str) -> None:
        self._say("Loading the data.")
        dataset = datasets.load(self.run.config.data, self._downloaded)
        self.recorder.writer.write_data(dataset)
        self._obey()
        self._say("Building the model.")
        with closing(build_learner(self.run, dataset, device, self.recorder)) as learner:
            self.recorder.begin(learner)
            self.on_message(learner.path.describe())
            standing = Holding(self.run, self.recorder, learner, lambda: self._attend(learner))
            if self.recorder.num_epochs:
                standing.after()
            with closing(learner.events()) as events:
                for event in events:
                    self.recorder.record(event)
                    self.on_event(event)
                    if isinstance(event, Finished):
                        return
                    self._attend(learner)
                    standing.after(event)

    def _attend(self, learner: Learner) -> None:
        if self.looks is not None:
            self.looks.look()
        self._obey()
        self._change(learner)

    def _change(self, learner: Learner) -> None:
        """Take the settings that somebody has asked for, and note from which step on they hold."""
        values = changing.take(self.run)
        if values is None:
            return
        try:
            change = learner.change(values)
        except MadeError as error:
            self.recorder.say(str(error))
        else:
            if change is not None:
                self.recorder.writer.append_change(change)
        changing.taken(self.run)

    def _say(self, message: str) -> None:
        self.recorder.say(message)
        self.on_message(message)

    def _downloaded(self, done: int, total: int) -> None:
        self._obey()
        if message := self.recorder.downloaded(done, total):
            self.on_message(message)

    def _obey(self) -> None:
        """Raises Interrupted where a pause or a stop is asked for, after writing a checkpoint.

        Raises MadeError where the folder of the run is gone, for whom nobody need wait or train,
        and Displaced. What a person asks for goes before what a signal does.
        """
        if not self.run.path.is_dir():
            raise MadeError("The folder of this run was removed while it lived.")
        if not self.is_mine():
            raise Displaced
        asked = jobs.requested(self.run)
        request = asked or self.request
        if request is None:
            return
        self.recorder.require_saved()
        raise Interrupted(request, by_signal=asked is None)


def execute(
    run: Run,
    on_event: Callable[[Event], None] | None = None,
    on_message: Callable[[str], None] | None = None,
) -> Status:
    """Train a new run, or go on with one at rest, in this process, to its end.

    on_event: gets each event after it is on disk; on_message: what happens before training.
    SIGINT stops the run, SIGTERM pauses it, both with a checkpoint. Raises MadeError where the run
    has nothing to go on with, or another process executes it.
    """
    if run.is_shipped:
        jobs.require_resumable(run)
    if handed.is_there(run.path) and run.state in LIVING:
        raise MadeError(f"{run.label!r} is executed by a cluster: watch it there, or stop it.")
    handed.leave(run.path)
    try:
        hold = run.lock().acquire(timeout=jobs.LOCK_SECONDS)
    except Timeout:
        raise MadeError(f"{run.label!r} is running in another process: watch it there.") from None
    with hold:
        if run.recorded.state != "starting":
            jobs.require_resumable(run)
            jobs.withdraw(run)
        if not line.in_line(run):
            line.enter(run)
        worker = Worker(run, on_event, on_message)
        with signals(worker):
            worker.execute()
    return run.status()


@contextmanager
def signals(worker: Worker) -> Iterator[None]:
    """SIGINT asks the worker to stop, SIGTERM to pause; a second SIGINT ends it at once."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask(number: int, frame: object) -> None:
        if number == signal.SIGINT and worker.request == "stop":
            raise KeyboardInterrupt
        worker.request = "stop" if number == signal.SIGINT else "pause"

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def main(arguments: list[str] | None = None) -> int:
    """The entry of a launched process: it does what it was launched for, or nothing at all."""
    (id,) = arguments or sys.argv[1:]
    # The dashboard must answer at once while training uses every core.
    with suppress(AttributeError, OSError):
        os.nice(max(0, NICENESS - os.nice(0)))
    try:
        run = Run.open(id)
        hold = run.lock().acquire(timeout=jobs.LOCK_SECONDS)
    except (MadeError, Timeout):
        return 0
    with hold:
        # A second worker of the same launch finds the first one's status, and goes.
        if run.recorded.state != "starting":
            return 0
        try:
            # Without them the configuration cannot even be read.
            extensions.load()
        except MadeError as error:
            line.leave(run)
            RunWriter(run).update(state="failed", message=str(error), cause=str(error))
            return 1
        if not line.in_line(run):
            line.enter(run)
        worker = Worker(run)
        with signals(worker):
            worker.execute()
    return 0


if __name__ == "__main__":
    sys.exit(main())
