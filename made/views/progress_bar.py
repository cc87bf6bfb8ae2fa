"""Bars for a terminal or a notebook: one for training, one for a download."""

from __future__ import annotations

import math
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from tqdm.auto import tqdm

from made.base.text import short_count, significant
from made.studies.progress import progress
from made.training.events import EpochEnd, Event, Progress

if TYPE_CHECKING:
    import numpy as np

    from made.runs.records import Status
    from made.setups.config import ExperimentConfig
    from made.studies.folder import StoredStudy

# A log file keeps every state of a bar, so it gets fewer of them.
TERMINAL_SECONDS, LOG_SECONDS = 0.3, 10.0


class _Bar:
    """A bar on stderr that appears when it is first asked for, and is closed at the end."""

    format: str
    is_shown: bool

    def total(self) -> int:
        """How much there is to come."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if "bar" in vars(self):
            self.bar.close()

    @cached_property
    def bar(self) -> Any:
        return tqdm(
            total=self.total(),
            disable=not self.is_shown,
            mininterval=TERMINAL_SECONDS if sys.stderr.isatty() else LOG_SECONDS,
            dynamic_ncols=True,
            bar_format=self.format,
        )


class TrainingBar(_Bar):
    """Epoch, minibatch loss, validation NLL, examples per second and time left, on stderr.

    num_train: examples of the training split where known; else the bar moves once an epoch.
    """

    format = "{desc} {percentage:3.0f}%|{bar}| {elapsed}{postfix}"

    def __init__(
        self, config: ExperimentConfig, num_train: int | None, *, is_shown: bool = True
    ) -> None:
        self.epochs = config.training.epochs
        self.unit = "NLL" if config.has_density else "reconstruction"
        self.steps_per_epoch = num_train and math.ceil(num_train / config.training.batch_size)
        self.shown: dict[str, str] = {}
        self.latest_message = ""
        self.is_shown = is_shown

    def total(self) -> int:
        return self.epochs

    def message(self, text: str) -> None:
        """What happens before the first minibatch; the last of it stays above the bar."""
        self.bar.set_description_str(text)
        self.latest_message = text

    def event(self, event: Event) -> None:
        """Show an event of the trainer."""
        if self.latest_message and self.is_shown:
            self.bar.write(self.latest_message, file=sys.stderr)
        self.latest_message = ""
        if isinstance(event, Progress):
            loss = float(event.losses[-1]) if len(event.losses) else math.nan
            self.shown["loss"] = f"loss {significant(loss)}"
            self.shown["speed"] = f"{short_count(event.examples_per_second)} ex/s"
            done: float = event.epoch - 1
            if self.steps_per_epoch:
                done = event.step / self.steps_per_epoch
            self._show(event.epoch, done)
        elif isinstance(event, EpochEnd):
            nll = event.figures["validation_nll"]
            self.shown["validation"] = f"validation {self.unit} {significant(nll)} nats"
            self._show(event.epoch, event.epoch)

    def status(self, status: Status, losses: np.ndarray) -> None:
        """Show where a run stands that another process executes. losses: its latest ones."""
        if status.state != "training":
            self.bar.set_description_str(status.message or status.state)
            return
        speed = status.examples_per_second or 0.0
        self.event(Progress(max(status.epoch, 1), status.step, losses, speed, None))

    def _show(self, epoch: int, done: float) -> None:
        order = ("loss", "validation", "speed")
        self.bar.set_description_str(f"epoch {epoch} of {self.epochs}", refresh=False)
        self.bar.set_postfix_str(
            ", ".join(self.shown[name] for name in order if name in self.shown), refresh=False
        )
        self.bar.update(done - self.bar.n)


class StudyBar(_Bar):
    """Runs that are finished, those that train, and the time left, on stderr."""

    format = "{percentage:3.0f}%|{bar}| {elapsed} {desc}"

    def __init__(self, stored: StoredStudy, *, is_shown: bool = True) -> None:
        self.stored = stored
        self.is_shown = is_shown

    def total(self) -> int:
        return progress(self.stored).number

    def look(self) -> None:
        """Show how far the study has come."""
        found = progress(self.stored)
        self.bar.set_description_str(found.said(), refresh=False)
        self.bar.update(found.finished - self.bar.n)


class DownloadBar:
    """A bar that appears with the first byte; call it as the `progress` of a download."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        if self.bar is None:
            self.bar = tqdm(
                desc=self.what, total=total or None, unit="B", unit_scale=True, unit_divisor=1000
            )
        self.bar.update(done - self.bar.n)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
