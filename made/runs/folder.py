"""The run folder: what a training run leaves on disk, read by anyone, written by its worker.

| file | content |
|---|---|
| config.json, label.json | the experiment; the display name |
| status.json | state, epoch, step, speed, times, device, engine, message |
| losses.f32 | one little-endian float32 a minibatch, nats / example, append-only |
| epochs.jsonl | one JSON object an epoch, append-only |
| samples/epoch-00012.npz | arrays to show after an epoch, thinned as they grow |
| best.safetensors, last.safetensors | weights of the best epoch; everything that a resume needs |
| result.json | test figures of the best checkpoint |
| data.npz | some rows and the truth, to show the data where they are not at hand |
| lock, launch.json | held while a worker lives; the process that was launched |
| request, log.txt | a word to the worker; its output |

Whole files are written beside the old one and renamed over it. The two logs may end in a torn
record, or run ahead of `last.safetensors`; readers ignore the first, a resume cuts the second.
"""

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import psutil
from filelock import FileLock

from made.base.errors import MadeError
from made.base.files import (
    is_locked,
    parse_lines,
    parse_object,
    read_arrays,
    read_cached,
)
from made.base.places import runs_folder
from made.setups.config import ExperimentConfig

State = Literal[
    "starting", "queued", "training", "paused", "stopped", "finished", "failed", "interrupted"
]
LIVING = frozenset({"starting", "queued", "training"})
RESUMABLE = frozenset({"paused", "stopped", "failed", "interrupted"})
CHECKPOINTS = ("best", "last")
LAUNCH_GRACE_SECONDS = 30.0

ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}|shipped-[a-z0-9][a-z0-9-]{0,60}")
_SAMPLES = re.compile(r"epoch-(\d{5,})\.npz")


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One consistent reading of a run's status. Times are seconds since 1970."""

    state: State
    epoch: int = 0
    step: int = 0
    examples_per_second: float | None = None
    seconds_left: float | None = None
    training_seconds: float = 0.0
    message: str = ""
    cause: str = ""
    device: str = ""
    engine: str = ""
    pid: int | None = None
    created: float = 0.0
    launched: float = 0.0
    started: float | None = None
    updated: float = 0.0
    ended: float | None = None


_TEXTS = frozenset({"state", "message", "cause", "device", "engine"})
_NUMBERS = frozenset(field.name for field in fields(Snapshot)) - _TEXTS


def _snapshot(recorded: Mapping[str, Any]) -> Snapshot:
    """The known fields of a status; one that is null or of a wrong type keeps its default."""
    texts = {name: recorded.get(name) for name in _TEXTS}
    numbers = {name: recorded.get(name) for name in _NUMBERS}
    known = {name: value for name, value in texts.items() if isinstance(value, str)}
    known |= {name: value for name, value in numbers.items() if isinstance(value, int | float)}
    return Snapshot(**known)


