"""The matrix of a comparison: pictures, figures, curves and one slider through all their epochs.

What `made.views.matrix` returns is sent once; moving through the epochs, playing them as a film and
looking at one cell happen in the browser, which tells who asks where the slider has come to rest.
Keys: the arrows on the slider or on a cell, and space.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared.frame import is_presenting

_HTML = """
<div class="board">
  <div class="head"><span class="measure"></span><span class="scale"></span></div>
  <div class="stage">
    <div class="matrix"></div>
    <aside class="closer" hidden></aside>
  </div>
  <div class="time">
    <div class="player">
      <button class="play" aria-label="Play through the epochs"></button>
      <div class="now"><b></b><span>drag, or ← → keys</span></div>
    </div>
    <div class="jumps" role="group" aria-label="Epoch">
      <button data-to="first">First</button><button data-to="best">Best</button
      ><button data-to="last">Last</button>
    </div>
    <input class="slider" type="range" step="1" aria-label="Epoch">
    <div class="about"></div>
    <div class="chart"></div>
  </div>
  <p class="live" aria-live="polite"></p>
</div>
"""


_PARTS = (
    "matrix_chart.js",
    "matrix_cells.js",
    "matrix_closer.js",
    "matrix_layout.js",
    "matrix.js",
)


def _text(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


_component = st.components.v2.component(
    "made_matrix",
    html=_HTML,
    css=_text("matrix.css"),
    js="".join(map(_text, _PARTS)),
)


def show_matrix(content: dict[str, Any], *, key: str) -> None:
    """Show what `made.views.matrix` returns; one key, one place in time and one chosen cell."""
    _component(data={**content, "isPresented": is_presenting()}, key=key)


def show_telling_matrix(content: dict[str, Any], *, key: str, begin: Any) -> Any:
    """As `show_matrix`; returns the epoch at which its slider has come to rest, or "best".

    What a browser tells is not to be trusted. Whatever stands around this, a fragment as a rule, is
    drawn again when the slider rests. begin: where it stands when the matrix is first drawn.
    """
    content = {**content, "isPresented": is_presenting(), "isTelling": True, "begin": begin}
    return _component(data=content, key=key, on_moment_change=lambda: None).moment


def moment_told(key: str) -> Any:
    """What the matrix of a key has told last; None before it was shown."""
    return st.session_state.get(key, {}).get("moment")
