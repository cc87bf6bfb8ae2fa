"""Masks: the matrices of all layers of a run, each mask set of its cycle."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from made.runs.folder import Run
from made.views import mask_layers
from pages.explore.rows import choose_mask_set
from pages.shared.component import DRAWING, component
from pages.shared.frame import Places
from pages.shared.session import shown_errors

_drawing = component(Path(__file__).parent, "masks", DRAWING)


def show(place: Places, run: Run) -> None:
    """The tool: which mask set and in which order at the left, its layers at the right."""
    if reason := mask_layers.why_none(run):
        place.picture.info(reason, icon=":material/info:")
        return
    with place.controls, shown_errors():
        number = choose_mask_set(run)
        order = st.segmented_control(
            "Units",
            ["sorted", "drawn"],
            default="sorted",
            format_func={"sorted": "Sorted by degree", "drawn": "As drawn"}.__getitem__,
            key="masks-order",
            required=True,
            width="stretch",
            persist_state="session",
            help="Sorted by degree every mask is a staircase; as drawn is how the weights lie.",
        )
        shown = _layers(run.id, number, order == "sorted")
        for sentence in shown.sentences:
            st.markdown(sentence)
        st.caption(mask_layers.LEGEND)
        with place.picture:
            _drawing(data=shown.content, key="masks")


@st.cache_data(max_entries=16, show_spinner="Drawing the masks …")
def _layers(run_id: str, number: int, is_sorted: bool) -> mask_layers.MaskLayers:
    return mask_layers.mask_layers(Run.open(run_id), number, is_sorted=is_sorted)
