"""When the disk refuses: what is kept for the last word of a run, and how it is said."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from made import datasets
from made.base.errors import MadeError
from made.base.places import runs_folder
from made.base.text import short_bytes
from made.runs.folder import Run
from made.setups.size import size_of_setup

RESERVE = "reserve"
# Its blocks pay for a status and some lines of the log.
RESERVED_BYTES = 65_536
BYTES = 4  # float32
# A checkpoint of the best weights, and one of a resume: the weights, the best ones, two moments.
CHECKPOINT_COPIES = 5
LEAST_BYTES = 1_000_000


def is_full(error: BaseException) -> bool:
    """Whether a disk, or one's share of it, has no room left."""
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    # What writes tensors has an error of its own, which only repeats what the system said.
    return os.strerror(errno.ENOSPC) in str(error)


def reserve(run: Run) -> None:
    """Keep some room for the last status of a run. Raises OSError where there is none."""
    path = run.path / RESERVE
    # Random, so that no file system makes less of it.
    path.write_bytes(os.urandom(RESERVED_BYTES))


def release(run: Run) -> None:
    """Give the room away: to the last status, or because the run has come to rest."""
    with suppress(OSError):
        (run.path / RESERVE).unlink(missing_ok=True)


def needed_bytes(run: Run) -> int:
    """What the next checkpoints of a run take, which are written beside the ones before."""
    needed = LEAST_BYTES
    with suppress(MadeError):
        config = run.config
        copies = CHECKPOINT_COPIES + (config.training.ema_decay > 0)
        size = size_of_setup(config, datasets.info(config.data))
        needed = max(needed, copies * BYTES * size.num_parameters)
    return needed


def full_sentence(run: Run) -> str:
    """What a person is told, and can do, when the disk of a run is full."""
    free = ""
    with suppress(OSError):
        free = f" and {short_bytes(shutil.disk_usage(run.path).free)} are free"
    return (
        f"The disk is full: {short_bytes(needed_bytes(run))} are needed{free}. Free some space, "
        "then resume the run."
    )


@contextmanager
def sentences() -> Iterator[None]:
    """Turn what a disk refuses into a sentence; also as a decorator. Raises MadeError."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise MadeError(
                f"The disk of '{runs_folder()}' is full: free some space, then try again."
            ) from error
        what = error.filename or runs_folder()
        raise MadeError(
            f"'{what}' cannot be written ({error.strerror or error}): mend this, or name another "
            "runs folder by MADE_RUNS_DIR."
        ) from error
