"""Who is before this session, told to whatever starts, changes or deletes something.

It is kept by the id of the session, outside of its state: an access to that state may end a run of
a page half-way, and an act asks in the middle of what it does.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from threading import Lock
from typing import Generic, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from made.base.errors import MadeError
from made.people import acting, door, house
from made.people.acts import Act
from made.people.persons import STRANGER, Owned, Person
from pages.shared.plain_text import plain

COOKIE = "made_person"
MOST = 10_000

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """The latest values by their keys, so many at most."""

    def __init__(self) -> None:
        self._values: OrderedDict[str, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str) -> Value | None:
        with self._lock:
            return self._values.get(key)

    def put(self, key: str, value: Value) -> None:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > MOST:
                self._values.popitem(last=False)

    def remove(self, key: str) -> None:
        with self._lock:
            self._values.pop(key, None)


_persons: Kept[Person] = Kept()
_cookies: Kept[Person] = Kept()


def who() -> Person | None:
    """Who is before the session that this runs for; None where it runs for none."""
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return None
    return _persons.get(context.session_id) or _logged_in() or STRANGER


acting.ask(who)


def visitor() -> str:
    """What tells this browser from others that are there now, as long as its page is open."""
    context = get_script_run_ctx()
    return context.session_id if context else ""


def why_not(act: Act, thing: Owned | None = None) -> str | None:
    """Why who is here may not do this, as the help of a button that is off; None where they may.

    The button is a courtesy: the act itself asks again.
    """
    reason = acting.refusal(act, thing)
    return None if reason is None else plain(reason)


def uses_login() -> bool:
    """Whether people log in by OpenID Connect: `[auth]` in the server's secrets says so."""
    return st.secrets.load_if_toml_exists() and "auth" in st.secrets


def enter(person: Person) -> str:
    """Somebody has come through the door; returns what their browser is to show when it returns."""
    context = get_script_run_ctx()
    assert context is not None
    _persons.put(context.session_id, person)
    word = secrets.token_urlsafe(32)
    _cookies.put(word, person)
    return word


def come_back() -> bool:
    """Let somebody in again who has reloaded the page or opened another tab."""
    context = get_script_run_ctx()
    person = _cookies.get(st.context.cookies.get(COOKIE, ""))
    if context is None or person is None:
        return False
    _persons.put(context.session_id, person)
    return True


def leave() -> None:
    """Nobody is before this session any more, nor before one that its browser opens."""
    if context := get_script_run_ctx():
        _persons.remove(context.session_id)
    _cookies.remove(st.context.cookies.get(COOKIE, ""))
    for word in st.session_state.pop(COOKIE, ()):
        _cookies.remove(word)


def _logged_in() -> Person | None:
    """Who has logged in with an address of the class."""
    claims = st.user.to_dict()
    if not claims.get("is_logged_in") or claims.get("email_verified") is False:
        return None
    try:
        rules = house.house()
        if rules.mode != "class":
            return None
        return door.by_address(rules, str(claims.get("email") or ""), str(claims.get("name") or ""))
    except MadeError:
        return None
