"""Registries: things by their names, to which a person's own can be added from outside."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from made.base.errors import MadeError

Thing = TypeVar("Thing")

NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


class Registry(dict[str, Thing]):
    """Names to things of one kind, such as "encoding".

    origins: the module from which each thing came that was registered later.

    >>> SHAPES = Registry("shape", {"circle": 1})
    >>> SHAPES.register("square")(2)
    2
    >>> list(SHAPES)
    ['circle', 'square']
    >>> SHAPES.register("circle")(3)
    Traceback (most recent call last):
    made.base.errors.MadeError: There is a shape 'circle' already: choose another name.
    """

    def __init__(self, kind: str, things: dict[str, Thing]) -> None:
        super().__init__(things)
        self.kind = kind
        self.origins: dict[str, str] = {}

    def register(self, name: str) -> Callable[[Thing], Thing]:
        """A decorator that adds a thing under a name. Raises MadeError for a name that will not do.

        The same definition executed again, as notebooks do, replaces itself.
        """
        if not NAME.fullmatch(name):
            raise MadeError(
                f"{name[:60]!r} is no name of {_article(self.kind)}: take small letters, digits "
                "and hyphens, as in 'one-hot'."
            )

        def add(thing: Thing) -> Thing:
            if name in self and not _is_same(self[name], thing):
                raise MadeError(f"There is a {self.kind} {name!r} already: choose another name.")
            self[name] = thing
            self.origins[name] = getattr(thing, "__module__", "") or ""
            return thing

        return add

    def unknown(self, name: str) -> str:
        """What to say of a name that is not there."""
        return f"unknown {self.kind} {name[:60]!r}: import the module that registers it"


def _is_same(known: object, new: object) -> bool:
    """Whether two definitions come from the same lines of the same module."""
    places = [
        (getattr(thing, "__module__", None), getattr(thing, "__qualname__", None))
        for thing in (known, new)
    ]
    return known is new or (None not in places[0] and places[0] == places[1])


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
