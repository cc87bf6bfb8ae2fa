"""The latest minibatch of a held run of a small joint, kept to be looked at: moment.npz."""

from __future__ import annotations

import numpy as np

from made.base.files import pack_arrays, write_atomically
from made.runs.folder import Run
from made.training.events import Moment

FILE = "moment.npz"


def write(run: Run, moment: Moment) -> None:
    """Put a minibatch in the place of the one before it."""
    arrays = {
        "place": np.array([moment.epoch, moment.batch, moment.step]),
        "rows": moment.rows,
        "before": moment.before,
        "after": moment.after,
    }
    write_atomically(run.path / FILE, pack_arrays(arrays), durable=False)


def read(run: Run) -> Moment | None:
    """The latest minibatch; None where none is kept, or none that can be shown."""
    found = run.read_arrays(FILE)
    if not {"place", "rows", "before", "after"} <= found.keys():
        return None
    place, rows = found["place"], found["rows"]
    before, after = found["before"], found["after"]
    fits = len(place) == 3 and rows.shape[1] == 2 and before.shape == after.shape
    if not fits or rows.max() >= len(before):
        return None
    epoch, batch, step = map(int, place)
    return Moment(epoch, batch, step, rows, before, after)


def remove(run: Run) -> None:
    (run.path / FILE).unlink(missing_ok=True)
