"""How often many who follow something may ask for it, so that one machine bears them all."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

PATIENCE = 3.0  # times as long as it was told to wait somebody still counts who has not asked again


@dataclass
class Pace:
    """Everybody's wish is stretched by one factor, so that all together ask at most so often.

    Where the wishes are to ask every w_1, w_2, … seconds, they are stretched by
    max(1, sum_i 1 / w_i / most).

    most: times a second. clock: in seconds.
    """

    most: float
    clock: Callable[[], float] = time.monotonic
    _asked: dict[str, tuple[float, float]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def seconds(self, who: str, wanted: float) -> float:
        """After how many seconds somebody is to ask again who wants to do so every `wanted`."""
        with self._lock:
            now = self.clock()
            self._asked = {one: kept for one, kept in self._asked.items() if kept[1] >= now}
            rates = [1 / wish for one, (wish, _) in self._asked.items() if one != who]
            told = wanted * max(1.0, (sum(rates) + 1 / wanted) / self.most)
            self._asked[who] = (wanted, now + PATIENCE * told)
            return told
