"""The matrix of a comparison: pictures, figures, curves and one slider through all their epochs.

What `made.views.matrix` returns is sent once; moving through the epochs, playing them as a film and
looking at one cell happen in the browser, which tells who asks where the slider has come to rest.
Keys: the arrows on the slider or on a cell, and space.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from pages.shared.component import component
from pages.shared.frame import is_presenting

_FOLDER = Path(__file__).parent
_PARTS = ("matrix_chart.js", "matrix_cells.js", "matrix_closer.js", "matrix_layout.js")
_component = component(_FOLDER, "matrix", *(_FOLDER / name for name in _PARTS))


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
