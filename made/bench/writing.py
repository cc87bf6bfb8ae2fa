"""What it costs to leave a training on disk: metrics, status, checkpoints and samples."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from made import datasets, runs
from made.base.errors import MadeError
from made.bench.rounds import Side, Size
from made.runs import worker
from made.setups.config import ExperimentConfig
from made.training.events import Event
from made.training.trainer import Trainer


class Span:
    """The seconds from the first event, the untrained model, to the last one."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def __call__(self, event: Event) -> None:
        self.times.append(time.perf_counter())

    @property
    def seconds(self) -> float:
        return self.times[-1] - self.times[0]


def writing(config: ExperimentConfig, size: Size, device: str) -> tuple[Side, Side]:
    """The same training without any file, and as the run of a worker in a temporary folder.

    size.num: samples of the dataset; size.num_categories: values a variable.
    """
    config = config.replace(num_samples=size.num, grid_size=size.num_categories, device=device)
    # Code that torch loads for its first step counts for neither side.
    _without_files(config.replace(num_samples=1_000, epochs=1))
    return lambda: _without_files(config), lambda: _with_files(config)


def _without_files(config: ExperimentConfig) -> float:
    span = Span()
    for event in Trainer(config, datasets.load(config.data), config.training.device).events():
        span(event)
    return span.seconds


def _with_files(config: ExperimentConfig) -> float:
    """Raises MadeError where the run does not come to its end."""
    span = Span()
    with TemporaryDirectory(prefix="made-bench-") as folder, _runs_in(folder):
        status = worker.execute(runs.create(config), span)
    if status.state in ("stopped", "paused"):
        raise KeyboardInterrupt
    if status.state != "finished":
        raise MadeError(f"The training with its files is {status.state}. {status.message}")
    return span.seconds


@contextmanager
def _runs_in(folder: str) -> Iterator[None]:
    """Let runs live in a folder."""
    before = os.environ.get("MADE_RUNS_DIR")
    os.environ["MADE_RUNS_DIR"] = folder
    try:
        yield
    finally:
        if before is None:
            del os.environ["MADE_RUNS_DIR"]
        else:
            os.environ["MADE_RUNS_DIR"] = before
