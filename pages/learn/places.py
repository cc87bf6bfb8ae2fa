"""Where a chapter stands: words, controls and steps left, what is played with right."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.shared.frame import is_narrow


class Places(NamedTuple):
    """words: what is read; controls: what the playground is steered by; steps: what is to be done;
    picture: the playground itself.
    """

    words: DeltaGenerator
    controls: DeltaGenerator
    steps: DeltaGenerator
    picture: DeltaGenerator


def learn_places() -> Places:
    """On a phone the picture stands between the words and the controls."""
    if is_narrow():
        words, picture = st.container(gap="small"), st.container(gap="xsmall")
        return Places(words, st.container(gap="small"), st.container(gap="small"), picture)
    left, right = st.columns([3, 8], gap="medium")
    return Places(
        left.container(gap="small"),
        left.container(gap="small"),
        left.container(gap="small"),
        right.container(gap="xsmall"),
    )
