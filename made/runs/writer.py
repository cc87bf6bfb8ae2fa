"""The writing side of a run folder."""

from __future__ import annotations

import io
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from made.base.files import append, append_line, pack_arrays, sync, to_json, write_atomically
from made.runs import film_epochs
from made.runs.folder import CHANGES, TEST_LOG_PROBS, Run, samples_name
from made.training.state import MEETING

if TYPE_CHECKING:
    from made.datasets import Dataset
    from made.setups.changes import Change

NUM_ROWS = 64
# What only a worker writes, or who is about to launch one: half of it is of a worker that is gone.
WRITTEN = (
    "status.json",
    "epochs.jsonl",
    "losses.f32",
    "best.*",
    "last.*",
    "start.*",
    "result.*",
    "data.npz",
    "moment.npz",
    TEST_LOG_PROBS,
)
# The names that `safetensors` gives to what it has not written to its end.
OF_TENSORS = ".tmp??????"


class RunWriter:
    """The hand that writes a run folder. Only who holds the run's lock may use it."""

    def __init__(self, run: Run) -> None:
        self.run = run
        recorded = run.recorded
        self._status = asdict(recorded) | {"created": recorded.created or time.time()}

    def update(self, *, durable: bool = False, **changes: Any) -> None:
        """Change fields of the status, named as in `Status`."""
        self._status |= changes | {"updated": time.time()}
        self.write("status.json", to_json(self._status).encode(), durable=durable)

    def write(
        self, name: str, content: bytes | Callable[[Path], object], *, durable: bool = True
    ) -> None:
        write_atomically(self.run.path / name, content, durable=durable)

    def sweep(self) -> None:
        """Take away what a killed worker has left half-written.

        What people write at any time, such as their notes, may be under way just now, and stays.
        """
        patterns = [*(f".{name}.*.tmp" for name in WRITTEN), "samples/.*.tmp", OF_TENSORS]
        for pattern in patterns:
            for leftover in self.run.path.glob(pattern):
                leftover.unlink(missing_ok=True)
        for meeting in self.run.path.glob(f"{MEETING}*"):
            shutil.rmtree(meeting, ignore_errors=True)

    def truncate(self, *, steps: int, epochs: int) -> None:
        """Cut the logs to what a checkpoint of `steps` minibatches and `epochs` epochs contains.

        Losses that a loss of power has taken are filled with NaN: place n stays minibatch n.
        """
        losses = self.run.losses(most=steps)
        gap = np.full(steps - len(losses), np.nan, "<f4")
        self.write("losses.f32", losses.astype("<f4").tobytes() + gap.tobytes())
        records = self.run.epochs()[:epochs]
        self.write("epochs.jsonl", "".join(to_json(record) + "\n" for record in records).encode())
        last_epoch = records[-1].get("epoch", 0) if records else -1
        for epoch in self.run.sample_epochs():
            if epoch > last_epoch:
                self._samples_path(epoch).unlink(missing_ok=True)
        for name in ("result.json", TEST_LOG_PROBS):
            (self.run.path / name).unlink(missing_ok=True)

    def append_losses(self, losses: np.ndarray) -> None:
        append(self.run.path / "losses.f32", np.asarray(losses, "<f4").tobytes())

    def append_epoch(self, record: Mapping[str, Any]) -> None:
        append_line(self.run.path / "epochs.jsonl", to_json(record))

    def append_change(self, change: Change) -> None:
        """Note a change before a minibatch is taken with it: a resume must come to it again."""
        append_line(self.run.path / CHANGES, change.to_json())
        sync(self.run.path / CHANGES)

    def sync_logs(self) -> None:
        """Wait until the disk has the logs, so that a checkpoint is never ahead of them."""
        for name in ("losses.f32", "epochs.jsonl"):
            if (self.run.path / name).exists():
                sync(self.run.path / name)

    def write_data(self, dataset: Dataset) -> None:
        """Keep what shows the data where they are not at hand: data.npz.

        "rows" (64, D) of the training split and, where the truth is known, "joint" float32 (K, K),
        "entropy" and "independence" in nats.
        """
        arrays = {"rows": dataset.train[:NUM_ROWS]}
        if dataset.joint is not None:
            arrays |= {
                "joint": dataset.joint.astype(np.float32),
                "entropy": np.array(dataset.entropy),
                "independence": np.array(dataset.independence),
            }
        write_atomically(self.run.path / "data.npz", pack_arrays(arrays), durable=False)

    def write_samples(self, epoch: int, arrays: Mapping[str, np.ndarray]) -> None:
        """Keep the arrays of an epoch, and of earlier ones as `film_epochs` says."""
        if not arrays:
            return
        (self.run.path / "samples").mkdir(exist_ok=True)
        small = {
            name: array.astype(np.float32) if array.dtype == np.float64 else array
            for name, array in arrays.items()
        }
        write_atomically(self._samples_path(epoch), pack_arrays(small), durable=False)
        kept = [earlier for earlier in self.run.sample_epochs() if earlier <= epoch]
        sizes = {earlier: self._samples_path(earlier).stat().st_size for earlier in kept}
        best = (self.run.best_epoch or {}).get("epoch")
        for earlier in film_epochs.surplus(kept, best, sizes):
            self._samples_path(earlier).unlink(missing_ok=True)

    def write_result(self, result: Mapping[str, Any], log_probs: np.ndarray | None) -> None:
        """The test figures, and log p of each test example (N,) in nats where there is one.

        The figures come last: a run that has them has all of its test.
        """
        if log_probs is not None:
            content = io.BytesIO()
            np.save(content, np.asarray(log_probs, "<f4"), allow_pickle=False)
            self.write(TEST_LOG_PROBS, content.getvalue())
        self.write("result.json", to_json(result).encode())

    def log(self, text: str) -> None:
        append(self.run.path / "log.txt", text.rstrip().encode() + b"\n")

    def _samples_path(self, epoch: int) -> Path:
        return self.run.path / samples_name(epoch)
