"""A joint drawn by hand: the canvas, what it may begin with, and the buttons that keep it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from made.base.errors import MadeError
from made.datasets.uploads.store import MASSES
from made.views import data_views, drawing
from made.views.drawing import Drawing
from pages.data.facts import show_facts
from pages.data.reading import forget_file, read_file
from pages.data.saving import save_box
from pages.shared.component import DRAWING, component
from pages.shared.frame import Places
from pages.shared.plain_text import plain
from pages.shared.session import shown_errors

CANVAS = "joint-canvas"
_DRAWN, _FAILURE, _FILE = "drawn_joint", "drawn_joint_failure", "drawn_joint_file"
_START = "drawn_joint_start"
_FOLDER = Path(__file__).parent
_canvas = component(_FOLDER, "joint-canvas", DRAWING, _FOLDER / "strokes.js")


def current() -> Drawing:
    """What is on the canvas, for as long as the session lasts."""
    drawn: Drawing = st.session_state.setdefault(_DRAWN, drawing.blank())
    return drawn


def show(place: Places) -> None:
    """The canvas at the right, what to begin with and what to do with it at the left."""
    with place.controls:
        save_box("joint", lambda label: drawing.keep(current(), label))
        _starts()
    with place.picture, shown_errors():
        if failure := st.session_state.pop(_FAILURE, None):
            raise MadeError(failure)
        _canvas(data=drawing.content(current()), key=CANVAS, on_drawn_change=_hear)
        if facts := drawing.facts(current()):
            show_facts(facts)
        else:
            st.caption(drawing.EMPTY)


def _hear() -> None:
    """A stroke has ended."""
    said: Any = st.session_state[CANVAS]["drawn"]
    try:
        st.session_state[_DRAWN] = drawing.heard(said, current().version)
    except MadeError as error:
        st.session_state[_FAILURE] = str(error)


def _starts() -> None:
    """A picture, or a joint that is known, put on the canvas; the stroke before can be had back."""
    st.selectbox(
        "Begin with",
        ["", *drawing.starts()],
        format_func=lambda name: plain(data_views.title_of(name)) if name else "Nothing",
        key=_START,
        on_change=_begin,
        help="Put a joint on the canvas and draw on it; Undo brings back what was there.",
    )
    file = st.file_uploader(
        "Or with a picture",
        drawing.PICTURE_ENDINGS,
        key="drawn_joint_picture",
        help="The square in its middle becomes ink, cell by cell.",
    )
    if file is None:
        st.session_state.pop(_FILE, None)
        forget_file(_FILE)
        return
    mass = st.segmented_control(
        "Ink from",
        MASSES,
        format_func=str.capitalize,
        default="darkness",
        required=True,
        key="drawn_joint_mass",
        width="stretch",
    )
    if st.session_state.get(_FILE) == (file.file_id, mass):
        return
    with shown_errors():
        levels = drawing.from_picture(read_file(file, _FILE), current().size, mass)
        st.session_state[_DRAWN] = current().replaced(levels)
    # Said only now: what interrupts the reading leaves it to the next run of the page.
    st.session_state[_FILE] = (file.file_id, mass)


def _begin() -> None:
    name = st.session_state[_START]
    try:
        start = drawing.start(name, current().size)
        st.session_state[_DRAWN] = current().replaced(start)
    except MadeError as error:
        st.session_state[_FAILURE] = str(error)
