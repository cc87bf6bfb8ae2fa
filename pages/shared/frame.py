"""How a page is laid out for who looks: at a desk, on a phone, or in a room with a projector."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.component import component

PRESENTING = "is_presenting"
_NARROW = "is_narrow"
_LARGE = "is_large"
_PARAMETER = "present"
_component = component(Path(__file__).parent, "frame")


class Places(NamedTuple):
    """Where a page puts what it is steered by: the first thing to press, all controls, the rest."""

    head: DeltaGenerator
    controls: DeltaGenerator
    picture: DeltaGenerator


def begin() -> None:
    """Before a page runs: take the mode from the link, and keep it in the link of every page."""
    if PRESENTING not in st.session_state:
        st.session_state[PRESENTING] = st.query_params.get(_PARAMETER) == "true"
    if is_presenting() and st.query_params.get(_PARAMETER) != "true":
        st.query_params[_PARAMETER] = "true"
    if not is_presenting():
        st.query_params.pop(_PARAMETER, None)


def is_presenting() -> bool:
    """Whether the page is for a room: larger type and pictures, controls folded."""
    return bool(st.session_state.get(PRESENTING))


def is_narrow() -> bool:
    """Whether the window is as narrow as that of a phone; before it has told, by its name."""
    known = st.session_state.get(_NARROW)
    if known is None:
        return "Mobi" in st.context.headers.get("User-Agent", "")
    return bool(known)


def is_large() -> bool:
    """Whether the window is as large as a whole screen of 1920 × 1080 pixels."""
    return bool(st.session_state.get(_LARGE))


def places(folded: str) -> Places:
    """Controls left of the picture; on a phone the picture first; for a room controls folded away.

    folded: the title under which they are folded.
    """
    if is_presenting():
        head = st.container(horizontal=True, vertical_alignment="center")
        picture = st.container(gap="xsmall")
        return Places(head, head.popover(folded, icon=":material/tune:"), picture)
    if is_narrow():
        head, picture = st.container(), st.container(gap="xsmall")
        return Places(head, st.container(), picture)
    left, right = st.columns([2, 5], gap="medium")
    return Places(left.container(), left.container(), right.container(gap="xsmall"))


def write_link(query: Mapping[str, str]) -> None:
    """Make the address bar say what the page shows, and nothing else but how it is laid out."""
    mode = {_PARAMETER: "true"} if is_presenting() else {}
    st.query_params.from_dict({**query, **mode})


def switch() -> None:
    """The button in the header that presents, and the ear for the width of the window."""
    _component(
        data={"present": is_presenting(), "isNarrow": is_narrow(), "isLarge": is_large()},
        key="frame",
        on_narrow_change=_hear_width,
        on_large_change=_hear_size,
        on_toggled_change=_toggle,
    )


def _hear_width() -> None:
    st.session_state[_NARROW] = st.session_state["frame"]["narrow"]


def _hear_size() -> None:
    st.session_state[_LARGE] = st.session_state["frame"]["large"]


def _toggle() -> None:
    st.session_state[PRESENTING] = not is_presenting()
