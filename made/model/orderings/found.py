"""Orderings found in the training rows: by what single variables do, or pairs of them.

All take rows, integers (N, D), and the number of categories K, and give the variables in their
order, int64 (D,). Counts are whole numbers, so the same rows give the same ordering anywhere.
"""

from __future__ import annotations

import numpy as np

# Bounds for the counts of pairs, which take rows * (categories * variables)^2 operations.
MOST_ROWS = 20_000
MOST_INDICATORS = 4096
ROWS_AT_ONCE = 4096
DECIMALS = 10  # beyond which two figures count as equal


def by_entropy(rows: np.ndarray, num_categories: int) -> np.ndarray:
    """The least certain variable first: the one of the greatest entropy."""
    return _greatest_first(entropies(rows, num_categories))


def by_variance(rows: np.ndarray, num_categories: int) -> np.ndarray:
    """The variable of the greatest variance first."""
    shares, values = _shares(rows, num_categories), np.arange(num_categories)
    means = shares @ values
    return _greatest_first((shares * (values - means[:, None]) ** 2).sum(axis=1))


def by_tree(rows: np.ndarray, num_categories: int) -> np.ndarray:
    """Down the Chow-Liu tree (1968), from the variable that tells most of all others.

    The tree joins all variables by the pairs of greatest mutual information. Each variable comes
    after its parent, its nearest child next, and a branch is followed to its end.
    """
    information = mutual_information(rows, num_categories)
    parents = chow_liu_tree(information)
    sequence: list[int] = []
    waiting = [int(np.flatnonzero(parents < 0)[0])]
    while waiting:
        variable = waiting.pop()
        sequence.append(variable)
        children = np.flatnonzero(parents == variable)
        nearest_last = np.argsort(information[variable, children], kind="stable")
        waiting += children[nearest_last].tolist()
    return np.array(sequence)


def by_information(rows: np.ndarray, num_categories: int) -> np.ndarray:
    """Next is always the variable that has most mutual information with all before, in sum."""
    information = mutual_information(rows, num_categories)
    known = information.sum(axis=0)
    sequence: list[int] = []
    is_left = np.ones(len(known), bool)
    for _ in range(len(known)):
        variable = int(np.where(is_left, np.round(known, DECIMALS), -np.inf).argmax())
        known = information[variable] + (known if sequence else 0)
        is_left[variable] = False
        sequence.append(variable)
    return np.array(sequence)


def entropies(rows: np.ndarray, num_categories: int) -> np.ndarray:
    """The entropy of each variable by itself, nats, float64 (D,)."""
    return -_times_log(_shares(rows, num_categories)).sum(axis=1)


def _shares(rows: np.ndarray, num_categories: int) -> np.ndarray:
    """How often each variable has each category, float64 (D, K); of all rows at no copy."""
    counts = np.stack([np.bincount(column, minlength=num_categories) for column in rows.T])
    return counts / len(rows)


def mutual_information(rows: np.ndarray, num_categories: int) -> np.ndarray:
    """I(x_a; x_b) of all pairs, nats, float64 (D, D), zero on the diagonal.

    Of many rows every n-th is counted, and of many categories neighbours count as one, so that
    this takes seconds at most.
    """
    rows = rows[:: -(-len(rows) // MOST_ROWS)]
    num_variables = rows.shape[1]
    num_values = _num_values(num_variables, num_categories)
    counts = np.zeros((num_values * num_variables,) * 2)
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE].astype(np.int64)
        part = part * num_values // max(num_categories, num_values)
        is_value = part[:, None, :] == np.arange(num_values)[:, None]
        indicators = is_value.reshape(len(part), -1).astype(np.float32)
        counts += indicators.T @ indicators
    shares = (counts / len(rows)).reshape(num_values, num_variables, num_values, num_variables)
    alone = np.einsum("adad->da", shares)
    own = -_times_log(alone).sum(axis=1)
    # The joint entropy of each pair, value by value to spare memory.
    joint = -sum(_times_log(shares[a, :, b, :]) for a, b in np.ndindex(num_values, num_values))
    information = np.maximum(own[:, None] + own[None, :] - joint, 0.0)
    np.fill_diagonal(information, 0.0)
    return information


def num_operations(num_variables: int, num_categories: int, num_rows: int | None) -> float:
    """About how many operations the mutual information of all pairs takes."""
    indicators = num_variables * _num_values(num_variables, num_categories)
    return 2.0 * min(num_rows or MOST_ROWS, MOST_ROWS) * indicators**2


def chow_liu_tree(information: np.ndarray) -> np.ndarray:
    """The parent of each variable in the tree of the greatest mutual information, int64 (D,).

    information: (D, D). The root, with parent -1, is the variable of the greatest sum; the tree
    grows from there by the best pair of one in it and one outside (Prim).
    """
    root = int(information.sum(axis=0).round(DECIMALS).argmax())
    parents = np.full(len(information), root)
    parents[root] = -1
    best = information[root].copy()
    is_left = np.arange(len(information)) != root
    while is_left.any():
        variable = int(np.where(is_left, best.round(DECIMALS), -np.inf).argmax())
        is_left[variable] = False
        is_nearer = is_left & (information[variable] > best)
        parents[is_nearer] = variable
        best[is_nearer] = information[variable, is_nearer]
    return parents


def _num_values(num_variables: int, num_categories: int) -> int:
    """How many values of a variable are told apart where pairs are counted."""
    return max(2, min(num_categories, MOST_INDICATORS // num_variables))


def _greatest_first(figures: np.ndarray) -> np.ndarray:
    return np.argsort(-figures.round(DECIMALS), kind="stable")


def _times_log(shares: np.ndarray) -> np.ndarray:
    """p log p, 0 for p = 0."""
    return shares * np.log(np.where(shares > 0, shares, 1.0))
