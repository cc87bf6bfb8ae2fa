"""The strip of dataset thumbnails: one click chooses a dataset."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import streamlit as st

from made.datasets import DatasetInfo
from made.views import data_views, thumbnails
from pages.data.saving import KIND
from pages.shared.component import component
from pages.shared.setup import PREFIX

MOST = 10
DRAW = {
    "name": "draw",
    "title": "Draw your own",
    "description": "A joint drawn with the mouse or the keyboard, on the Data page.",
}
_WANTS_TO_DRAW = "wants_to_draw"
_component = component(Path(__file__).parent, "gallery")


def _picture(name: str, is_here: bool) -> str | None:
    """A thumbnail as a data address."""
    png = thumbnails.thumbnail(name, is_here)
    return f"data:image/png;base64,{base64.b64encode(png).decode()}" if png else None


def gallery() -> None:
    """The first datasets of the registry and the reader's own; the select box has all of them.

    Those that are not here yet, and have no picture, stand last.
    """
    chosen = st.session_state[PREFIX + "dataset"]
    infos = data_views.infos()
    own = [info for info in infos if info.name.startswith("upload-")]
    shown = [*own[-2:], *[info for info in infos if info not in own]][:MOST]
    tiles = sorted(map(_tile, shown), key=lambda tile: tile["picture"] is None)
    if st.session_state.pop(_WANTS_TO_DRAW, False):
        st.session_state[KIND] = "joint"
        st.switch_page(Path(__file__).parents[1] / "data" / "page.py")
    _component(
        data={"chosen": chosen, "tiles": tiles, "drawing": DRAW},
        key="gallery",
        on_chosen_change=_choose,
    )


def _tile(info: DatasetInfo) -> dict[str, Any]:
    return {
        "name": info.name,
        "title": info.title,
        "description": info.description,
        "picture": _picture(info.name, not info.needs_download),
    }


def _choose() -> None:
    chosen = st.session_state["gallery"]["chosen"]
    if chosen == DRAW["name"]:
        st.session_state[_WANTS_TO_DRAW] = True
    else:
        st.session_state[PREFIX + "dataset"] = chosen
