"""The masks of the set-up: a verdict beside the controls, and a picture for who wants to look."""

from __future__ import annotations

import streamlit as st

from made import plots
from made.datasets import DatasetInfo
from made.setups.checks import misfit
from made.setups.config import ExperimentConfig
from made.views import ordering_views
from made.views.mask_views import MaskView, mask_view

SHOWN = "show-masks"


def mask_verdict(config: ExperimentConfig, info: DatasetInfo) -> None:
    """What the first mask set cuts off; follows the controls at once."""
    view = _view(config, info)
    if view is None:
        return
    st.caption(f":material/{'check' if view.is_sound else 'warning'}: {view.text}")
    if view.layers:
        st.toggle("Show the masks", key=SHOWN, persist_state="session")


def mask_picture(config: ExperimentConfig, info: DatasetInfo) -> None:
    """The layers of the first mask set, if they were asked for."""
    view = _view(config, info) if config.model.model == "made" else None
    if view is None or not view.layers or not st.session_state.get(SHOWN):
        return
    st.markdown("**Masks of the set-up**: who sees whom in the first mask set")
    st.plotly_chart(plots.mask_picture(view.layers), alt=plots.mask_alt(view.layers))


def _view(config: ExperimentConfig, info: DatasetInfo) -> MaskView | None:
    if misfit(config, info) is not None:
        return None
    masks = ordering_views.masks_of(config, info)
    return mask_view(config.model, masks, info.num_variables, info.image_shape)