@dataclass(frozen=True)
class Run:
    """One run folder, for reading. Every property looks at the disk anew, and cheaply."""

    id: str
    path: Path

    @staticmethod
    def open(id: str) -> "Run":
        """The run of that id. Raises MadeError for an id that no program made or no folder has."""
        if not isinstance(id, str) or not ID.fullmatch(id):
            raise MadeError(f"{id!r} is not the id of a run: choose one from the list of runs.")
        path = runs_folder() / id
        if path.is_symlink() or not (path / "config.json").is_file():
            raise MadeError(f"There is no run {id!r}: choose one from the list of runs.")
        return Run(id, path)

    @property
    def config(self) -> ExperimentConfig:
        """The experiment. Raises MadeError where its file is broken."""
        parse = ExperimentConfig.model_validate_json
        config = read_cached(self.path / "config.json", parse, None)
        if config is None:
            raise MadeError(
                f"Run {self.id!r} cannot be read, its config.json is missing or broken: delete it."
            )
        return config

    @property
    def problem(self) -> str | None:
        """Why the run cannot be read, or None."""
        try:
            _ = self.config
        except MadeError as error:
            return str(error)
        return None

    @property
    def label(self) -> str:
        label = read_cached(self.path / "label.json", parse_object, {}).get("label")
        return label if isinstance(label, str) and label else self.id

    @property
    def is_shipped(self) -> bool:
        return self.id.startswith("shipped-")

    def lock(self) -> FileLock:
        """The lock that a worker holds for its life; the system lets go of it when it dies."""
        return FileLock(self.path / "lock")

    @property
    def is_alive(self) -> bool:
        """Whether a process holds the lock now."""
        return is_locked(self.path / "lock")

    @property
    def recorded(self) -> dict[str, Any]:
        """status.json as it stands, which may be the last word of a worker that was killed."""
        return read_cached(self.path / "status.json", parse_object, {})

    def snapshot(self) -> Snapshot:
        """The status, in which a run that no process holds any more counts as interrupted."""
        for _ in range(3):
            recorded = self.recorded
            state = recorded.get("state")
            if state in get_args(State) and (state not in LIVING or self.is_alive):
                return _snapshot(recorded)
            if state == "starting" and self._is_launching(recorded):
                return _snapshot(recorded)
            # A worker that ended between the two looks has written its last status by now.
            if self.recorded == recorded:
                break
        message = (
            "The process of this run ended without a word: it was killed, ran out of memory, or "
            "the machine restarted. Resume goes on from the last checkpoint."
        )
        lost = {"state": "interrupted", "message": message, "seconds_left": None}
        return _snapshot({**recorded, **lost})

    def _is_launching(self, recorded: Mapping[str, Any]) -> bool:
        """Whether the process that was launched may still be on its way to the lock."""
        pid = read_cached(self.path / "launch.json", parse_object, {}).get("pid")
        age = time.time() - _snapshot(recorded).launched
        if not isinstance(pid, int):
            return age < LAUNCH_GRACE_SECONDS
        try:
            is_running = psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False
        return is_running and age < 2 * LAUNCH_GRACE_SECONDS

    @property
    def status(self) -> State:
        return self.snapshot().state

    def epochs(self) -> list[dict[str, Any]]:
        """One record a finished epoch: epoch, step, seconds, is_best and its figures."""
        return list(read_cached(self.path / "epochs.jsonl", parse_lines, []))

    @property
    def best_epoch(self) -> dict[str, Any] | None:
        """The record of the latest epoch that was the best so far."""
        return next((record for record in self.epochs()[::-1] if record.get("is_best")), None)

    def losses(self, first: int = 0) -> np.ndarray:
        """Minibatch losses from number `first` on, float32 (N,), nats / example."""
        path = self.path / "losses.f32"
        try:
            count = path.stat().st_size // 4 - first
            return np.fromfile(path, "<f4", max(count, 0), offset=4 * first)
        except OSError:
            return np.empty(0, np.float32)

    def sample_epochs(self) -> list[int]:
        """Epochs of which samples are kept, ascending."""
        try:
            names = [path.name for path in (self.path / "samples").iterdir()]
        except OSError:
            return []
        return sorted(int(match[1]) for match in map(_SAMPLES.fullmatch, names) if match)

    def samples(self, epoch: int | None = None) -> dict[str, np.ndarray]:
        """Arrays shown after `epoch`, by default the newest; empty where there are none."""
        epochs = self.sample_epochs()
        if epoch is None and epochs:
            epoch = epochs[-1]
        return {} if epoch not in epochs else self.read_arrays(f"samples/epoch-{epoch:05}.npz")

    def read_arrays(self, name: str) -> dict[str, np.ndarray]:
        """The arrays of an .npz file of the folder; empty where it is missing or broken."""
        return read_arrays(self.path / name)

    def checkpoints(self) -> list[str]:
        """Which of "best" and "last" are there."""
        return [name for name in CHECKPOINTS if (self.path / f"{name}.safetensors").is_file()]

    def checkpoint_path(self, name: str = "best") -> Path:
        """The safetensors file of a checkpoint. Raises MadeError where there is none."""
        if name not in self.checkpoints():
            there = " and ".join(map(repr, self.checkpoints())) or "none yet, train it first"
            raise MadeError(f"Run {self.label!r} has no checkpoint {name!r}: it has {there}.")
        return self.path / f"{name}.safetensors"

    def checkpoint_metadata(self, name: str = "last") -> dict[str, str]:
        """The strings in the header of a checkpoint, read without its tensors."""
        path = self.checkpoint_path(name)
        try:
            with path.open("rb") as file:
                length = int.from_bytes(file.read(8), "little")
                if length > path.stat().st_size:
                    raise ValueError("header longer than the file")
                return dict(parse_object(file.read(length)).get("__metadata__") or {})
        except (OSError, ValueError) as error:
            raise MadeError(
                f"The checkpoint {name!r} of run {self.label!r} is broken: start a new run."
            ) from error

    @property
    def result(self) -> dict[str, Any] | None:
        """Test figures of the best checkpoint, or None before the run is finished."""
        return read_cached(self.path / "result.json", parse_object, None)
