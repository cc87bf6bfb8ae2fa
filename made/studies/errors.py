"""How sure a figure is: standard errors, differences row by row, and what is told apart.

Two models that were tested on the same rows find the same rows hard. Most of the error of each
NLL is that of the rows, which both share, so their difference is known far better than either:
subtract row by row first and take the standard error of the differences. What another seed would
have given is another question, which only other seeds answer.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from made.base.errors import MadeError
from made.base.text import told_apart, with_error

# The 97.5th percentile of Student's t for 1, 2, … degrees of freedom, and that of the normal.
T_QUANTILES = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)
NORMAL_QUANTILE = 1.960


@dataclass(frozen=True)
class Mean:
    """A mean of `count` values and its standard error, None where a single value gives none.

    >>> print(Mean(0.0656, 0.0018, 3))
    0.0656 ± 0.0018
    """

    value: float
    error: float | None
    count: int

    def __str__(self) -> str:
        return with_error(self.value, self.error)


def mean_of(values: Sequence[float] | np.ndarray) -> Mean:
    """Mean and standard error, std(ddof=1) / sqrt(N), of N independent values.

    Of rows: how sure the figure of one model is. Of seeds: how sure that of a set-up is.
    Raises MadeError for no values.

    >>> mean_of([1.0, 3.0]), mean_of([0.25])
    (Mean(value=2.0, error=1.0, count=2), Mean(value=0.25, error=None, count=1))
    """
    array = np.asarray(values, np.float64).ravel()
    if not array.size:
        raise MadeError("There are no values to take a mean over: give at least one.")
    error = float(array.std(ddof=1)) / math.sqrt(array.size) if array.size > 1 else None
    return Mean(float(array.mean()), error, array.size)


def paired(first: np.ndarray, second: np.ndarray) -> Mean:
    """NLL of a first model less that of a second on the same rows, in nats; below 0: first better.

    first, second: log p of each row under either, (N,), as `Run.test_log_probs` gives them.
    Raises MadeError where they are not of the same rows.

    >>> paired(np.array([-1.0, -2.0]), np.array([-1.5, -2.5]))
    Mean(value=-0.5, error=0.0, count=2)
    """
    first, second = (np.asarray(rows, np.float64) for rows in (first, second))
    if first.ndim != 1 or first.shape != second.shape:
        raise MadeError(
            f"Log-probabilities of shapes {first.shape} and {second.shape} cannot be subtracted "
            "row by row: take two runs that were tested on the same split."
        )
    return mean_of(second - first)


def difference(first: Mean, second: Mean) -> Mean:
    """first - second of two means that share nothing, whose squared errors therefore add up.

    For seeds or rows that both share, `mean_of` the differences is the sharper question.

    >>> print(difference(Mean(0.1166, 0.0030, 3), Mean(0.1093, 0.0040, 3)))
    0.0073 ± 0.0050
    """
    errors = (first.error, second.error)
    error = None if None in errors else math.hypot(*(each or 0.0 for each in errors))
    return Mean(first.value - second.value, error, min(first.count, second.count))


def is_told_apart(difference: Mean) -> bool:
    """Whether a difference is more than chance would give once in twenty: Student's t, two-sided.

    Two standard errors where there are many values; more where few make the error itself unsure.
    Without an error: no.

    >>> is_told_apart(Mean(0.007, 0.004, 3)), is_told_apart(Mean(-0.2, 0.02, 3))
    (False, True)
    >>> is_told_apart(Mean(0.007, 0.003, 3)), is_told_apart(Mean(0.007, 0.003, 1000))
    (False, True)
    """
    if difference.error is None:
        return False
    return abs(difference.value) > _t_quantile(max(difference.count - 1, 1)) * difference.error


def _t_quantile(freedom: int) -> float:
    """For many degrees of freedom by the first term of its expansion about the normal."""
    if freedom <= len(T_QUANTILES):
        return T_QUANTILES[freedom - 1]
    return NORMAL_QUANTILE + (NORMAL_QUANTILE**3 + NORMAL_QUANTILE) / (4 * freedom)


def said(means: Sequence[Mean]) -> list[str]:
    """Means of one table with their errors, in as many decimals as tell them apart.

    >>> said([Mean(0.06561, 0.0018, 3), Mean(0.3111, 0.0047, 3), Mean(88.04, None, 1)])
    ['0.0656 ± 0.0018', '0.3111 ± 0.0047', '88.04']
    """
    return told_apart([mean.value for mean in means], [mean.error for mean in means])
