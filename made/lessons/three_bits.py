"""The data of the small network: three bits, whose eight states have known probabilities.

x₁ is 1 with probability 0.6, x₂ copies x₁ with 0.8, and x₃ is x₁ xor x₂ with 0.85.
"""

from __future__ import annotations

from itertools import product

import numpy as np

NUM_VARIABLES = 3
FIRST_IS_ONE, COPIES, IS_XOR = 0.6, 0.8, 0.85

# All states in the order of binary counting: float64 (8, 3).
STATES = np.array(list(product((0.0, 1.0), repeat=NUM_VARIABLES)))


def probabilities() -> np.ndarray:
    """The true p(x) of every row of `STATES`, float64 (8,); sums to 1."""
    x = STATES.astype(bool)
    return (
        np.where(x[:, 0], FIRST_IS_ONE, 1 - FIRST_IS_ONE)
        * np.where(x[:, 1] == x[:, 0], COPIES, 1 - COPIES)
        * np.where(x[:, 2] == (x[:, 0] ^ x[:, 1]), IS_XOR, 1 - IS_XOR)
    )


def entropy() -> float:
    """-sum p log p of the eight states, in nats: no density has a lower expected NLL."""
    p = probabilities()
    return float(-(p * np.log(p)).sum())


def state_index(x: tuple[int, ...]) -> int:
    """The row of `STATES` that is x."""
    return int("".join(map(str, x)), 2)
