"""What is worked out once for all who ask: thirty who look at one run make its pictures once."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


@dataclass(eq=False)
class _Place(Generic[Value]):
    """Where the value of a key stands, once it is there."""

    turn: Lock = field(default_factory=Lock)
    values: list[Value] = field(default_factory=list)


class Shared(Generic[Value]):
    """The latest values, by keys that say all that they depend on.

    A value is handed to everybody as it is: nobody may change it. Who asks while another one works
    it out waits for it. What fails is tried again by the next one.

    most: how many are kept, those asked for last.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._places: OrderedDict[Hashable, _Place[Value]] = OrderedDict()
        self._lock = Lock()
        _every.append(self)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key, by `make` where it is not known. Raises what that raises."""
        with self._lock:
            place = self._places.setdefault(key, _Place())
            self._places.move_to_end(key)
            while len(self._places) > self.most:
                self._places.popitem(last=False)
        with place.turn:
            if not place.values:
                place.values.append(make())
            return place.values[0]

    def clear(self) -> None:
        with self._lock:
            self._places.clear()


_every: list[Shared[Any]] = []


def forget_all() -> None:
    """Forget all that is shared, as a test does that changes what nothing is expected to change."""
    for shared in _every:
        shared.clear()
