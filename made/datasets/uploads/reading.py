"""An upload read by a process of its own: what it says meanwhile, and what it has made of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from collections.abc import Iterator
from typing import Any, BinaryIO, Literal

import numpy as np

from made.base.errors import MadeError
from made.base.places import PROJECT
from made.datasets.uploads.limits import MAX_READING_SECONDS, MAX_WAITING_SECONDS, READ_AT_ONCE
from made.datasets.uploads.readers import Splits, joint_of_grey
from made.datasets.uploads.store import (
    Kind,
    Mass,
    keep_joint_of_file,
    keep_rows_of_file,
    kinds_of,
    source_of,
)

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
COMMAND = (sys.executable, "-m", "made.datasets.uploads.child")
COPIED_BYTES = 1 << 20
LOOK_SECONDS = 0.25
# How the system ends a process that has had its time, and one for which it has no memory.
TOO_LONG, TOO_MUCH = (-getattr(signal, name, 0) for name in ("SIGXCPU", "SIGKILL"))
_PLACES = threading.BoundedSemaphore(READ_AT_ONCE)


class ReadUpload:
    """A file as each kind of upload: its arrays, mapped from the disk, or why it is none."""

    def __init__(self, filename: str, outcome: dict[str, Any], file: BinaryIO | None) -> None:
        self.filename = filename
        self._outcome = outcome
        self._arrays = {
            kind: {name: _mapped(file, **place) for name, place in found.get("arrays", {}).items()}
            for kind, found in outcome.items()
            if file is not None
        }

    @property
    def refusals(self) -> dict[Kind, str | None]:
        """What is wrong with the file, in a sentence, for each kind that its ending allows."""
        return {kind: self._outcome[kind]["refusal"] for kind in kinds_of(self.filename)}

    def rows(self) -> tuple[Splits, int]:
        """Splits of integers (N, D) and their number of categories. Raises MadeError."""
        arrays = self._of("rows")
        splits = (arrays["train"], arrays["validation"], arrays["test"])
        return splits, self._outcome["rows"]["num_categories"]

    def joint(
        self,
        kind: Kind,
        *,
        grid_size: int = 200,
        mass: Mass = "darkness",
    ) -> np.ndarray:
        """The joint (K, K) of a table, or of a picture as `save_upload` makes it one.

        Raises MadeError.
        """
        arrays = self._of(kind)
        if kind == "joint":
            return arrays["joint"]
        bright = mass == "brightness"
        grey = arrays["bright" if bright and "bright" in arrays else "dark"]
        source = source_of(self.filename, kind)
        return joint_of_grey(np.asarray(grey), source, grid_size=grid_size, bright=bright)

    def keep(
        self,
        kind: Kind,
        label: str | None,
        image_shape: tuple[int, int] | Literal["guess"] | None = "guess",
        **picture: Any,
    ) -> str:
        """Keep it as that kind; returns its dataset name, that which `save_upload` gives.

        picture: what `joint` takes. Raises MadeError.
        """
        source = source_of(self.filename, kind)
        if kind == "rows":
            return keep_rows_of_file(*self.rows(), source, label, image_shape)
        return keep_joint_of_file(self.joint(kind, **picture), kind, source, label)

    def _of(self, kind: Kind) -> dict[str, np.ndarray]:
        if refusal := self._outcome[kind]["refusal"]:
            raise MadeError(refusal)
        return self._arrays[kind]


def _mapped(file: BinaryIO, start: int, type: str, shape: list[int]) -> np.ndarray:
    """An array that stands in a file; what is empty cannot be mapped."""
    if 0 in shape:
        return np.empty(shape, type)
    return np.memmap(file, dtype=type, mode="r", offset=start, shape=tuple(shape))


class Reading:
    """The reading of one file, which ends, and leaves nothing, as soon as nobody holds this."""

    def __init__(self, filename: str, content: bytes | BinaryIO) -> None:
        """filename: used for its ending and in messages, never as a path."""
        self._work = _Work(filename, content)
        weakref.finalize(self, self._work.stop)
        threading.Thread(target=self._work.run, daemon=True).start()

    def follow(self) -> Iterator[float | None]:
        """The share that is read, several times a second, until it is done.

        None: not begun yet, as other files are read first.
        """
        while not self._work.is_done.wait(LOOK_SECONDS):
            yield self._work.share

    def result(self) -> ReadUpload:
        """What was read, once that is done."""
        self._work.is_done.wait()
        return self._work.result


class _Work:
    """The child process and the thread that listens to it, which know nothing of who waits."""

    def __init__(self, filename: str, content: bytes | BinaryIO) -> None:
        self.share: float | None = None
        self.is_done = threading.Event()
        self.result = ReadUpload(filename, {}, None)
        self._filename = filename
        self._content: bytes | BinaryIO | None = content
        # The end of a reading may be heard in the thread that holds it, while its memory is swept.
        self._lock = threading.RLock()
        self._is_stopped = False
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> None:
        """Wait for a place, let the child read, and keep what it says at last."""
        try:
            # The file has no name on the disk: it is gone, whatever happens to this process.
            with tempfile.TemporaryFile() as file:
                with _PLACES:
                    outcome = self._read(file)
                self.result = ReadUpload(self._filename, outcome, file)
        except OSError as error:
            problem = f"cannot be put aside to be read ({error.strerror})"
            refused = _refused(self._filename, problem, "free some space and choose it again")
            self.result = ReadUpload(self._filename, refused, None)
        self.is_done.set()

    def stop(self) -> None:
        """Nobody waits any more."""
        with self._lock:
            self._is_stopped = True
            if self._process is not None:
                self._process.kill()

    def _read(self, file: BinaryIO) -> dict[str, Any]:
        """What the child says that it has read."""
        size = self._copy(file)
        with self._lock:
            if self._is_stopped:
                return _refused(self._filename, "is wanted no more", "choose it again")
            self._process = process = subprocess.Popen(
                [*COMMAND, json.dumps({"name": self._filename, "size": size})],
                stdin=file,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=PROJECT,
                env={**os.environ, **ONE_THREAD},
            )
        self.share = 0.0
        outcome: dict[str, Any] | None = None
        watch = threading.Timer(MAX_WAITING_SECONDS, process.kill)
        watch.start()
        with process:
            assert process.stdout is not None
            for line in process.stdout:
                said = json.loads(line)
                self.share = said.get("share", self.share)
                outcome = said.get("read", outcome)
        watch.cancel()
        return outcome or _refused(self._filename, *_ended(process.returncode))

    def _copy(self, file: BinaryIO) -> int:
        """Write the content to the file that the child reads; its size in bytes."""
        content, self._content = self._content, None
        assert content is not None
        if isinstance(content, bytes):
            file.write(content)
        else:
            shutil.copyfileobj(content, file, COPIED_BYTES)
        size = file.tell()
        file.seek(0)  # which also writes what is held back
        return size


def _refused(filename: str, problem: str, mend: str) -> dict[str, Any]:
    """The outcome for a file that no kind of upload could be made of."""
    return {
        kind: {"refusal": str(source_of(filename, kind).refuse(problem, mend))}
        for kind in kinds_of(filename)
    }


def _ended(code: int) -> tuple[str, str]:
    """Problem and mend of a file whose child ended before it was done."""
    if code == TOO_LONG:
        return f"takes more than {MAX_READING_SECONDS} s to read", "bring fewer values"
    if code == TOO_MUCH:
        return "takes more time or memory to read than this machine has now", "bring fewer values"
    return "made its reader fail", "save it again with another program, or bring fewer values"
