"""Of a curve that grows, a browser that has the beginning is sent the end alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Hashable
from typing import Any

# What was sent so many times ago has arrived, or else the browser asks for the whole.
SENDS = 3


class Sent:
    """What one browser was sent of one curve of `live_curve`."""

    def __init__(self) -> None:
        self._kind: Hashable = None
        self._counts: deque[int] = deque(maxlen=SENDS)

    def part(self, curve: dict[str, Any]) -> dict[str, Any]:
        """The curve as it is to be sent now.

        `begin` says how many points of the series that grow the browser has and is not sent again.
        The last point of an earlier curve is among those that are sent: its bucket was not full.
        """
        count = len(_growing(curve)[0]["x"])
        kind = (curve["bucket"], str(curve["marks"]))
        if kind != self._kind or (self._counts and count < self._counts[-1]):
            self._counts.clear()
        is_known = len(self._counts) == SENDS
        begin = max(self._counts[0] - 1, 0) if is_known else 0
        self._kind = kind
        self._counts.append(count)
        return from_point(curve, begin)


def from_point(curve: dict[str, Any], begin: int) -> dict[str, Any]:
    """A curve without the first points, `begin` of them, of each series that grows."""
    series = [_cut(one, begin) if one["grows"] else one for one in curve["series"]]
    return curve | {"series": series, "begin": begin}


def _growing(curve: dict[str, Any]) -> list[dict[str, Any]]:
    return [series for series in curve["series"] if series["grows"]]


def _cut(series: dict[str, Any], begin: int) -> dict[str, Any]:
    rows = {name: series[name][begin:] for name in ("x", "y", "low", "high") if name in series}
    return series | rows
