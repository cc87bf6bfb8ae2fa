"""A loss curve that keeps its canvas, its zoom and its hidden series while its data grow.

Every chart element of Streamlit replaces its options or is mounted anew when its data change, and
a zoom is lost with them. This component draws what `made.plots.live_curve` returns on a canvas of
its own: drag a rectangle to zoom, double-click to see all again, Ctrl and wheel (or pinch), the
buttons, or the keys + - 0 and the arrows. The plain wheel still scrolls the page.
"""

from pathlib import Path
from typing import Any

import streamlit as st


def _text(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


_HTML = """
<div class="bar"><div class="legend"></div><div class="buttons">
  <button data-do="in" title="Zoom in (+)" aria-label="Zoom in">+</button>
  <button data-do="out" title="Zoom out (-)" aria-label="Zoom out">−</button>
  <button data-do="reset" title="Show all (0 or double-click)">Show all</button>
</div></div>
<div class="plot"><canvas tabindex="0" role="img"></canvas><div class="tip" hidden></div></div>
"""
_component = st.components.v2.component(
    "made_live_chart",
    html=_HTML,
    css=_text("live_chart.css"),
    js=_text("live_chart_drawing.js") + _text("live_chart.js"),
)


def live_chart(curve: dict[str, Any], *, key: str, alt: str, height: int = 340) -> None:
    """Show a curve of `made.plots.live_curve`; one key, one canvas: name the run in it.

    alt: the curve in a sentence, for those who do not see it. height in pixels.
    """
    _component(data={**curve, "alt": alt, "height": height}, key=key)
