"""What becomes of a drawing: a name, a place among one's own data, and a training on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from made.base.errors import MadeError
from made.datasets.settings import DataConfig
from made.views import drawing, upload_views
from pages.data.upload_form import added
from pages.shared.person import why_not
from pages.shared.plain_text import plain
from pages.shared.setup import PREFIX, seed_from_link

KIND = "data_drawing"  # which kind of drawing the Data page shows: "joint", "pictures" or None


def save_box(kind: str, keep: Callable[[str], str]) -> None:
    """Name, Train on it, Save, and the way back to the datasets.

    keep: keeps the drawing under a label and returns its dataset name. Raises MadeError.
    """
    refused = why_not("upload")
    label = st.text_input("Name", drawing.NAMES[kind], max_chars=80, key=f"drawn_{kind}_name")
    with st.container(horizontal=True):
        is_trained = st.button(
            "Train on it",
            type="primary",
            icon=":material/play_circle:",
            key=f"train_{kind}",
            disabled=refused is not None,
            help=refused or "Saves it and takes it to the Train page.",
        )
        is_saved = st.button(
            "Save",
            icon=":material/save:",
            key=f"save_{kind}",
            disabled=refused is not None,
            help=refused or "Keeps it among your own datasets and shows it there.",
        )
        st.button(
            "Close", icon=":material/close:", key=f"close_{kind}", on_click=close, type="tertiary"
        )
    if not (is_trained or is_saved):
        return
    try:
        name, was_there = upload_views.kept(keep, label)
    except MadeError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    close()
    added(name, was_there)
    if is_trained:
        take_to_train(DataConfig(dataset=name), ())
    st.rerun()


def close() -> None:
    """Back to the datasets; what was drawn stays on the canvas."""
    st.session_state[KIND] = None


def take_to_train(config: DataConfig, fields: tuple[str, ...]) -> None:
    """Open the Train page with a dataset chosen, and with those of its settings that are named."""
    seed_from_link()
    for field in ("dataset", *fields):
        st.session_state[PREFIX + field] = getattr(config, field)
    st.switch_page(Path(__file__).parents[1] / "train" / "page.py")
