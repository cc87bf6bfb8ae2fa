"""Surprise: −log p of each variable of a row, or of a digit drawn by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from made.runs.folder import Run
from made.views import examples, joint_surprise, surprise, xray
from made.views.examples import Examples
from pages.explore.rows import choose_mask_set, choose_row
from pages.shared.component import DRAWING, component
from pages.shared.frame import Places
from pages.shared.pictures import show_picture
from pages.shared.session import fragment, shown_errors

KEY = "surprise"
_FOLDER = Path(__file__).parent
_drawing = component(_FOLDER, KEY, DRAWING)
_plane = component(_FOLDER, "joint-surprise", DRAWING, _FOLDER / "joint.js")


def show(place: Places, run: Run) -> None:
    """The tool: the row at the left; its map, the extremes and the neighbours at the right."""
    with place.controls, shown_errors():
        if reason := xray.why_none(run):
            st.info(reason, icon=":material/info:")
            return
        shown = examples.examples(run)
        number = choose_row(run, shown)
        mask_set = choose_mask_set(run)
        st.markdown(
            "A row is likely if no value in it is a surprise: the NLL is the sum of "
            r"$-\log p(x_d \mid \text{earlier})$ over all variables."
        )
        with place.picture:
            if joint_surprise.has_places(run):
                places(run, shown, number, mask_set)
            else:
                opened(run, shown, number, mask_set)
                neighbourhood(run)


def places(run: Run, shown: Examples, number: int, mask_set: int) -> None:
    """Of two variables: every place at once, of which the row is one."""
    data = joint_surprise.content(run, shown.row(number), f"{shown.title} {number}", mask_set)
    _plane(data=data, key=f"{KEY}-places")


@fragment
def opened(run: Run, shown: Examples, number: int, mask_set: int) -> None:
    """The row and its map; a stroke on it runs nothing but this."""
    look: dict[str, Any] = st.session_state.setdefault(f"{KEY}-look", {})
    if look.get("of") != (run.id, number):
        look.update(of=(run.id, number), edits={})
    with shown_errors():
        row = xray.edited(run, shown.row(number), look["edits"])
        seen = surprise.surprise(run, row, mask_set)
        title = f"{shown.title} {number}" + (", changed" if look["edits"] else "")
        _drawing(
            data=surprise.panel(seen, title),
            key=KEY,
            on_drawn_change=lambda: look["edits"].update(
                enumerate(st.session_state[KEY]["drawn"]["row"])
            ),
            on_back_change=lambda: look.update(edits={}),
        )


def neighbourhood(run: Run) -> None:
    """The most and least likely test rows, and what each sample is nearest to."""
    for picture, numbers in surprise.extreme_pictures(run):
        show_picture(picture)
        st.caption(numbers)
    pictures, said = surprise.neighbour_pictures(run)
    for picture in pictures:
        show_picture(picture)
    st.caption(said)
