"""How much a density changes from state to state, beside the truth: smears are low, specks high."""

from __future__ import annotations

from typing import Literal

import numpy as np

from made.studies.grid import Cell
from made.studies.readings import Reading


def total_variation(joint: np.ndarray) -> float:
    """Sum of |p(x) - p(y)| over all neighbouring states x, y of a joint (K, K).

    >>> total_variation(np.array([[0.5, 0.0], [0.0, 0.5]]))
    2.0
    """
    joint = np.asarray(joint, np.float64)
    return float(sum(np.abs(np.diff(joint, axis=axis)).sum() for axis in range(joint.ndim)))


def variation(cell: Cell, when: Literal["best", "last"]) -> float | None:
    """The mean over a cell's runs of the variation of their densities; None where none is kept."""
    found = [_of_run(reading, when) for reading in cell.readings]
    known = [value for value in found if value is not None]
    return float(np.mean(known)) if known else None


def kept_at_best(reading: Reading) -> int | None:
    """The last epoch up to the best one of which pictures were kept, or None."""
    kept = reading.run.sample_epochs()
    best = reading.best["epoch"] if reading.best else None
    earlier = [epoch for epoch in kept if best is None or epoch <= best]
    return earlier[-1] if earlier else next(iter(kept), None)


def _of_run(reading: Reading, when: Literal["best", "last"]) -> float | None:
    epoch = kept_at_best(reading) if when == "best" else None
    density = reading.run.samples(epoch).get("density")
    if density is None:
        return None
    return total_variation(density.astype(np.float64) / density.sum(dtype=np.float64))
