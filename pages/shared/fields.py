"""Widgets for fields of the configuration: their words and bounds come from the field itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from made.setups.config import field_bounds, field_help, field_label

LARGEST_IN_A_BROWSER = 2**53 - 1  # up to which it counts in whole numbers
# By how much one press of a button changes a number; a whole step makes a whole number.
STEPS = {
    "num_samples": 10_000,
    "grid_size": 10,
    "dropout": 0.05,
    "batch_size": 32,
    "learning_rate": 1e-4,
    "warm_up": 0.05,
    "ema_decay": 0.001,
    "weight_decay": 1e-4,
    "gradient_clip": 0.5,
}


def field_words(name: str, off: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Label and help of the widget of a field, for any widget.

    off: the fields without effect, each with its reason; such a widget cannot be used.
    """
    reason = (off or {}).get(name)
    return {
        "label": field_label(name),
        "help": f"**Off here.** {reason}" if reason else field_help(name),
        "disabled": reason is not None,
        "persist_state": "session",
    }


def number_field(name: str, **words: Any) -> Any:
    """A number within the bounds of its field. words: its key, and what `field_words` gives."""
    low, high = field_bounds(name)
    step = STEPS.get(name, 1)
    limits: dict[str, Any]
    if isinstance(step, int):
        limits = {"min_value": low, "max_value": min(high, LARGEST_IN_A_BROWSER), "format": None}
    else:
        limits = {"min_value": float(low), "max_value": float(high), "format": "%g"}
    return st.number_input(**words, **limits, step=step)
