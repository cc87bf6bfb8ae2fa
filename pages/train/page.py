"""Train: choose data and a set-up, press Train, watch it learn."""

import streamlit as st

from made import datasets
from made.people import acting
from made.setups.checks import cautions, no_effect
from made.views.opening import INTRODUCTION, TO_LOOK, TO_TRAIN
from pages.shared.frame import is_presenting, places, write_link
from pages.shared.setup import link_query, say_corrections, valid_config
from pages.train.controls import draw_controls
from pages.train.gallery import gallery
from pages.train.launch import launch_box
from pages.train.live import live_panel
from pages.train.manage import run_header
from pages.train.mask_panel import mask_picture
from pages.train.network import network_panel
from pages.train.presets import preset_box
from pages.train.steps import remember, step_buttons

config = valid_config()
history = remember()
info = datasets.info(config.data)
say_corrections()
if not is_presenting():
    with st.container(gap="xxsmall"):
        st.markdown(INTRODUCTION + (TO_LOOK if acting.refusal("train") else TO_TRAIN))
        gallery()
place = places("Data and set-up")
with place.head:
    launch_box(config, info, st.session_state["setup_problem"])
with place.controls:
    if is_presenting():
        gallery()
    with st.container(gap="xxsmall"):
        network_panel(config, info)
        preset_box(config)
        step_buttons(history)
    draw_controls(config, info, no_effect(config, info), cautions(config, info))
with place.picture:
    mask_picture(config, info)
with place.head if is_presenting() else place.picture:
    run = run_header(config)
with place.picture:
    if run is not None:
        live_panel(run)
write_link(link_query(config, run.id if run else None))
