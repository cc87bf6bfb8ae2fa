"""What a training leaves on disk while it goes on: every event, and checkpoints now and then.

The order of writing makes every instant safe to die at: logs, then the best weights, then
`last.safetensors`, from which a resume goes on after cutting the logs back to it.
"""

from __future__ import annotations

import time
import traceback
from contextlib import suppress
from typing import Any

from made.base.errors import MadeError
from made.base.tensors import load_tensors, save_tensors
from made.base.text import short_bytes
from made.runs import disk, moments
from made.runs.failures import explain
from made.runs.folder import ENDED, Run
from made.runs.writer import RunWriter
from made.training.events import EpochEnd, Event, Finished, Progress
from made.training.learner import Learner
from made.training.state import BestWeights, Reached, TrainingState

STATUS_SECONDS = 0.5
CHECKPOINT_SECONDS = 30.0
# Epochs can be as short as the writing of a checkpoint: at most a tenth of the time goes into it.
EPOCH_CHECKPOINT_SECONDS = 1.0
WRITING_SHARE = 0.1


class Clock:
    """Seconds of training, over all resumes: the one clock of a run."""

    def __init__(self, before: float = 0.0):
        self.before = before
        self.started: float | None = None

    def start(self) -> None:
        if self.started is None:
            self.started = time.monotonic()

    def stop(self) -> None:
        """Count no further until it is started again."""
        self.before, self.started = self.seconds, None

    @property
    def seconds(self) -> float:
        return self.before + (0.0 if self.started is None else time.monotonic() - self.started)


