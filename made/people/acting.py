"""Who acts now, and whether they may: asked by whatever starts, changes or deletes something.

A dashboard says by `ask` who is before it. Elsewhere, on the command line, in a notebook and in the
processes that train, whoever reaches the files may do everything, and no settings are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from made.base.errors import MadeError
from made.people import acts
from made.people.acts import Act
from made.people.house import Limits, Mode, house
from made.people.persons import Owned, Owner, Person

_behalf: ContextVar[Owner | None] = ContextVar("behalf", default=None)


def _nobody() -> Person | None:
    return None


_who: Callable[[], Person | None] = _nobody


def ask(who: Callable[[], Person | None]) -> None:
    """Ask this from now on who acts. It returns None where no person does."""
    global _who
    _who = who


def person() -> Person | None:
    """Who acts now; None where no person before a dashboard does."""
    return _who()


def mode() -> Mode:
    """The mode for who acts now. Raises MadeError where the settings cannot be understood."""
    return "mine" if person() is None else house().mode


def refusal(act: Act, thing: Owned | None = None) -> str | None:
    """Why who acts now may not do this, in a sentence; None where they may."""
    someone = person()
    if someone is None:
        return None
    try:
        return acts.may(house().mode, someone, act, None if thing is None else thing.owner)
    except MadeError as error:
        return str(error)


def require(act: Act, thing: Owned | None = None) -> None:
    """Raises MadeError, with the reason, where who acts now may not do this."""
    if reason := refusal(act, thing):
        raise MadeError(reason)


def limits() -> Limits | None:
    """What bounds who acts now; None where nothing does. Raises MadeError."""
    someone = person()
    if someone is None or someone.is_teacher:
        return None
    found = house()
    return found.limits if found.mode == "class" else None


def owner() -> Owner | None:
    """Whose a thing is that is made now; None outside a class."""
    if (named := _behalf.get()) is not None:
        return named
    someone = person()
    if someone is None or not someone.is_in or house().mode != "class":
        return None
    return Owner(someone.key, someone.name)


@contextmanager
def on_behalf(of: Owner | None) -> Iterator[None]:
    """What is made meanwhile belongs to them: a process that conducts a study makes its runs."""
    token = _behalf.set(of)
    try:
        yield
    finally:
        _behalf.reset(token)
