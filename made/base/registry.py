"""Registries: things by their names, to which a person's own can be added from outside."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from made.base.errors import MadeError

Thing = TypeVar("Thing")

NAME = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
MAX_NAME = 60


class Registry(dict[str, Thing], Generic[Thing]):
    """Names to things of one kind, such as "encoding".

    prepare: makes what is kept of a name and of what was given; it raises MadeError for what
    will not do. origins: the module from which each thing came that was registered later.

    >>> SHAPES = Registry("shape", {"circle": 1})
    >>> SHAPES.register("square")(2)
    2
    >>> list(SHAPES)
    ['circle', 'square']
    >>> SHAPES.register("circle")(3)
    Traceback (most recent call last):
    made.base.errors.MadeError: There is a shape 'circle' already: choose another name.
    """

    def __init__(
        self,
        kind: str,
        things: Mapping[str, Thing],
        *,
        prepare: Callable[..., Thing] | None = None,
    ) -> None:
        super().__init__(things)
        self.kind = kind
        self.prepare = prepare or (lambda name, given: given)
        self.origins: dict[str, str] = {}
        self._given: dict[str, object] = {}

    def register(self, name: str, **options: Any) -> Callable[[Any], Any]:
        """A decorator that adds a thing under a name. Raises MadeError for a name that will not do.

        options: what `prepare` needs beside the name and the thing.
        The same definition executed again, as notebooks do, replaces itself.
        """
        if not isinstance(name, str) or not NAME.fullmatch(name) or len(name) > MAX_NAME:
            raise MadeError(
                f"{str(name)[:MAX_NAME]!r} is no name of {_article(self.kind)}: take small "
                f"letters, digits and hyphens, at most {MAX_NAME}, as in 'one-hot'."
            )

        def add(given: Any) -> Any:
            if name in self and not _is_same(self._given.get(name), given):
                raise MadeError(
                    f"There is {_article(self.kind)} {name!r} already: choose another name."
                )
            self[name] = self.prepare(name, given, **options)
            self._given[name] = given
            self.origins[name] = getattr(given, "__module__", None) or ""
            return given

        return add

    def unknown(self, name: str) -> str:
        """What to say of a name that is not there."""
        shown = name[:MAX_NAME]
        return f"unknown {self.kind} {shown!r}: import the module that registers it"

    def forget(self, name: str) -> None:
        """Take back what was registered from outside."""
        if name in self.origins:
            del self[name], self._given[name], self.origins[name]


def _is_same(known: object, new: object) -> bool:
    """Whether two definitions come from the same lines of the same module."""
    return known is not None and (known is new or _place(known) == _place(new) != (None, None))


def _place(thing: object) -> tuple[str | None, str | None]:
    """The module and the name within it of a class or function; of an object, those of its class.

    Numbers, dictionaries and their like come from nowhere in particular.
    """
    named = thing if hasattr(thing, "__qualname__") else type(thing)
    if named.__module__ == "builtins":
        return None, None
    return named.__module__, named.__qualname__


def require_members(
    kind: str, name: str, thing: object, members: tuple[str, ...], mend: str
) -> None:
    """Raises MadeError, one sentence, where a thing lacks some of what its kind must have."""
    missing = [member for member in members if not hasattr(thing, member)]
    if missing:
        raise MadeError(f"The {kind} {name!r} lacks {', '.join(missing)}: {mend}.")


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
