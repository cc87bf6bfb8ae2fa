"""The orderings of three variables that a reader may choose, and degrees from outside."""

from __future__ import annotations

from itertools import permutations
from typing import Annotated, Any

import numpy as np
from pydantic import Field

from made.base.errors import MadeError
from made.base.fields import Section, one_of
from made.lessons.small_network import Setting
from made.lessons.three_bits import NUM_VARIABLES

ORDERS = {"natural": "Natural", "reversed": "Reversed", "random": "Random"}
_NATURAL = tuple(range(NUM_VARIABLES))
_REVERSED = _NATURAL[::-1]
_OTHERS = [order for order in permutations(_NATURAL) if order not in (_NATURAL, _REVERSED)]
_DRAWN = [_OTHERS[int(index)] for index in np.random.default_rng(0).permutation(len(_OTHERS))]


class Start(Section):
    """How the playground of masks begins. draw: which of the random orderings."""

    ordering: Annotated[str, one_of(ORDERS)] = "natural"
    draw: int = Field(0, ge=0, le=1_000_000)
    degrees: tuple[int, ...] = Setting().degrees
    masks: bool = True


def position_in(order: str, draw: int = 0) -> tuple[int, ...]:
    """The place of each variable. draw: which of the orderings that are neither natural nor
    reversed, in an order that was drawn once, so that the next draw always differs.
    """
    if order not in ORDERS:
        raise MadeError(f"There is no ordering '{order}' here: choose {', '.join(ORDERS)}.")
    fixed = {"natural": _NATURAL, "reversed": _REVERSED}
    return fixed.get(order) or _DRAWN[draw % len(_DRAWN)]


def checked_degrees(given: Any) -> tuple[int, ...]:
    """Degrees from a lesson file or a browser; raises MadeError for those that cannot be."""
    degrees = tuple(given) if isinstance(given, list | tuple) else ()
    if not all(isinstance(degree, int | float) for degree in degrees):
        degrees = ()
    return Setting(degrees=tuple(int(degree) for degree in degrees)).degrees
