"""Rows that occur twice: a test row that was trained on tests memory, too."""

from __future__ import annotations

import numpy as np

ROWS_AT_ONCE = 1 << 22  # values widened at a time, to bound the memory


def num_seen(rows: np.ndarray, known: np.ndarray) -> int:
    """How many of the rows (N, D) equal some row of `known` (M, D).

    Hashes find the few that may; these are then compared value by value.

    >>> num_seen(np.array([[0, 1], [0, 1], [1, 1]]), np.array([[0, 1], [1, 0]]))
    2
    """
    own, others = _hashes(rows), _hashes(known)
    values = {tuple(row) for row in known[np.isin(others, own)].tolist()}
    return sum(tuple(row) in values for row in rows[np.isin(own, others)].tolist())


def _hashes(rows: np.ndarray) -> np.ndarray:
    """A number a row, uint64 (N,): equal for equal rows, and hardly ever for others."""
    factors = np.random.default_rng(0).integers(2**64, size=rows.shape[1], dtype=np.uint64)
    step = max(1, ROWS_AT_ONCE // rows.shape[1])
    parts = [
        rows[start : start + step].astype(np.uint64) @ factors
        for start in range(0, len(rows), step)
    ]
    return np.concatenate(parts) if parts else np.empty(0, np.uint64)
