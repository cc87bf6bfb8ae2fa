"""Trained models that are kept in memory, for whoever asks them more than once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from made.base.errors import MadeError
from made.base.shared import Shared
from made.runs import loading
from made.runs.folder import Run
from made.runs.loading import LoadedRun

MAX_MODELS = 4
FEW_ROWS = 1_000

_Signature = tuple[str, int, int, int]
_models: Shared[tuple[LoadedRun, threading.Lock]] = Shared(MAX_MODELS)
_lock = threading.Lock()
_one_thread = threading.Lock()
_warm_up: threading.Thread | None = None


@contextmanager
def opened(run_id: str, checkpoint: str = "best") -> Iterator[LoadedRun]:
    """The model of a checkpoint file as it is now, for one thread at a time. Raises MadeError."""
    run = Run.open(run_id)
    loaded, lock = _models.get(
        _signature(run, checkpoint),
        lambda: (loading.load_run(run, checkpoint), threading.Lock()),
    )
    with lock:
        yield loaded


@contextmanager
def threads_for(num_rows: int) -> Iterator[None]:
    """A single thread for a few rows: their thousands of small products are no work to share.

    Waking a second thread for each of them takes longer than the product itself.
    """
    import torch

    if num_rows > FEW_ROWS:
        yield
        return
    # torch keeps one number for the process, which two draws at a time would restore wrongly.
    with _one_thread:
        before = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def warm_up() -> None:
    """Begin to import torch in the background, once, so that the first question waits less."""
    global _warm_up
    with _lock:
        if _warm_up is None:
            _warm_up = threading.Thread(target=_import_model, name="import torch", daemon=True)
            _warm_up.start()


def _import_model() -> None:
    import made.density.density
    import made.model.build  # noqa: F401


def _signature(run: Run, checkpoint: str) -> _Signature:
    path = run.checkpoint_path(checkpoint)
    try:
        stat = path.stat()
    except OSError:
        raise MadeError(f"Run '{run.label}' has just been deleted.") from None
    return str(path), stat.st_mtime_ns, stat.st_size, stat.st_ino
