"""The run folder: what a training run leaves on disk, read by anyone, written by its worker.

| file | content |
|---|---|
| config.json, label.json | the experiment; the display name |
| owner.json | whose run it is, in a class |
| notes.json | tags, words, a colour, and whether the run is put away |
| status.json | state, epoch, step, speed, times, device, engine, message |
| losses.f32 | one little-endian float32 a minibatch, nats / example, append-only |
| start.safetensors, start.json | the weights that it began with, where they are another run's |
| changes.jsonl | what was changed while it trained, and from which minibatch on, append-only |
| epochs.jsonl | one JSON object an epoch, append-only |
| samples/epoch-00012.npz | arrays to show after an epoch, thinned as they grow |
| best.safetensors, last.safetensors | weights of the best epoch; everything that a resume needs |
| result.json | test figures of the best checkpoint |
| test_log_probs.npy | its log p of each test example in nats, float32 (N,), in their order |
| data.npz | some rows and the truth, to show the data where they are not at hand |
| lock, launch.json | held while a worker lives; the process that was launched |
| heartbeat, reserve | touched while a worker runs; room for its last status on a full disk |
| request, log.txt | a word to the worker; its output |
| words/00…-step, moment.npz | words to a held run, in their order; its latest minibatch |

Whole files are written beside the old one and renamed over it. The two logs may end in a torn
record, or run ahead of `last.safetensors`; readers ignore the first, a resume cuts the second.
"""

from __future__ import annotations

import dataclasses
import re
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psutil

from made import datasets
from made.base import places
from made.base.errors import MadeError
from made.base.files import (
    FolderLock,
    Unreadable,
    bytes_or_none,
    is_locked,
    read,
    read_arrays,
    read_or,
    regular_size,
)
from made.base.tensors import read_header
from made.people.persons import Owner, read_owner
from made.runs import handed, heartbeat, notes, tickets
from made.runs.records import (
    EpochRecord,
    Origin,
    Result,
    Status,
    fits,
    known_arrays,
    parse_epochs,
    parse_label,
    parse_log_probs,
    parse_origin,
    parse_pid,
    parse_result,
    parse_status,
)
from made.runs.shipped import is_shipped, shipped_homes
from made.setups import extensions
from made.setups.changes import Change, config_at, parse_changes
from made.setups.config import ExperimentConfig, num_choices
from made.training.state import Reached

LIVING = frozenset({"starting", "queued", "training", "held"})
RESUMABLE = frozenset({"paused", "stopped", "failed", "interrupted"})
ENDED = frozenset({"paused", "stopped", "failed", "finished"})
CHECKPOINTS = ("best", "last")
TEST_LOG_PROBS = "test_log_probs.npy"
CHANGES = "changes.jsonl"
ORIGIN = "start.json"
LAUNCH_GRACE_SECONDS = 30.0

# The most bytes of each file that are looked at; a worker writes far less.
SMALL, LOG = 1_000_000, 64_000_000
MAX_LOSSES = 100_000_000
MAX_REASON_LENGTH = 300

ID = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}|shipped-[a-z0-9][a-z0-9-]{0,60}")
_SAMPLES = re.compile(r"epoch-(\d{5,18})\.npz", re.ASCII)
_LOST = (
    "The process of this run ended without a word: it was killed, ran out of memory, or the "
    "machine restarted. Resume goes on from the last checkpoint."
)


