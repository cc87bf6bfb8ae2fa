"""A loss curve that keeps its canvas, its zoom and its hidden series while its data grow.

Every chart element of Streamlit replaces its options or is mounted anew when its data change, and
a zoom is lost with them. This component draws what `made.plots.live_curve` returns on a canvas of
its own: drag a rectangle to zoom, double-click to see all again, Ctrl and wheel (or pinch), the
buttons, or the keys + - 0 and the arrows. The plain wheel still scrolls the page.
"""

from pathlib import Path
from typing import Any

from pages.shared.component import component

_FOLDER = Path(__file__).parent
_component = component(_FOLDER, "live_chart", _FOLDER / "live_chart_drawing.js")


def live_chart(curve: dict[str, Any], *, key: str, alt: str, height: int = 340) -> None:
    """Show a curve of `made.plots.live_curve`; one key, one canvas: name the run in it.

    alt: the curve in a sentence, for those who do not see it. height in pixels.
    """
    _component(data={**curve, "alt": alt, "height": height}, key=key)
