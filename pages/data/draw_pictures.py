"""A few small digits drawn by hand, and how rows are made of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from made.base.errors import MadeError
from made.datasets.uploads.drawings import Recipe
from made.views import drawn_pictures
from pages.data.saving import save_box
from pages.shared.component import DRAWING, component
from pages.shared.frame import Places
from pages.shared.pictures import show_picture
from pages.shared.plain_text import plain
from pages.shared.session import shown_errors

SHEETS = "drawn-pictures"
_DRAWN, _VERSION, _FAILURE = "drawn_pictures", "drawn_pictures_version", "drawn_pictures_failure"
_FOLDER = Path(__file__).parent
_sheets = component(_FOLDER, "pictures", DRAWING, _FOLDER / "strokes.js")


def current() -> np.ndarray:
    """The pictures as they are, for as long as the session lasts."""
    pictures: np.ndarray = st.session_state.setdefault(_DRAWN, drawn_pictures.blank())
    return pictures


def show(place: Places) -> None:
    """The sheets and what comes of them at the right, the recipe at the left."""
    with place.controls:
        box = st.container()
        recipe = _recipe()
        with box:
            save_box("pictures", lambda label: drawn_pictures.keep(current(), recipe, label))
    with place.picture, shown_errors():
        if failure := st.session_state.pop(_FAILURE, None):
            raise MadeError(failure)
        version = st.session_state.setdefault(_VERSION, 0)
        _sheets(data=drawn_pictures.content(current(), version), key=SHEETS, on_drawn_change=_hear)
        if not current().any():
            st.caption(drawn_pictures.EMPTY)
            return
        show_picture(drawn_pictures.preview(current(), recipe))
        st.caption(plain(drawn_pictures.split_line(current(), recipe)))


def _recipe() -> Recipe:
    """How rows are made of the pictures."""
    st.button(
        "Begin with ten digits",
        icon=":material/looks_one:",
        on_click=_begin,
        help="Puts ten handwritten digits on the sheets; Undo brings back what was there.",
    )
    rows = st.number_input(
        "Rows",
        100,
        drawn_pictures.MOST_ROWS,
        Recipe.num_rows,
        1_000,
        key="drawn_rows",
        help="80 % train, 10 % validate, 10 % test.",
    )
    shift = st.segmented_control(
        "Shift by up to",
        [0, 1, 2],
        format_func=lambda pixels: f"{pixels} px",
        default=Recipe.max_shift,
        required=True,
        key="drawn_shift",
        width="stretch",
        help="Every picture is moved up, down and sideways; what leaves the edge is lost.",
    )
    flips = st.number_input(
        "Flip probability",
        0.0,
        0.5,
        Recipe.flip_probability,
        0.01,
        key="drawn_flips",
        help="Each pixel is turned over with this probability, by itself.",
    )
    seed = st.number_input("Seed", 0, 2**31 - 1, Recipe.seed, key="drawn_seed")
    return Recipe(num_rows=rows, max_shift=shift, flip_probability=flips, seed=seed)


def _hear() -> None:
    """A stroke has ended."""
    said: Any = st.session_state[SHEETS]["drawn"]
    try:
        st.session_state[_DRAWN] = drawn_pictures.heard(said)
    except MadeError as error:
        st.session_state[_FAILURE] = str(error)


def _begin() -> None:
    try:
        st.session_state[_DRAWN] = drawn_pictures.examples()
        st.session_state[_VERSION] = st.session_state.get(_VERSION, 0) + 1
    except MadeError as error:
        st.session_state[_FAILURE] = str(error)
