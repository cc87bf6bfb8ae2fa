"""An axis on which curves that fall for ever and curves that explode are both seen whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from made.base.text import significant

LOG_RATIO = 4.0  # of the greatest to the least value, from which on a scale is logarithmic
MARGIN = 0.04
MOST_TICKS = 6
LOG_STEPS = ((1, 1.5, 2, 3, 4, 5, 6, 8), (1, 2, 3, 5), (1, 2, 5), (1, 3), (1,))  # dense to sparse


@dataclass(frozen=True)
class Axis:
    """Values to places 0 … 1, from bottom to top.

    is_log: logarithmic in the distance to `floor`, which no value reaches.
    """

    low: float
    high: float
    floor: float = 0.0
    is_log: bool = False

    def _scaled(self, value: float) -> float:
        return math.log(value - self.floor) if self.is_log else value

    def place(self, value: float) -> float:
        """Where a value stands; what lies outside stands at the edge."""
        inside = min(max(value, self.low), self.high)
        low, high = self._scaled(self.low), self._scaled(self.high)
        return (self._scaled(inside) - low) / (high - low) if high > low else 0.5

    def ticks(self) -> list[tuple[float, str]]:
        """Round values with their places, from bottom to top."""
        values = self._log_ticks() if self.is_log else _round_steps(self.low, self.high)
        labels = [significant(self.floor + value if self.is_log else value, 4) for value in values]
        places = [self.place(self.floor + value if self.is_log else value) for value in values]
        return [(place, _short(label)) for place, label in zip(places, labels, strict=True)]

    def _log_ticks(self) -> list[float]:
        """Round steps within the powers of ten: as many as can be read."""
        low, high = self.low - self.floor, self.high - self.floor
        exponents = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for steps in LOG_STEPS:
            values = [step * 10.0**exponent for exponent in exponents for step in steps]
            values = [value for value in values if low <= value <= high]
            if len(values) <= MOST_TICKS:
                return values
        return values[:: -(-len(values) // MOST_TICKS)]


def axis_of(values: Sequence[float], *, floor: float | None = None) -> Axis:
    """An axis that holds all finite values.

    floor: what no value can reach, where that is known, such as 0 for a KL; values that span more
    than a factor of four above it stand on a logarithmic scale.
    """
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return Axis(0.0, 1.0)
    low, high = min(known), max(known)
    if floor is not None and low > floor and (high - floor) > LOG_RATIO * (low - floor):
        factor = ((high - floor) / (low - floor)) ** MARGIN
        return Axis(floor + (low - floor) / factor, floor + (high - floor) * factor, floor, True)
    margin = MARGIN * (high - low) or abs(high) * MARGIN or 1.0
    return Axis(low - margin, high + margin)


def spread(places: Sequence[float], least: float) -> list[float]:
    """Places of labels, moved apart as little as is needed for `least` between neighbours.

    >>> spread([0.5, 0.5, 0.9], 0.1)
    [0.45, 0.55, 0.9]
    """
    order = np.argsort(places, kind="stable")
    blocks: list[list[float]] = []  # [centre, number] of labels that touch
    for index in order:
        blocks.append([places[index], 1])
        while len(blocks) > 1 and _touch(blocks[-2], blocks[-1], least):
            centre, number = blocks.pop()
            before, count = blocks[-1]
            total = count + number
            blocks[-1] = [(before * count + centre * number) / total, total]
    moved = [0.0] * len(places)
    place = iter(order)
    for centre, number in blocks:
        for step in range(int(number)):
            moved[next(place)] = round(centre + (step - (number - 1) / 2) * least, 6)
    return moved


def _touch(first: list[float], second: list[float], least: float) -> bool:
    return second[0] - first[0] < least * (first[1] + second[1]) / 2 - 1e-12


def _round_steps(low: float, high: float) -> list[float]:
    raw = (high - low) / (MOST_TICKS - 2)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= raw)
    first = math.ceil(low / step)
    return [round(number * step, 12) for number in range(first, math.floor(high / step) + 1)]


def _short(label: str) -> str:
    """Without zeros behind the point."""
    return label.rstrip("0").rstrip(".") if "." in label and "e" not in label else label
