"""Train: choose data and a set-up, press Train, watch it learn."""

import streamlit as st

from made import datasets
from made.setups.checks import no_effect
from pages.shared.setup import link_query, say_corrections, valid_config
from pages.train.controls import draw_controls
from pages.train.gallery import gallery
from pages.train.launch import launch_box
from pages.train.live import live_panel
from pages.train.manage import run_header
from pages.train.mask_panel import mask_picture
from pages.train.presets import preset_box

config = valid_config()
info = datasets.info(config.data)
say_corrections()
gallery()
left, right = st.columns([2, 5], gap="medium")
with left:
    launch_box(config, info, st.session_state["setup_problem"])
    preset_box(config)
    draw_controls(config, info, no_effect(config, info))
with right:
    mask_picture(config, info)
    run = run_header()
    if run is not None:
        live_panel(run)
st.query_params.from_dict(link_query(config, run.id if run else None))
