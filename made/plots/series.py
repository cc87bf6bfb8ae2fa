"""Long loss records made short: decimation, smoothing, and the range worth looking at."""

from typing import NamedTuple

import numpy as np


class Decimated(NamedTuple):
    """Buckets of consecutive minibatches; each array has shape (buckets,)."""

    step: np.ndarray  # number of the last minibatch in the bucket, the first minibatch being 1
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def bucket_size(num_losses: int, points: int = 1000) -> int:
    """Smallest power of two that leaves at most `points` buckets.

    A power of two, because a bucket then keeps its content while the run grows: only the last
    one changes from one look to the next, and the drawn curve does not tremble.
    """
    size = 1
    while -(-num_losses // size) > points:
        size *= 2
    return size


def decimate(losses: np.ndarray, points: int = 1000) -> Decimated:
    """Mean, minimum and maximum of at most `points` buckets of the losses (N,).

    Values that are not finite are left out; a bucket that has no other is NaN.
    """
    losses = np.asarray(losses, dtype=np.float64)
    if losses.size == 0:
        empty = np.empty(0)
        return Decimated(np.empty(0, dtype=np.int64), empty, empty, empty)
    starts = np.arange(0, losses.size, bucket_size(losses.size, points))
    ends = np.append(starts[1:], losses.size)
    known = np.isfinite(losses)
    count = np.add.reduceat(known, starts, dtype=np.int64)
    total = np.add.reduceat(np.where(known, losses, 0.0), starts)
    low = np.minimum.reduceat(np.where(known, losses, np.inf), starts)
    high = np.maximum.reduceat(np.where(known, losses, -np.inf), starts)
    empty = count == 0
    mean = np.where(empty, np.nan, total / np.maximum(count, 1))
    return Decimated(ends, mean, np.where(empty, np.nan, low), np.where(empty, np.nan, high))


def smooth(losses: np.ndarray, half_life: float) -> np.ndarray:
    """Bias-corrected exponential moving average of losses (N,), shape (N,).

    s_t = sum_i w^(t-i) x_i / sum_i w^(t-i) over the finite x_i with i <= t; w = 2^(-1/half_life),
    so a value counts half as much `half_life` minibatches later. NaN before the first finite one.
    """
    if half_life <= 0:
        raise ValueError(f"The half-life is {half_life}; it must be above 0 minibatches.")
    # Not before it is needed: pandas takes longer to load than all of this package.
    import pandas as pd

    losses = np.asarray(losses, dtype=np.float64)
    known = pd.Series(np.where(np.isfinite(losses), losses, np.nan))
    return known.ewm(halflife=half_life, adjust=True, ignore_na=False).mean().to_numpy()


def worthwhile_range(values: np.ndarray, references: tuple[float, ...] = ()) -> tuple[float, float]:
    """The part of the value axis worth looking at: without the huge first losses.

    values: the curves' points in any order. The top is cut at their 90th percentile where the
    rest would squeeze the curves into less than half of the height. Reference lines are kept in
    view unless they are further away than twice the curves' own range.
    """
    values = np.asarray(values, dtype=np.float64)
    values = values[np.isfinite(values)]
    if values.size == 0:
        values = np.array([value for value in references if np.isfinite(value)] or [0.0, 1.0])
    low, high = float(values.min()), float(values.max())
    usual = float(np.percentile(values, 90))
    if high - low > 2 * (usual - low) > 0:
        high = usual
    reach = 2 * (high - low) if high > low else np.inf
    near = [v for v in references if np.isfinite(v) and low - reach <= v <= high + reach]
    low, high = min([low, *near]), max([high, *near])
    margin = 0.06 * (high - low) or 0.02 * abs(high) or 1.0
    return low - margin, high + 2 * margin
