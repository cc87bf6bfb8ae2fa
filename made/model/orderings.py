"""The ordering of the variables in the product p(x) = prod_t p(x_sequence[t] | earlier ones)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from made.base.errors import MadeError
from made.base.registry import Registry

# (number of variables, generator) to an ordering, or to the variables in their order.
Draw = Callable[[int, np.random.Generator], "Ordering | Sequence[int] | np.ndarray"]


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


@dataclass(frozen=True)
class OrderingRule:
    """How an ordering of any number of variables is made.

    is_random: it differs from draw to draw, so that training can cycle through several.
    """

    title: str
    draw: Draw
    is_random: bool = False

    def __call__(self, num_variables: int, generator: np.random.Generator) -> Ordering:
        """Raises MadeError where the rule fails or gives no permutation."""
        try:
            drawn = self.draw(num_variables, generator)
            if isinstance(drawn, Ordering) and len(drawn) == num_variables:
                return drawn
            sequence = drawn.sequence if isinstance(drawn, Ordering) else np.asarray(drawn)
            if not np.array_equal(np.sort(sequence), np.arange(num_variables)):
                raise ValueError(f"it gave {str(sequence.tolist())[:60]}")
            return Ordering(np.argsort(sequence))
        except MadeError:
            raise
        except Exception as error:
            raise MadeError(
                f"The ordering '{self.title}' gives no permutation of {num_variables} variables "
                f"({error}): let it return each of 0 … {num_variables - 1} once, or choose another."
            ) from error


def complete(name: str, draw: Draw, is_random: bool = False) -> OrderingRule:
    """An ordering from outside; its title is its name."""
    if not callable(draw):
        raise MadeError(
            f"The ordering {name!r} must be a function of the number of variables and a NumPy "
            f"generator, not {type(draw).__name__}."
        )
    return OrderingRule(getattr(draw, "title", name), draw, is_random)


ORDERINGS: Registry[OrderingRule] = Registry(
    "ordering",
    {
        "natural": OrderingRule("Natural", natural),
        "reversed": OrderingRule("Reversed", reverse),
        "random": OrderingRule("Random", random, is_random=True),
    },
    prepare=complete,
)
