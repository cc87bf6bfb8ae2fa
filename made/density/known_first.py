"""Which ways there are to complete some known variables under a bank of mask sets.

Given variables that come first in an ordering, the others are drawn exactly, one after another.
Nothing here needs torch, so that a page can say at once which ways are open.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from made.model.masks import MaskBank, MaskSet
from made.model.orderings import Ordering

EXACT, AGNOSTIC, MONTE_CARLO = WAYS = ("exact", "agnostic", "monte carlo")
RESAMPLE_BELOW = 0.5  # of the particles: the effective sample size from which they are resampled
# Orderings of a bank that are looked through; each takes some hundredths of a millisecond.
MAX_ORDERINGS = 256


@dataclass(frozen=True)
class Open:
    """exact: the known variables come first in every mask set of the density.

    agnostic: mask sets of the bank in which they come first, though not in all of the density.
    builds: the network was trained on a fresh random ordering each time, so that any may be built.
    """

    exact: bool
    agnostic: tuple[int, ...]
    builds: bool

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways that are open, the best one first; Monte Carlo always is."""
        named = ((EXACT, self.exact), (AGNOSTIC, self.builds or bool(self.agnostic)))
        return (*(way for way, is_open in named if is_open), MONTE_CARLO)


def open_ways(bank: MaskBank, mask_sets: Sequence[int], known: Collection[int]) -> Open:
    """What can be done given variables of these numbers, for the density of some mask sets."""
    exact = all(_comes_first(bank.ordering(index), known) for index in _distinct(bank, mask_sets))
    builds = bank.num_orderings == 0 and bank.config.ordering == "random"
    agnostic: tuple[int, ...] = ()
    if not exact and bank.num_orderings > 1:
        candidates = range(min(bank.num_orderings, MAX_ORDERINGS))
        agnostic = tuple(i for i in candidates if _comes_first(bank.ordering(i), known))
    return Open(exact=exact, agnostic=agnostic, builds=builds)


def known_first(bank: MaskBank, known: Collection[int], generator: np.random.Generator) -> MaskSet:
    """A mask set of a random ordering in which some variables come first.

    Among all such orderings each is as likely; the connectivity is the bank's first.
    """
    is_known = np.zeros(bank.num_variables, bool)
    is_known[list(known)] = True
    shuffled = generator.permutation(bank.num_variables)
    sequence = np.concatenate([shuffled[is_known[shuffled]], shuffled[~is_known[shuffled]]])
    return MaskSet(Ordering(np.argsort(sequence)), bank.mask_set(0).degrees)


def _distinct(bank: MaskBank, mask_sets: Sequence[int]) -> set[int]:
    """One mask set for each different ordering among some."""
    if bank.num_orderings == 0:
        return set(mask_sets)
    return {index % bank.num_orderings for index in mask_sets}


def _comes_first(ordering: Ordering, known: Collection[int]) -> bool:
    return set(ordering.sequence[: len(known)].tolist()) == set(known)
