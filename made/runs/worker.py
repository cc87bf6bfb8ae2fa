"""What the process of a run executes: wait in line, train, and leave everything on disk.

    python -m made.runs.worker RUN_ID

torch is imported only when the run's turn has come, so waiting costs next to nothing. The order of
writing makes every instant safe to die at: logs, then the best weights, then `last.safetensors`,
from which a resume goes on after cutting the logs back to it.
"""

import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import ModuleType
from typing import TYPE_CHECKING, Any

from filelock import Timeout

from made import datasets
from made.base import devices
from made.base.devices import prepare_torch
from made.base.errors import MadeError
from made.base.files import to_json
from made.base.tensors import load_tensors, save_tensors
from made.base.threads import tiny_as_zero
from made.runs import jobs, line
from made.runs.failures import explain
from made.runs.folder import Run, Snapshot
from made.runs.writer import RunWriter
from made.setups import extensions

if TYPE_CHECKING:
    from made.training.parallel import Group
    from made.training.trainer import EpochEnd, Finished, Progress, Trainer

    Event = Progress | EpochEnd | Finished
    State = tuple[dict[str, Any], dict[str, str]]

POLL_SECONDS = 0.2
STATUS_SECONDS = 0.5
CHECKPOINT_SECONDS = 30.0
# Epochs can be as short as the writing of a checkpoint: at most a tenth of the time goes into it.
EPOCH_CHECKPOINT_SECONDS = 1.0
WRITING_SHARE = 0.1
NICENESS = 5


def load_trainer() -> ModuleType:
    """`made.training.trainer`, and with it torch."""
    from made.training import trainer

    return trainer


class Interrupted(Exception):
    """The run was asked to pause or stop."""

    def __init__(self, request: jobs.Request) -> None:
        self.request = request


