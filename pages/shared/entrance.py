"""The door of a class: a code, a name and a word of one's own, or a login by OpenID Connect."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import streamlit as st

from made.base.errors import MadeError
from made.people import acting, door, house
from made.people.house import House
from pages.shared import person
from pages.shared.component import component
from pages.shared.plain_text import plain

REFUSED = "entrance_refused"
CODE, NAME, WORD = "entrance_code", "entrance_name", "entrance_word"
CAN_LOG_IN = find_spec("authlib") is not None
NO_LOGIN = (
    "Nobody can log in, since Authlib is not installed: whoever keeps this dashboard installs it "
    'by `pip install ".[login]"` and starts it anew.'
)
_remember = component(Path(__file__).parent, "remember")


def is_class() -> bool:
    """Whether people come in by name; also where the settings cannot be read, and nobody comes."""
    try:
        return house.house().mode == "class"
    except MadeError:
        return False


def is_open() -> bool:
    """Whether who is here may see the pages; else what to do about it is on the screen."""
    try:
        rules = house.house()
    except MadeError as error:
        st.error(plain(str(error)), icon=":material/lock:")
        return False
    someone = acting.person()
    if rules.mode != "class" or (someone is not None and someone.is_in) or person.come_back():
        return True
    _door(rules)
    return False


def leave() -> None:
    """Go out; the browser forgets who was here."""
    person.leave()
    if person.uses_login() and st.user.get("is_logged_in"):
        st.logout()


def _door(rules: House) -> None:
    _, middle, _ = st.columns([1, 2, 1])
    with middle:
        st.subheader("Join the class", anchor=False)
        if person.uses_login():
            _login()
        if rules.join_code or rules.teacher_code:
            _codes()
        if refused := st.session_state.pop(REFUSED, None):
            st.error(plain(refused), icon=":material/error:")


def _login() -> None:
    if st.user.get("is_logged_in"):
        address = str(st.user.get("email") or "This login")
        st.info(f"{plain(address)} is not of this class.", icon=":material/no_accounts:")
        st.button("Log in as somebody else", icon=":material/logout:", on_click=st.logout)
        return
    st.button(
        "Log in",
        type="primary",
        icon=":material/login:",
        on_click=st.login,
        disabled=not CAN_LOG_IN,
    )
    if not CAN_LOG_IN:
        st.error(NO_LOGIN, icon=":material/error:")


def _codes() -> None:
    with st.form("entrance", border=False):
        st.text_input("Code of the class", type="password", key=CODE, autocomplete="off")
        st.text_input("Your name", max_chars=40, key=NAME, help="What the others see.")
        st.text_input(
            "A word of your own",
            type="password",
            key=WORD,
            autocomplete="off",
        )
        st.caption(
            "Your word keeps your runs yours: choose one now, and type the same when you come "
            "again. A teacher needs none."
        )
        st.form_submit_button("Join", type="primary", icon=":material/login:", on_click=_join)


def _join() -> None:
    code, name, word = (str(st.session_state.get(key, "")) for key in (CODE, NAME, WORD))
    try:
        address = st.context.ip_address or ""
        someone = door.join(house.house(), code, name, word, address, person.visitor())
    except MadeError as error:
        st.session_state[REFUSED] = str(error)
        return
    words = st.session_state.setdefault(person.COOKIE, [])
    words.append(person.enter(someone))
    for key in (CODE, WORD):
        st.session_state.pop(key, None)


def keep_in_mind() -> None:
    """Let the browser keep, for as long as it is open, what it comes back with; or forget it.

    Stands below the page, which it would move.
    """
    if not is_class():
        return
    someone = acting.person()
    is_in = someone is not None and someone.is_in
    words = st.session_state.get(person.COOKIE)
    if words or not is_in:
        _remember(data={"name": person.COOKIE, "word": words[-1] if words else ""}, key="remember")