class Recorder:
    """Writes what a learner tells into the folder of a run whose lock this process holds."""

    def __init__(self, run: Run):
        self.run = run
        self.writer = RunWriter(run)
        self.learner: Learner | None = None
        self.clock = Clock()
        self.step, self.epoch, self.num_epochs = run.recorded.step, run.recorded.epoch, 0
        self.state = "training"
        self.speed: float | None = None
        self.seconds_left: float | None = None
        self.is_saved, self.best_is_new = True, False
        self.reported = self.saved = time.monotonic()
        self.saving_seconds = 0.0

    def go_back(self) -> bool:
        """Cut the logs to the last checkpoint; whether there is one. Raises MadeError."""
        is_there = "last" in self.run.checkpoints()
        reached = self.run.reached("last") if is_there else Reached()
        self.step, self.epoch, self.num_epochs = reached.step, reached.epoch, reached.num_epochs
        self.clock = Clock(reached.seconds)
        self.writer.truncate(steps=reached.step, epochs=reached.num_epochs)
        return is_there

    def last_state(self) -> TrainingState:
        """The state in the last checkpoint. Raises MadeError where it is broken."""
        return TrainingState.from_stored(*load_tensors(self.run.checkpoint_path("last")))

    def begin(self, learner: Learner) -> None:
        """From now on a learner trains."""
        self.learner = learner
        self.clock.start()
        self.saved = time.monotonic()
        self._report(message="", engine=learner.path.describe(), started=time.time())

    def record(self, event: Event) -> None:
        """Write an event, and a checkpoint where one is due."""
        if isinstance(event, Progress):
            self._progress(event)
        elif isinstance(event, EpochEnd):
            self._epoch_end(event)
        else:
            self._finished(event)

    def hold(self) -> None:
        """The run stands still from now on, and so does its clock."""
        self.clock.stop()
        self.state = "held"
        self._report(message="")

    def go_on(self) -> None:
        """A held run trains again."""
        self.clock.start()
        self.state = "training"
        self._report()

    def _progress(self, event: Progress) -> None:
        self.step, self.epoch, self.is_saved = event.step, event.epoch, False
        self.speed, self.seconds_left = event.examples_per_second, event.seconds_left
        self.writer.append_losses(event.losses)
        if event.moment is not None:
            moments.write(self.run, event.moment)
        now = time.monotonic()
        if now - self.reported >= STATUS_SECONDS:
            self._report()
        if now - self.saved >= CHECKPOINT_SECONDS:
            self.checkpoint()

    def _epoch_end(self, event: EpochEnd) -> None:
        self.step, self.epoch, self.is_saved = event.step, event.epoch, False
        self.num_epochs += 1
        self.best_is_new |= event.is_best
        place = {"epoch": event.epoch, "step": event.step, "is_best": event.is_best}
        self.writer.append_epoch({"seconds": self.clock.seconds, **event.figures, **place})
        self.writer.write_samples(event.epoch, event.samples)
        self._report()
        rest = max(EPOCH_CHECKPOINT_SECONDS, self.saving_seconds / WRITING_SHARE)
        if "last" not in self.run.checkpoints() or time.monotonic() - self.saved >= rest:
            self.checkpoint()

    def _finished(self, event: Finished) -> None:
        self.best_is_new = True
        self.checkpoint()
        result = {
            "best_epoch": (self.run.best_epoch or {}).get("epoch"),
            **event.figures,
            "reason": event.reason,
            "epochs": self.epoch,
            "steps": self.step,
            "training_seconds": self.clock.seconds,
        }
        self.writer.write_result(result, event.log_probs)
        self.end("finished", event.reason)

    def require_saved(self) -> None:
        """Write a checkpoint unless there is one of just now."""
        if not self.is_saved:
            self.checkpoint()

    def checkpoint(self) -> None:
        """Write what a resume needs; the logs first, for they must never be behind it."""
        assert self.learner is not None
        begin = time.monotonic()
        self.writer.sync_logs()
        if self.best_is_new:
            self._save("best", self.learner.best_weights())
            self.best_is_new = False
        self._save("last", self.learner.state())
        self.is_saved, self.saved = True, time.monotonic()
        self.saving_seconds = self.saved - begin

    def _save(self, name: str, state: TrainingState | BestWeights) -> None:
        reached = Reached(
            step=self.step,
            epoch=self.epoch,
            num_epochs=self.num_epochs,
            seconds=self.clock.seconds,
        )
        tensors, metadata = state.stored()
        metadata |= reached.to_metadata()
        self.writer.write(f"{name}.safetensors", lambda path: save_tensors(path, tensors, metadata))

    def _report(self, **news: Any) -> None:
        self.writer.update(
            state=self.state,
            epoch=self.epoch,
            step=self.step,
            training_seconds=self.clock.seconds,
            examples_per_second=self.speed,
            seconds_left=self.seconds_left,
            **news,
        )
        self.reported = time.monotonic()

    def say(self, message: str) -> None:
        """Write what happens before the first minibatch."""
        self.writer.update(message=message)

    def downloaded(self, done: int, total: int) -> str | None:
        """Write how far a download of so many bytes is, now and then; the sentence, if so."""
        if time.monotonic() - self.reported < STATUS_SECONDS:
            return None
        share = f"{done / total:.0%} of {short_bytes(total)}" if total else short_bytes(done)
        message = f"Downloading the data: {share}."
        self.say(message)
        self.reported = time.monotonic()
        return message

    def end(self, state: str, message: str, *, cause: str = "", step: int | None = None) -> None:
        """Write how the run came to rest, or that it waits to go on elsewhere."""
        changes: dict[str, Any] = {"message": message, "cause": cause, "seconds_left": None}
        ended = time.time() if state in ENDED else None
        changes |= {"ended": ended, "epoch": self.epoch, "pid": None}
        changes["step"] = self.step if step is None else step
        if self.learner is not None:
            changes["training_seconds"] = self.clock.seconds
        try:
            self.writer.update(durable=True, state=state, **changes)
        except OSError:
            # The room kept for this; a run whose folder is gone has none and nothing to say.
            disk.release(self.run)
            with suppress(OSError):
                self.writer.update(durable=True, state=state, **changes)
        disk.release(self.run)

    def fail(self, error: Exception) -> None:
        """Write why the run failed, and what can be saved of it."""
        with suppress(OSError):
            self.writer.log(traceback.format_exc())
        if self.learner is not None and self.best_is_new:
            with suppress(Exception):
                self._save("best", self.learner.best_weights())
        message, cause = explain(error, self.run.recorded.device or "the device", self.run)
        step = getattr(error, "step", self.step)
        self.end("failed", f"{message} {self.kept()}", cause=cause, step=step)

    def kept(self) -> str:
        """Which checkpoint there is to go on from, in a sentence."""
        try:
            return f"The checkpoint of step {self.run.reached('last').step} is kept."
        except MadeError:
            return "There is no checkpoint yet."
