"""A part of a page that is drawn again and again, while there is something to follow."""

from __future__ import annotations

import time
from pathlib import Path
from secrets import token_hex

import streamlit as st

from made.base.pace import Pace
from pages.shared.component import component

_VIEWER = "viewer"
# A part takes some 15 milliseconds of one core, of which the pages are to have more than half.
MOST_A_SECOND = 20.0
_PACE = Pace(MOST_A_SECOND)
_component = component(Path(__file__).parent, "pulse")


def pulse(name: str, seconds: float | None) -> None:
    """Draw the fragment in which this stands again in so many seconds; None: no more.

    The more people look at this server, the more seconds it takes.

    It stands last, so that no other element changes its place, and is made anew, when it goes.

    A fragment's own `run_every` will not do. Its timer sends along a button that was pressed a
    moment before, and then the button sends itself: one press would count twice.
    """
    if seconds is not None:
        viewer = st.session_state.setdefault(_VIEWER, token_hex(8))
        data = {"seconds": _PACE.seconds(f"{viewer}-{name}", seconds), "drawn": time.time()}
        _component(data=data, key=f"pulse-{name}", on_beat_change=lambda: None)
