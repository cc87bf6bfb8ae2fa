"""Undo, redo and reset of the set-up: a change of controls, by hand or by a preset, is one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from made.base.text import first_few
from made.setups.config import FIELDS, field_title
from made.setups.history import History
from made.setups.presets import load_presets
from pages.shared.setup import PREFIX, PRESET_BASE, control_values, set_controls

MOST_NAMED = 3
_HISTORY = "setup_history"


def remember() -> History:
    """Note the set-up as its controls stand, before they are drawn on a run of the page."""
    state = {name: st.session_state[PREFIX + name] for name in FIELDS}
    history: History = st.session_state.setdefault(_HISTORY, History(state))
    history.note(state)
    return history


def step_buttons(history: History) -> None:
    """Three buttons in a row, each with its key and with what it would change."""
    base = load_presets().get(st.session_state.get(PRESET_BASE, ""))
    start = control_values(base.config) if base else history.origin
    origin = f"the preset “{base.title}”" if base else "what this page was opened with"
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="small"):
        undone, redone = _named(history.undone()), _named(history.redone())
        _button("undo", "Undo", "Z", f"Takes back: {undone}.", history.undo, undone)
        _button("redo", "Redo", "Y", f"Makes again: {redone}.", history.redo, redone)
        is_changed = history.now != start
        _button("reset", "Reset", "X", f"Goes back to {origin}.", lambda: start, is_changed)


def _button(
    icon: str,
    label: str,
    keys: str,
    words: str,
    step: Callable[[], Mapping[str, Any]],
    is_open: object,
) -> None:
    st.button(
        label,
        type="tertiary",
        icon=f":material/{ICONS[icon]}:",
        key=f"setup_{icon}",
        shortcut=keys,
        help=words if is_open else "Nothing to change.",
        disabled=not is_open,
        on_click=lambda: set_controls(step()),
    )


def _named(fields: list[str]) -> str:
    return first_few([field_title(name) for name in fields], MOST_NAMED) if fields else ""


ICONS = {"undo": "undo", "redo": "redo", "reset": "restart_alt"}