class Worker:
    """The execution of one run by this process, which holds its lock."""

    def __init__(
        self,
        run: Run,
        on_event: Callable[["Event"], None] | None = None,
        on_message: Callable[[str], None] | None = None,
    ) -> None:
        self.run = run
        self.on_event = on_event or (lambda event: None)
        self.on_message = on_message or (lambda message: None)
        self.writer = RunWriter(run)
        self.request: jobs.Request | None = None
        self.trainer: Trainer | Group | None = None
        self.step, self.epoch = run.snapshot().step, run.snapshot().epoch
        self.num_epochs = 0
        self.is_saved = True
        self.speed: float | None = None
        self.seconds_left: float | None = None
        self.seconds_before = 0.0
        self.started = self.status_written = self.saved = time.monotonic()
        self.saving_seconds = 0.0
        self.best_is_new = False

    def execute(self) -> None:
        """Bring the run to its end, whatever that is, and record it. Never raises."""
        try:
            self._execute()
        except Interrupted as interruption:
            state = {"pause": "paused", "stop": "stopped"}[interruption.request]
            self._end(state, "")
        except KeyboardInterrupt:
            self._end("stopped", f"Ended at once. {self._kept()}")
        except Exception as error:
            with suppress(OSError):
                self.writer.log(traceback.format_exc())
            if self.trainer is not None and self.best_is_new:
                with suppress(Exception):
                    self._save("best", self.trainer.best_weights())
            message, cause = explain(error, self.run.recorded.get("device") or "the device")
            step = getattr(error, "step", self.step)
            self._end("failed", f"{message} {self._kept()}", cause=cause, step=step)
        finally:
            line.leave(self.run)
            jobs.withdraw(self.run)

    def _execute(self) -> None:
        device = self.run.recorded["device"]
        with self._turn(device):
            self._say("Loading PyTorch.")
            last = self._devices(device)[-1]
            usable = prepare_torch(self.run.config.training.device, last)
            if usable == last:
                with tiny_as_zero():
                    return self._train(device)
        line.enter(self.run, usable)
        self.writer = RunWriter(self.run)
        with self._turn(usable), tiny_as_zero():
            return self._train(usable)

    @contextmanager
    def _turn(self, device: str) -> Iterator[None]:
        """Hold the device, after all earlier runs in its line, and those that it shares with."""
        is_first_look = True
        with ExitStack() as held:
            # All runs take several devices in the same order, so none waits for one that waits.
            for name in dict.fromkeys(self._devices(device)):
                lock = line.device_lock(name)
                while True:
                    self._obey()
                    if name != device or line.is_next(self.run, device):
                        with suppress(Timeout):
                            held.enter_context(lock.acquire(blocking=False))
                            break
                    if is_first_look:
                        self.writer.update(state="queued", message="", pid=os.getpid())
                        self.on_message(f"Waiting for {name}.")
                        is_first_look = False
                    time.sleep(POLL_SECONDS)
            self.writer.update(state="starting", pid=os.getpid())
            line.leave(self.run)
            yield

    def _train(self, device: str) -> None:
        self._say("Loading the data.")
        dataset = datasets.load(self.run.config.data, self._downloaded)
        self.writer.write_data(dataset)
        self._obey()
        training = load_trainer()
        state = self._restore()
        self._say("Building the model.")
        if self.run.config.training.num_devices > 1:
            self.trainer = self._group(device, is_new=state is None)
        else:
            self.trainer = training.Trainer(self.run.config, dataset, device, state)
        self.started = self.saved = time.monotonic()
        engine = self.trainer.path.describe()
        self._report(message="", engine=engine, started=time.time())
        self.on_message(engine)
        events = self.trainer.events()
        try:
            for event in events:
                if isinstance(event, training.Progress):
                    self._progress(event)
                elif isinstance(event, training.EpochEnd):
                    self._epoch_end(event)
                else:
                    self._finished(event)
                    return
        finally:
            events.close()

    def _group(self, device: str, *, is_new: bool) -> "Group":
        """The processes that share the minibatches, one a device."""
        from made.training.parallel import Group

        checkpoint = None if is_new else self.run.checkpoint_path("last")
        log = self.run.path / "log.txt"
        return Group(self.run.config, self._devices(device), checkpoint, log)

    def _devices(self, first: str) -> list[str]:
        """One for each process of the run."""
        return devices.following(first, self.run.config.training.num_devices)

    def _restore(self) -> "State | None":
        """The state to go on from, with the logs cut back to it; None at the very beginning."""
        state, metadata = None, {}
        if "last" in self.run.checkpoints():
            state = load_tensors(self.run.checkpoint_path("last"))
            metadata = state[1]
        self.step, self.epoch = int(metadata.get("run_step", 0)), int(metadata.get("run_epoch", 0))
        self.num_epochs = int(metadata.get("run_num_epochs", 0))
        self.seconds_before = float(metadata.get("run_seconds", 0))
        self.writer.truncate(steps=self.step, epochs=self.num_epochs)
        return state

    def _progress(self, event: "Progress") -> None:
        self.step, self.epoch, self.is_saved = event.step, event.epoch, False
        self.speed, self.seconds_left = event.examples_per_second, event.seconds_left
        self.writer.append_losses(event.losses)
        self.on_event(event)
        now = time.monotonic()
        if now - self.status_written >= STATUS_SECONDS:
            self._report()
        if now - self.saved >= CHECKPOINT_SECONDS:
            self._checkpoint()
        self._obey()

    def _epoch_end(self, event: "EpochEnd") -> None:
        self.step, self.epoch, self.is_saved = event.step, event.epoch, False
        self.num_epochs += 1
        self.best_is_new |= event.is_best
        place = {"epoch": event.epoch, "step": event.step, "is_best": event.is_best}
        self.writer.append_epoch({"seconds": self._seconds(), **event.figures, **place})
        self.writer.write_samples(event.epoch, event.samples)
        self._report()
        rest = max(EPOCH_CHECKPOINT_SECONDS, self.saving_seconds / WRITING_SHARE)
        if "last" not in self.run.checkpoints() or time.monotonic() - self.saved >= rest:
            self._checkpoint()
        self.on_event(event)
        self._obey()

    def _finished(self, event: "Finished") -> None:
        self.best_is_new = True
        self._checkpoint()
        result = {
            "best_epoch": (self.run.best_epoch or {}).get("epoch"),
            **event.figures,
            "reason": event.reason,
            "epochs": self.epoch,
            "steps": self.step,
            "training_seconds": self._seconds(),
        }
        self.writer.write("result.json", to_json(result).encode())
        self._end("finished", event.reason)
        self.on_event(event)

    def _checkpoint(self) -> None:
        """Write what a resume needs; the logs first, for they must never be behind it."""
        begin = time.monotonic()
        self.writer.sync_logs()
        if self.best_is_new:
            self._save("best", self.trainer.best_weights())
            self.best_is_new = False
        self._save("last", self.trainer.state())
        self.is_saved, self.saved = True, time.monotonic()
        self.saving_seconds = self.saved - begin

    def _save(self, name: str, state: "State") -> None:
        tensors, metadata = state
        metadata = {
            **metadata,
            "run_step": str(self.step),
            "run_epoch": str(self.epoch),
            "run_num_epochs": str(self.num_epochs),
            "run_seconds": repr(self._seconds()),
        }
        self.writer.write(f"{name}.safetensors", lambda path: save_tensors(path, tensors, metadata))

    def _report(self, **news: Any) -> None:
        speed = {"examples_per_second": self.speed, "seconds_left": self.seconds_left}
        place = {"epoch": self.epoch, "step": self.step, "training_seconds": self._seconds()}
        self.writer.update(state="training", **place, **speed, **news)
        self.status_written = time.monotonic()

    def _end(self, state: str, message: str, *, cause: str = "", step: int | None = None) -> None:
        changes: dict[str, Any] = {"message": message, "cause": cause, "seconds_left": None}
        changes |= {"ended": time.time(), "epoch": self.epoch, "pid": None}
        changes["step"] = self.step if step is None else step
        if self.trainer is not None:
            changes["training_seconds"] = self._seconds()
        # A full disk may refuse even this; the run then counts as interrupted.
        with suppress(OSError):
            self.writer.update(durable=True, state=state, **changes)

    def _kept(self) -> str:
        try:
            step = self.run.checkpoint_metadata("last")["run_step"]
        except (MadeError, KeyError):
            return "There is no checkpoint yet."
        return f"The checkpoint of step {step} is kept."

    def _seconds(self) -> float:
        """Seconds of training, over all resumes."""
        if self.trainer is None:
            return self.seconds_before
        return self.seconds_before + time.monotonic() - self.started

    def _say(self, message: str) -> None:
        self.writer.update(message=message)
        self.on_message(message)

    def _downloaded(self, done: int, total: int) -> None:
        self._obey()
        if time.monotonic() - self.status_written >= STATUS_SECONDS:
            share = (
                f"{done / total:.0%} of {total / 1e6:.0f} MB" if total else f"{done / 1e6:.0f} MB"
            )
            self._say(f"Downloading the data: {share}.")
            self.status_written = time.monotonic()

    def _obey(self) -> None:
        """Raises Interrupted where a pause or a stop is asked for, after writing a checkpoint."""
        request = self.request or jobs.requested(self.run)
        if request is None:
            return
        if not self.is_saved:
            self._checkpoint()
        raise Interrupted(request)


