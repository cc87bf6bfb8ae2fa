"""What a set-up was before each change, so that a change can be taken back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MOST = 100  # changes that can be taken back

State = Mapping[str, Any]


class History:
    """The states of a set-up, by the names of its fields, one after another.

    now: the state that stands; origin: the first there was, however long ago.

    >>> history = History({"epochs": 5})
    >>> history.note({"epochs": 6})
    >>> history.undo(), history.can_undo, history.redo()
    ({'epochs': 5}, False, {'epochs': 6})
    """

    def __init__(self, origin: State, most: int = MOST):
        self.origin = self.now = dict(origin)
        self.most = most
        self._past: list[dict[str, Any]] = []
        self._future: list[dict[str, Any]] = []

    def note(self, state: State) -> None:
        """A state that is seen: where it differs from the one before, that is one change."""
        if dict(state) == self.now:
            return
        self._past = [*self._past, self.now][-self.most :]
        self._future = []
        self.now = dict(state)

    @property
    def can_undo(self) -> bool:
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        return bool(self._future)

    def undo(self) -> State:
        """Go back to the state before the last change, if there was one; the state now."""
        if self._past:
            self._future.append(self.now)
            self.now = self._past.pop()
        return self.now

    def redo(self) -> State:
        """Make the change again that was taken back last, if there is one; the state now."""
        if self._future:
            self._past.append(self.now)
            self.now = self._future.pop()
        return self.now

    def undone(self) -> list[str]:
        """The fields that `undo` would change."""
        return _changed(self.now, self._past[-1]) if self._past else []

    def redone(self) -> list[str]:
        """The fields that `redo` would change."""
        return _changed(self.now, self._future[-1]) if self._future else []


def _changed(one: State, other: State) -> list[str]:
    return [name for name in one if one[name] != other.get(name)]
