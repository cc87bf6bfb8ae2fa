"""A loss curve that keeps its canvas, its zoom and its hidden series while its data grow.

Every chart element of Streamlit replaces its options or is mounted anew when its data change, and
a zoom is lost with them. This component draws what `made.plots.live_curve` returns on a canvas of
its own: drag a rectangle to zoom, double-click to see all again, Ctrl and wheel (or pinch), the
buttons, or the keys + - 0 and the arrows. The plain wheel still scrolls the page.

A browser that has a curve is sent only how it goes on, and asks for the whole if that fails.
"""

from pathlib import Path
from typing import Any

import streamlit as st

from made.plots import Sent
from pages.shared.component import component

_SENT = "sent_"
_FOLDER = Path(__file__).parent
_component = component(_FOLDER, "live_chart", _FOLDER / "live_chart_drawing.js")


def live_chart(curve: dict[str, Any], *, key: str, alt: str, height: int = 340) -> None:
    """Show a curve of `made.plots.live_curve`; one key, one canvas: name the run in it.

    alt: the curve in a sentence, for those who do not see it. height in pixels.
    """
    sent = st.session_state.setdefault(_SENT + key, Sent())
    _component(
        data={**sent.part(curve), "alt": alt, "height": height},
        key=key,
        on_whole_change=lambda: send_whole(key),
    )


def send_whole(key: str) -> None:
    """Let the browser have all of a curve next time: it is drawn anew, or lacks a part."""
    st.session_state.pop(_SENT + key, None)