@dataclass(frozen=True)
class Run:
    """One run folder, for reading. Every property looks at the disk anew, and cheaply.

    Whatever the files hold, what is read of them has its type and its range; only `config` and
    checkpoints raise, and then MadeError.
    """

    id: str
    path: Path

    @staticmethod
    def open(id: str) -> Run:
        """The run of that id, an own one before a shipped one.

        Raises MadeError for an id that no program made or no folder has.
        """
        if not isinstance(id, str) or not ID.fullmatch(id):
            raise MadeError(f"{id!r} is not the id of a run: choose one from the list of runs.")
        paths = [places.runs_folder() / id]
        if is_shipped(id):
            paths += [folder / id for folder in shipped_homes()]
        for path in paths:
            if not path.is_symlink() and (path / "config.json").is_file():
                return Run(id, path)
        raise MadeError(f"There is no run {id!r}: choose one from the list of runs.")

    @property
    def config(self) -> ExperimentConfig:
        """The experiment. Raises MadeError, with the field and the reason, where it is broken."""
        try:
            # A name that is unknown now may be registered in a moment.
            return read(
                self.path / "config.json",
                ExperimentConfig.from_json,
                limit=SMALL,
                key=num_choices(),
            )
        except Unreadable as error:
            named = extensions.recorded(self.path)
            needs = f" (it was made with {', '.join(named)})" if named else ""
            raise MadeError(
                f"Run {self.id!r} cannot be read: its config.json {_short(error)}{needs}."
            ) from None

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
        """The display name; the id where there is none that can be shown."""
        return read_or(self.path / "label.json", parse_label, self.id, limit=SMALL)

    @property
    def notes_path(self) -> Path:
        """Where `notes` are kept; those of a shipped run in the runs folder, beside our own."""
        if self.is_shipped:
            return places.runs_folder() / notes.FOLDER / f"{self.id}.json"
        return self.path / notes.FILE

    @property
    def notes(self) -> notes.Notes:
        """What people noted about the run; empty where there is nothing that can be read."""
        return read_or(self.notes_path, notes.parse_notes, notes.NONE, limit=SMALL)

    @property
    def owner(self) -> Owner | None:
        """Whose run it is; None outside a class, and of what ships."""
        return read_owner(self.path)

    @property
    def is_shipped(self) -> bool:
        return is_shipped(self.id)

    def lock(self) -> FolderLock:
        """The lock that a worker holds for its life; the system lets go of it when it dies."""
        return FolderLock(self.path / "lock")

    @property
    def is_alive(self) -> bool:
        """Whether a process holds the lock now."""
        return is_locked(self.path / "lock")

    @property
    def silent_seconds(self) -> float | None:
        """For how long the process that has the run has given no sign of life; None if it does."""
        silence = heartbeat.silence(self.path)
        return silence if silence is not None and self.is_alive else None

    @property
    def recorded(self) -> Status:
        """status.json as it stands, which may be the last word of a worker that was killed."""
        return read_or(self.path / "status.json", parse_status, Status(), limit=SMALL)

    def status(self) -> Status:
        """What the run does now; one that no process holds any more counts as interrupted."""
        for _ in range(3):
            recorded = self.recorded
            if recorded.state in ENDED or (recorded.state in LIVING and self._is_held(recorded)):
                return recorded
            # A worker that ended between the two looks has written its last status by now.
            if self.recorded == recorded:
                break
        news = handed.news(self.path) if recorded.state in LIVING else None
        if news is not None:
            return dataclasses.replace(recorded, **news)
        return dataclasses.replace(recorded, state="interrupted", message=_LOST, seconds_left=None)

    def _is_held(self, recorded: Status) -> bool:
        """Whether a process has the run, is on its way to it, or will be started in its turn."""
        return (
            self.is_alive
            or (recorded.state == "starting" and self._is_launching(recorded))
            or self._is_uncalled(recorded)
        )

    @property
    def is_uncalled(self) -> bool:
        """Whether the run waits in line without a process: one is started when it comes up."""
        return self._is_uncalled(self.recorded)

    def _is_uncalled(self, recorded: Status) -> bool:
        if recorded.state != "queued" or recorded.pid is not None:
            return False
        return self.id in tickets.ids(self.path.parent, recorded.device)

    @property
    def launched_pid(self) -> int | None:
        """The process that was launched, where it is a local one; it may be gone long since."""
        return read_or(self.path / "launch.json", parse_pid, None, limit=SMALL)

    def _is_launching(self, recorded: Status) -> bool:
        """Whether the process that was launched may still be on its way to the lock."""
        pid = self.launched_pid
        # One that says it was launched in the future was launched by another clock, or by nobody.
        age = abs(time.time() - recorded.launched)
        if pid is None:
            return age < LAUNCH_GRACE_SECONDS
        try:
            is_running = psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False
        return is_running and age < 2 * LAUNCH_GRACE_SECONDS

    @property
    def state(self) -> str:
        """What the run does now, in a word."""
        return self.status().state

    def epochs(self) -> list[EpochRecord]:
        """One record a finished epoch: epoch, step, is_best, seconds and its figures."""
        return list(read_or(self.path / "epochs.jsonl", parse_epochs, (), limit=LOG))

    def changes(self) -> tuple[Change, ...]:
        """What was changed while it trained, in the order of the steps."""
        return read_or(self.path / CHANGES, parse_changes, (), limit=LOG)

    @property
    def origin(self) -> Origin | None:
        """The run whose weights it began with; None where it began with weights of its own."""
        return read_or(self.path / ORIGIN, parse_origin, None, limit=SMALL)

    @property
    def latest_config(self) -> ExperimentConfig:
        """The experiment with all that was changed while it trained. Raises MadeError."""
        return config_at(self.config, self.changes(), sys.maxsize)

    @property
    def best_epoch(self) -> EpochRecord | None:
        """The record of the latest epoch that was the best so far."""
        return next((record for record in self.epochs()[::-1] if record["is_best"]), None)

    @property
    def num_losses(self) -> int:
        """Of how many minibatches the loss is recorded."""
        return min(regular_size(self.path / "losses.f32") // 4, MAX_LOSSES)

    def losses(self, first: int = 0, most: int = MAX_LOSSES) -> np.ndarray:
        """Minibatch losses from number `first` on, at most so many.

        float32 (N,), nats / example.
        """
        count = min(self.num_losses - first, most)
        with suppress(OSError, ValueError):
            if count > 0:
                return np.fromfile(self.path / "losses.f32", "<f4", count, offset=4 * first)
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
        if epoch is None or epoch not in epochs:
            return {}
        return self.read_arrays(samples_name(epoch))

    def read_arrays(self, name: str) -> dict[str, np.ndarray]:
        """What can be shown of an .npz file of the folder; empty where it is broken.

        Arrays of other data than those of the configuration are not there.
        """
        return self._fitting(read_arrays(self.path / name))

    def _fitting(self, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        if not (known := known_arrays(arrays)):
            return known
        # Of data that are not here, and of a run that cannot be read, the size is not known.
        with suppress(MadeError):
            info = datasets.info(self.config.data)
            return {name: array for name, array in known.items() if fits(name, array, info)}
        return known

    def data_arrays(self) -> dict[str, np.ndarray]:
        """What shows the data: its own data.npz, else the one that a shipped study has for all."""
        own = self.read_arrays("data.npz")
        shared = self.shared_data
        return own if own or shared is None else self._fitting(read_arrays(shared))

    @property
    def shared_data(self) -> Path | None:
        """Where a shipped study keeps one data.npz for all of its runs."""
        return self.path.parent / "data.npz" if self.is_shipped else None

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
        """The text in the header of a checkpoint, read without its tensors. Raises MadeError."""
        return read_header(self.checkpoint_path(name)).metadata

    def reached(self, name: str = "last") -> Reached:
        """What the logs had reached at a checkpoint. Raises MadeError where it is broken."""
        try:
            return Reached.from_metadata(self.checkpoint_metadata(name))
        except ValueError as error:
            if isinstance(error, MadeError):
                raise
            raise MadeError(
                f"The checkpoint {name!r} of run {self.label!r} is broken: start a new run."
            ) from error

    @property
    def result(self) -> Result | None:
        """Test figures of the best checkpoint, or None before the run is finished."""
        path = self.path / "result.json"
        result: Result | None = read_or(path, parse_result, None, limit=SMALL)
        return None if result is None else result.copy()

    def test_log_probs(self) -> np.ndarray | None:
        """log p of each test example under the best checkpoint, in nats, float32 (N,).

        In the order of the split, so that runs on the same data can be subtracted row by row. None
        before the run is finished, of a run of an older version, and where the file is broken.
        """
        result = self.result
        # Not through `read_or`, which would remember the arrays of every run that was looked at.
        content = bytes_or_none(self.path / TEST_LOG_PROBS, limit=LOG)
        if result is None or content is None:
            return None
        try:
            log_probs = parse_log_probs(content)
        except MadeError:
            return None
        return log_probs if len(log_probs) == result.get("num_examples") else None


def samples_name(epoch: int) -> str:
    """The file of what was drawn after an epoch, from the run's folder on.

    >>> samples_name(12)
    'samples/epoch-00012.npz'
    """
    return f"samples/epoch-{epoch:05}.npz"


def _short(error: Unreadable) -> str:
    """What is wrong with a file, whatever of it that repeats."""
    said = str(error)
    return said if len(said) <= MAX_REASON_LENGTH else f"{said[:MAX_REASON_LENGTH]}…"
