"""The colours of every picture, in one place.

Blue is data, orange is model, grey is reference. The tones have at least three to one contrast
with both the light and the dark background, and every use of one comes with a dash, a marker or
a label, so that nothing is told by colour alone.
"""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

DATA = "#3a82d0"
MODEL = "#e0701a"
REFERENCE = "#7d848f"
MODEL_STRONG = ("#9c3d00", "#ffb57a")  # on a light background, on a dark one
CLEAR = "rgba(0, 0, 0, 0)"
MISSING = "rgba(125, 132, 143, 0.55)"

SEQUENTIAL = (
    "#00224e",
    "#123570",
    "#3b496c",
    "#575d6d",
    "#707173",
    "#8a8678",
    "#a59c74",
    "#c3b369",
    "#e1cc55",
    "#fee838",
)
# Places of an ordering, first to last: one hue from light to dark.
PLACES = ("#d9e8f8", "#a3c7ec", "#639fdc", "#2f75bd", "#15498a", "#082550")
DIVERGING = (
    "#0b4a8f",
    "#3a82d0",
    "#7fb0e3",
    "#c2d9f1",
    "#f4f3f0",
    "#f7d9bf",
    "#f0b07c",
    "#e0701a",
    "#96420a",
)


def neutral(figure: go.Figure, height: int, **margin: int) -> go.Figure:
    """The frame of every figure: transparent, so that the page's theme shows; large enough type.

    Without padding, because the theme's own would draw a rim around heat maps.
    """
    figure.update_layout(
        height=height,
        margin={"pad": 0, **margin},
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        font={"size": 14},
    )
    figure.update_xaxes(tickfont={"size": 13}, title_font={"size": 14})
    figure.update_yaxes(tickfont={"size": 13}, title_font={"size": 14})
    return figure


def colorscale(anchors: Sequence[str]) -> list[list[float | str]]:
    """Anchors as plotly wants them: [[0, first], ..., [1, last]], evenly spaced."""
    return [[place, color] for place, color in zip(_places(anchors), anchors, strict=True)]


def paint(values: np.ndarray, anchors: Sequence[str] = SEQUENTIAL) -> np.ndarray:
    """Colours of `values` in [0, 1] (clipped; NaN counts as 0): uint8, shape (..., 3)."""
    channels = np.array([[int(color[i : i + 2], 16) for i in (1, 3, 5)] for color in anchors])
    shades = np.linspace(0, 1, 256)
    table = np.stack(
        [np.interp(shades, _places(anchors), channels[:, c]) for c in range(3)], axis=-1
    )
    levels = np.clip(np.nan_to_num(np.asarray(values, float), posinf=1.0), 0, 1) * 255
    return table.round().astype(np.uint8)[levels.round().astype(np.intp)]


def enlarge(picture: np.ndarray, factor: int) -> np.ndarray:
    """Every pixel of a picture (H, W, ...) as a square of `factor` × `factor`."""
    return picture.repeat(factor, axis=0).repeat(factor, axis=1)


def _places(anchors: Sequence[str]) -> list[float]:
    return [i / (len(anchors) - 1) for i in range(len(anchors))]
