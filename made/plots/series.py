"""What a loss record shows: its moving average, and the range worth looking at."""

import numpy as np


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
