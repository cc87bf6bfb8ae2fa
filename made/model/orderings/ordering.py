"""The ordering of the variables in the product p(x) = prod_t p(x_sequence[t] | earlier ones)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, eq=False)
class Ordering:
    """A permutation of D variables, seen from both sides.

    position: int64 (D,), position[d] is the place 0 … D-1 of variable d in the product.
    sequence: int64 (D,), sequence[t] is the variable at place t, the inverse of `position`.
    """

    position: np.ndarray

    def __post_init__(self) -> None:
        if not np.array_equal(np.sort(self.position), np.arange(len(self.position))):
            raise ValueError("An ordering is a permutation of 0 … D-1, each place taken once.")

    @cached_property
    def sequence(self) -> np.ndarray:
        return np.argsort(self.position)

    def __len__(self) -> int:
        return len(self.position)


def natural(num_variables: int, generator: np.random.Generator | None = None) -> Ordering:
    """First to last."""
    return Ordering(np.arange(num_variables))


def reverse(num_variables: int, generator: np.random.Generator | None = None) -> Ordering:
    """Last to first."""
    return Ordering(np.arange(num_variables)[::-1].copy())


def random(num_variables: int, generator: np.random.Generator) -> Ordering:
    """One of the D! permutations, all equally likely."""
    return Ordering(generator.permutation(num_variables))
