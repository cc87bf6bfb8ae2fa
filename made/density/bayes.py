"""Both conditionals of two variables out of their joint, by Bayes' rule."""

from __future__ import annotations

import numpy as np


def conditionals(joint: np.ndarray, given: int) -> np.ndarray:
    """p(the other | x_given) from a joint p(x_0, x_1), (K, K): float64, row a is given the value a.

        p(x_1 | x_0) = p(x_0, x_1) / sum_y p(x_0, y),   and the other way about for given = 1,

    whichever of the two the model itself has as a conditional. Uniform where a value has no mass.

    >>> conditionals(np.array([[0.1, 0.3], [0.6, 0.0]]), given=0).round(2).tolist()
    [[0.25, 0.75], [1.0, 0.0]]
    >>> conditionals(np.array([[0.1, 0.3], [0.6, 0.0]]), given=1).round(2).tolist()
    [[0.14, 0.86], [1.0, 0.0]]
    """
    rows = np.asarray(joint if given == 0 else joint.T, np.float64)
    total = rows.sum(axis=1, keepdims=True)
    uniform = np.full_like(rows, 1 / rows.shape[1])
    return np.divide(rows, total, out=uniform, where=total > 0)


def divergences(truth: np.ndarray, model: np.ndarray) -> np.ndarray:
    """KL(truth || model) in nats of each row of two tables of conditionals, (A, K) to (A,)."""
    ratio = np.log(np.maximum(truth, 1e-300)) - np.log(np.maximum(model, 1e-300))
    return np.where(truth > 0, truth * ratio, 0).sum(axis=1)
