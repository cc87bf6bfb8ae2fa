"""The choice of a preset: fills the set-up, says what to expect, and keeps what stood there."""

from __future__ import annotations

import streamlit as st

from made.base.text import first_few
from made.setups.config import ExperimentConfig, field_title
from made.setups.presets import Preset, load_presets, preset_of
from pages.shared.setup import PRESET_BASE, adopt, valid_config

KEY = "preset"
OWN = ""
OWN_SETUP = "own_setup"
MAX_NAMED = 4


def preset_box(config: ExperimentConfig) -> None:
    """Which preset the set-up is, if it is one; what it reaches, or what was changed in it."""
    known = load_presets()
    preset = preset_of(config)
    if preset is not None:
        st.session_state[PRESET_BASE] = preset.name
    st.session_state[KEY] = preset.name if preset else OWN
    st.selectbox(
        "Preset",
        [OWN, *known],
        format_func=lambda name: known[name].title if name else "Own settings",
        key=KEY,
        on_change=_choose,
        help="Sets every control to a known recipe. “Own settings” brings back what was set "
        "before.\n\n" + "\n\n".join(map(_described, known.values())),
    )
    base = known.get(st.session_state.get(PRESET_BASE, OWN))
    if preset is not None:
        st.caption(preset.brief_outlook, help=f"{preset.description} *{preset.outlook}.*")
    elif base is not None:
        st.caption(f"Changed from “{base.title}”: {_changes(config, base)}.")


def _choose() -> None:
    """Take the chosen set-up; the one that it replaces is kept, unless it is a preset as it is."""
    before = valid_config()
    preset = preset_of(before)
    chosen = st.session_state[KEY]
    own = st.session_state.get(OWN_SETUP, ExperimentConfig())
    if preset is None or preset.config != before:
        st.session_state[OWN_SETUP] = before
        if chosen and before != ExperimentConfig():
            st.toast("The settings before are kept: choose “Own settings” to have them back.")
    adopt(load_presets()[chosen].config if chosen else own)


def _described(preset: Preset) -> str:
    return f"**{preset.title}**: {preset.description} *{preset.outlook}*"


def _changes(config: ExperimentConfig, preset: Preset) -> str:
    """Titles of the settings that differ, the first few by name."""
    titles = [field_title(name) for name in config.differences(preset.config)]
    return first_few(titles, MAX_NAMED)