def execute(
    run: Run,
    on_event: Callable[["Event"], None] | None = None,
    on_message: Callable[[str], None] | None = None,
) -> Snapshot:
    """Train a new run, or go on with one at rest, in this process, to its end.

    on_event: gets each event after it is on disk; on_message: what happens before training.
    SIGINT stops the run, SIGTERM pauses it, both with a checkpoint. Raises MadeError where the run
    has nothing to go on with, or another process executes it.
    """
    try:
        hold = run.lock().acquire(timeout=jobs.LOCK_SECONDS)
    except Timeout:
        raise MadeError(f"{run.label!r} is running in another process: watch it there.") from None
    with hold:
        if run.recorded.get("state") != "starting":
            jobs.require_resumable(run)
            jobs.withdraw(run)
        if not line.in_line(run):
            line.enter(run)
        worker = Worker(run, on_event, on_message)
        with _signals(worker):
            worker.execute()
    return run.snapshot()


@contextmanager
def _signals(worker: Worker) -> Iterator[None]:
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
        os.nice(NICENESS)
    try:
        run = Run.open(id)
        hold = run.lock().acquire(timeout=jobs.LOCK_SECONDS)
    except (MadeError, Timeout):
        return 0
    with hold:
        # A second worker of the same launch finds the first one's status, and goes.
        if run.recorded.get("state") != "starting":
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
        with _signals(worker):
            worker.execute()
    return 0


if __name__ == "__main__":
    sys.exit(main())
