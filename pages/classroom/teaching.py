"""What a teacher has: all that trains, a button that pauses it, and new words for the forgetful."""

from __future__ import annotations

import streamlit as st

from made.base.errors import MadeError
from made.people import acting, door
from made.studies import control
from made.views import class_view
from pages.shared.plain_text import plain
from pages.shared.pulse import pulse
from pages.shared.session import fragment

SAID, REFUSED = "taught", "taught_refused"
REFRESH_SECONDS = 2.0
FORGETFUL = "forgetful_name"


def teaching() -> None:
    """Everybody's runs that wait or train, and who has runs at all."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Pause all",
            type="primary",
            icon=":material/pause:",
            key="pause-all",
            help="Asks every run and study to write a checkpoint and rest; Resume goes on.",
            on_click=_pause_all,
        )
        with st.popover("Forgotten word", icon=":material/key:"):
            name = st.text_input("Name", key=FORGETFUL, max_chars=40)
            st.button(
                "Let them choose another",
                disabled=not name,
                on_click=_forget,
                help="Who joins next by this name chooses its word, and has its runs.",
            )
    fragment(_living)()
    table = class_view.people_table()
    if len(table):
        st.dataframe(table, hide_index=True, alt=f"Table of {len(table)} people with their runs.")


def say_taught() -> None:
    """What the last press has done."""
    if said := st.session_state.pop(SAID, None):
        st.toast(plain(said), icon=":material/check:")
    if refused := st.session_state.pop(REFUSED, None):
        st.error(plain(refused), icon=":material/error:")


def _living() -> None:
    living = class_view.living_runs()
    if living:
        table = class_view.living_table(living)
        st.dataframe(table, hide_index=True, alt=class_view.living_alt(living))
    else:
        st.info("Nothing waits or trains.", icon=":material/bedtime:")
    pulse("class", REFRESH_SECONDS)


def _pause_all() -> None:
    try:
        control.pause_all()
    except MadeError as error:
        st.session_state[REFUSED] = str(error)
    else:
        st.session_state[SAID] = "All runs were asked to pause."


def _forget() -> None:
    name = str(st.session_state.get(FORGETFUL, ""))
    try:
        acting.require("pause all")
        door.forget(name)
    except MadeError as error:
        st.session_state[REFUSED] = str(error)
    else:
        st.session_state[SAID] = f"{name} may choose another word."
