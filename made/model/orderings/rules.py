"""How an ordering is made, and of which data it can be made at all.

A rule of any number of variables, one for the pixels of an image, one that looks at the training
rows, and the permutation that somebody gave: each is one class here, and what stands in the
registry is an instance of it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from made.base.errors import MadeError
from made.model.orderings.ordering import Ordering

# (number of variables, generator) to an ordering, or to the variables in their order.
Draw = Callable[[int, np.random.Generator], "Ordering | Sequence[int] | np.ndarray"]
# (height, width) to all pixels, numbered row by row, in their order: int64 (height * width,).
Walk = Callable[[int, int], np.ndarray]
# (rows (N, D), number of categories) to the variables in their order: int64 (D,).
Find = Callable[[np.ndarray, int], np.ndarray]

MOST_PAIRED = 2048  # variables, of which all pairs are looked at


@dataclass(frozen=True)
class Variables:
    """What is known of the variables before any data are there.

    number: D. image_shape: (height, width) where they are the pixels of an image, row by row.
    first: those that come first in a given permutation.
    """

    number: int
    image_shape: tuple[int, int] | None = None
    first: tuple[int, ...] = ()


@dataclass(frozen=True)
class OrderingRule(ABC):
    """How variables are put in order.

    is_random: it differs from draw to draw, so that training can cycle through several.
    is_found: it is found in the training rows by `find`, once, when a run begins.
    """

    is_found: ClassVar[bool] = False

    title: str
    description: str = ""
    is_random: bool = False

    def limits(self, variables: Variables) -> str:
        """In a few words, for which data it is where it is not for these."""
        return "not for these data"

    @abstractmethod
    def misfit(self, variables: Variables) -> str | None:
        """One sentence on why these variables cannot be put in this order, or None."""

    def find(self, rows: np.ndarray, num_categories: int) -> np.ndarray:
        """The variables in their order, int64 (D,). rows: of the training split, (N, D)."""
        raise NotImplementedError(f"{self.title} is not found in the data")

    @abstractmethod
    def sequence(
        self, variables: Variables, generator: np.random.Generator
    ) -> Ordering | Sequence[int] | np.ndarray:
        """The variables in their order, where `misfit` has nothing against it."""

    def __call__(self, variables: Variables | int, generator: np.random.Generator) -> Ordering:
        """The ordering of these variables, or of so many. Raises MadeError where there is none."""
        known = variables if isinstance(variables, Variables) else Variables(variables)
        if problem := self.misfit(known):
            raise MadeError(problem)
        drawn = self.sequence(known, generator)
        return drawn if isinstance(drawn, Ordering) else Ordering(np.argsort(np.asarray(drawn)))


@dataclass(frozen=True, kw_only=True)
class Drawn(OrderingRule):
    """A function of the number of variables and a generator; it may come from outside."""

    draw: Draw

    def misfit(self, variables: Variables) -> str | None:
        try:
            self.sequence(variables, np.random.default_rng(0))
        except MadeError as error:
            return str(error)
        return None

    def sequence(self, variables: Variables, generator: np.random.Generator) -> Ordering:
        """Raises MadeError where the function fails or gives no permutation."""
        number = variables.number
        try:
            drawn = self.draw(number, generator)
            if isinstance(drawn, Ordering) and len(drawn) == number:
                return drawn
            sequence = drawn.sequence if isinstance(drawn, Ordering) else np.asarray(drawn)
            if not np.array_equal(np.sort(sequence), np.arange(number)):
                raise ValueError(f"it gave {str(sequence.tolist())[:60]}")
            return Ordering(np.argsort(sequence))
        except MadeError:
            raise
        except Exception as error:
            raise MadeError(
                f"The ordering '{self.title}' gives no permutation of {number} variables "
                f"({error}): let it return each of 0 … {number - 1} once, or choose another."
            ) from error


@dataclass(frozen=True, kw_only=True)
class Walked(OrderingRule):
    """A way over all pixels of an image."""

    walk: Walk

    def limits(self, variables: Variables) -> str:
        return "for images only"

    def misfit(self, variables: Variables) -> str | None:
        if variables.image_shape is None:
            return (
                f"The ordering '{self.title}' is a way over the pixels of an image, and these data "
                "are no images: choose another."
            )
        return None

    def sequence(self, variables: Variables, generator: np.random.Generator) -> np.ndarray:
        assert variables.image_shape is not None
        return self.walk(*variables.image_shape)


@dataclass(frozen=True, kw_only=True)
class Found(OrderingRule):
    """What the training rows say of each variable, or of each pair of them."""

    is_found: ClassVar[bool] = True

    look: Find
    has_pairs: bool = False

    def limits(self, variables: Variables) -> str:
        few = variables.number <= 2
        return "for 3 variables and more" if few else f"for up to {MOST_PAIRED:,} variables"

    def misfit(self, variables: Variables) -> str | None:
        if variables.number <= 2:
            return (
                f"Two variables have two orderings, natural and reversed: choose one of them "
                f"instead of '{self.title}'."
            )
        if self.has_pairs and variables.number > MOST_PAIRED:
            return (
                f"The ordering '{self.title}' looks at all pairs of variables, which takes at "
                f"most {MOST_PAIRED:,} of them; these data have {variables.number:,}. Choose "
                "another."
            )
        return None

    def find(self, rows: np.ndarray, num_categories: int) -> np.ndarray:
        """The variables in their order, int64 (D,). rows: of the training split, (N, D)."""
        return self.look(rows, num_categories)

    def sequence(self, variables: Variables, generator: np.random.Generator) -> np.ndarray:
        raise MadeError(
            f"The ordering '{self.title}' is found in the training data when a run begins: train "
            "a run of it, or give the permutation itself."
        )


@dataclass(frozen=True)
class Given(OrderingRule):
    """The permutation of the settings: some variables come first, the rest in natural order."""

    def misfit(self, variables: Variables) -> str | None:
        beyond = [variable for variable in variables.first if variable >= variables.number]
        if beyond:
            return (
                f"The given ordering names variable {beyond[0]}, but these data have the variables "
                f"0 … {variables.number - 1}: take it out of the list."
            )
        return None

    def sequence(self, variables: Variables, generator: np.random.Generator) -> np.ndarray:
        return completed(variables.first, variables.number)


def completed(first: Sequence[int], num_variables: int) -> np.ndarray:
    """Some variables and then all others in natural order, int64 (num_variables,).

    >>> completed((2, 0), 4)
    array([2, 0, 1, 3])
    """
    chosen = np.asarray(first, np.int64)
    return np.concatenate([chosen, np.setdiff1d(np.arange(num_variables), chosen)])


def complete(name: str, draw: Draw, is_random: bool = False) -> OrderingRule:
    """An ordering from outside; its title is its name."""
    if not callable(draw):
        raise MadeError(
            f"The ordering {name!r} must be a function of the number of variables and a NumPy "
            f"generator, not {type(draw).__name__}."
        )
    description = (getattr(draw, "__doc__", "") or "").strip().partition("\n")[0]
    title = getattr(draw, "title", name)
    return Drawn(title, description, is_random, draw=draw)
