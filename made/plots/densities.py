"""Two-dimensional joints: heat maps on one colour scale, differences to the truth, marginals.

A joint has shape (K, K), joint[x1, x2]; x1 runs downwards like the rows of a picture.
"""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from made.base.text import significant, tick
from made.datasets.base import histogram
from made.plots.palette import (
    DATA,
    DIVERGING,
    MISSING,
    SEQUENTIAL,
    colorscale,
    enlarge,
    neutral,
    paint,
)

DISPLAY_LIMIT = 250
Panel = tuple[str, np.ndarray]


def joint_histogram(samples: np.ndarray, num_categories: int) -> np.ndarray:
    """Relative frequencies of the samples (N, 2) as a joint (K, K) that sums to 1."""
    return histogram(np.asarray(samples), num_categories) / max(len(samples), 1)


def block_sum(joint: np.ndarray, limit: int = DISPLAY_LIMIT) -> tuple[np.ndarray, int]:
    """The joint in square blocks, as few as are needed for at most `limit` rows; and their side.

    Mass is added up, so the coarse joint sums to the same total.
    """
    joint = np.asarray(joint, dtype=np.float64)
    side = -(-max(joint.shape) // limit)
    if side == 1:
        return joint, 1
    rows = np.add.reduceat(joint, np.arange(0, joint.shape[0], side), axis=0)
    return np.add.reduceat(rows, np.arange(0, joint.shape[1], side), axis=1), side


def top_of_scale(joint: np.ndarray) -> float:
    """Where the density scale ends: the 99.5th percentile of the cells that hold mass."""
    joint = np.asarray(joint, dtype=np.float64)
    mass = joint[np.isfinite(joint) & (joint > 0)]
    return float(np.percentile(mass, 99.5)) if mass.size else 1.0


def density_panel(
    panels: Sequence[Panel], *, limit: int = DISPLAY_LIMIT, height: int = 320
) -> go.Figure:
    """Joints side by side on one colour scale, which the first of them (the data) sets.

    More than `limit` categories are shown in blocks, and the titles say so.
    """
    coarse = [block_sum(joint, limit) for _, joint in panels]
    titles = [_title(title, side) for (title, _), (_, side) in zip(panels, coarse, strict=True)]
    figure = _side_by_side(titles, height)
    top = top_of_scale(coarse[0][0])
    for column, (joint, side) in enumerate(coarse, start=1):
        what = "p" if side == 1 else f"mass of {side} × {side} cells"
        _add_heatmap(figure, joint.astype(np.float32), side, column, f"{what} = %{{z:.4g}}")
    figure.update_layout(
        coloraxis={
            "colorscale": colorscale(SEQUENTIAL),
            "cmin": 0,
            "cmax": top,
            "colorbar": _colorbar(
                "mass / cell", [0, top / 2, top], ["0", tick(top / 2), f"≥ {tick(top)}"]
            ),
        }
    )
    return figure


def density_pictures(
    panels: Sequence[Panel], *, pixels: int = 320, limit: int = DISPLAY_LIMIT
) -> list[tuple[str, np.ndarray]]:
    """The same panels as plain pictures, uint8 (H, W, 3), at least `pixels` wide.

    For what changes while a run trains: a picture is replaced without being mounted anew.
    """
    coarse = [block_sum(joint, limit) for _, joint in panels]
    top = top_of_scale(coarse[0][0])
    return [
        (_title(title, side), enlarge(paint(joint / top), -(-pixels // joint.shape[1])))
        for (title, _), (joint, side) in zip(panels, coarse, strict=True)
    ]


def density_alt(panels: Sequence[Panel]) -> str:
    """The density panels in a sentence, with where each has its largest mass."""
    parts = []
    for title, joint in panels:
        x1, x2 = np.unravel_index(int(np.nanargmax(joint)), joint.shape)
        parts.append(f"{title}: largest mass {significant(joint[x1, x2])} at x1 {x1}, x2 {x2}")
    size = panels[0][1].shape[0]
    return f"Joint of x1 and x2, {size} × {size} cells, one colour scale. " + "; ".join(parts) + "."


def log_ratio_values(model: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """log(model / truth) in nats; NaN where the truth is zero, -inf where only the model is."""
    model, truth = np.asarray(model, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    ratio = np.full(truth.shape, np.nan)
    np.divide(model, truth, out=ratio, where=truth > 0)
    with np.errstate(divide="ignore"):
        return np.log(ratio)


def log_ratio(
    panels: Sequence[Panel],
    truth: np.ndarray,
    *,
    limit: int = DISPLAY_LIMIT,
    clip: float | None = None,
    height: int = 320,
) -> go.Figure:
    """Signed log-ratio of each model to the truth: orange where the model gives too much mass.

    One symmetrical scale for all, centred at zero; it ends at `clip` nats, by default at the 99th
    percentile of all sizes. Cells without true mass are grey.
    """
    true_mass, side = block_sum(truth, limit)
    ratios = [log_ratio_values(block_sum(model, limit)[0], true_mass) for _, model in panels]
    sizes = np.abs(np.concatenate([ratio[np.isfinite(ratio)] for ratio in ratios]))
    clip = clip or (float(np.percentile(sizes, 99)) if sizes.size else 0.0) or 1.0
    figure = _side_by_side([_title(title, side) for title, _ in panels], height)
    for column, ratio in enumerate(ratios, start=1):
        shown = np.maximum(ratio, -1e3).astype(np.float32)  # JSON has no infinity
        _add_heatmap(figure, shown, side, column, "log-ratio = %{z:+.4g} nats")
    figure.update_layout(
        plot_bgcolor=MISSING,
        coloraxis={
            "colorscale": colorscale(DIVERGING),
            "cmin": -clip,
            "cmax": clip,
            "cmid": 0,
            "colorbar": _colorbar(
                "log model / truth<br>(nats)",
                [-clip, 0, clip],
                [f"≤ −{tick(clip)}", "0", f"≥ +{tick(clip)}"],
            ),
        },
    )
    return figure


def log_ratio_alt(panels: Sequence[Panel], truth: np.ndarray) -> str:
    """The log-ratio panels in a sentence: the mean size of each, weighted with the truth."""
    parts = []
    for title, model in panels:
        ratio = np.abs(log_ratio_values(model, truth))
        cells = np.isfinite(ratio)
        mean = float(np.sum(ratio[cells] * truth[cells]) / max(np.sum(truth[cells]), 1e-300))
        parts.append(f"{title}: mean size {significant(mean)} nats")
    return (
        "Log of model over truth; orange where the model gives too much, blue where too little. "
        + "; ".join(parts)
        + "."
    )


def dataset_marginals(
    joint: np.ndarray, *, limit: int = DISPLAY_LIMIT, height: int = 460
) -> go.Figure:
    """A joint with the marginal of x2 above it and the marginal of x1 at its right."""
    coarse, side = block_sum(joint, limit)
    figure = make_subplots(
        rows=2,
        cols=2,
        column_widths=[0.78, 0.22],
        row_heights=[0.22, 0.78],
        shared_xaxes=True,
        shared_yaxes=True,
        horizontal_spacing=0.02,
        vertical_spacing=0.03,
    )
    _add_heatmap(figure, coarse.astype(np.float32), side, 1, "p = %{z:.4g}", row=2)
    places = _places(coarse.shape[0], side)
    bars = {"marker": {"color": DATA, "line": {"width": 0}}, "showlegend": False}
    figure.add_bar(
        x=places,
        y=coarse.sum(axis=0),
        row=1,
        col=1,
        hovertemplate="x2 = %{x}<br>p(x2) = %{y:.4g}<extra></extra>",
        **bars,
    )
    figure.add_bar(
        y=places,
        x=coarse.sum(axis=1),
        row=2,
        col=2,
        orientation="h",
        hovertemplate="x1 = %{y}<br>p(x1) = %{x:.4g}<extra></extra>",
        **bars,
    )
    edge = places[-1] + side / 2
    figure.update_xaxes(title="x2" if side == 1 else f"x2 (blocks of {side})", row=2, col=1)
    figure.update_yaxes(title="x1" if side == 1 else f"x1 (blocks of {side})", row=2, col=1)
    figure.update_yaxes(range=[edge, -0.5], row=2)
    figure.update_xaxes(range=[-0.5, edge], col=1)
    for axes, title, total, row, column in (
        (figure.update_yaxes, "p(x2)", coarse.sum(axis=0), 1, 1),
        (figure.update_xaxes, "p(x1)", coarse.sum(axis=1), 2, 2),
    ):
        top = float(total.max()) or 1.0
        axes(title=title, range=[0, 1.05 * top], tickvals=[0, top], row=row, col=column)
        axes(ticktext=["0", tick(top)], row=row, col=column)
    neutral(figure, height, l=66, r=30, t=10, b=56)
    figure.update_layout(
        width=int(1.06 * height),
        bargap=0,
        coloraxis={
            "colorscale": colorscale(SEQUENTIAL),
            "cmin": 0,
            "cmax": top_of_scale(coarse),
            "showscale": False,
        },
    )
    return figure


def dataset_marginals_alt(joint: np.ndarray) -> str:
    """The joint and its marginals in a sentence."""
    first, second = joint.sum(axis=1), joint.sum(axis=0)
    return (
        f"Joint of x1 and x2, {joint.shape[0]} × {joint.shape[1]} cells, with its marginals; "
        f"x1 is most often {int(first.argmax())} (p = {significant(first.max())}), "
        f"x2 most often {int(second.argmax())} (p = {significant(second.max())})."
    )


def _title(title: str, side: int) -> str:
    return title if side == 1 else f"{title} ({side} × {side} cells added)"


def _places(count: int, side: int) -> np.ndarray:
    return np.arange(count) * side + (side - 1) / 2


def _colorbar(title: str, places: list[float], labels: list[str]) -> dict[str, Any]:
    """Ticks with a sign of order at the ends, because the scale is cut there."""
    return {
        "title": {"text": title, "side": "top", "font": {"size": 13}},
        "thickness": 14,
        "outlinewidth": 0,
        "tickvals": places,
        "ticktext": labels,
        "tickfont": {"size": 13},
    }


def _side_by_side(titles: Sequence[str], height: int) -> go.Figure:
    """Room for pictures under titles, which people may have typed: to plotly text is HTML."""
    shown = [escape(title, quote=False) for title in titles]
    figure = make_subplots(rows=1, cols=len(shown), subplot_titles=shown, horizontal_spacing=0.06)
    figure.update_annotations(font={"size": 15}, yshift=2)
    return neutral(figure, height, l=60, r=10, t=36, b=50)


def _add_heatmap(
    figure: go.Figure, values: np.ndarray, side: int, column: int, hover: str, row: int = 1
) -> None:
    rows, columns = values.shape
    figure.add_heatmap(
        z=values,
        x0=(side - 1) / 2,
        dx=side,
        y0=(side - 1) / 2,
        dy=side,
        coloraxis="coloraxis",
        hovertemplate=f"x1 = %{{y}}<br>x2 = %{{x}}<br>{hover}<extra></extra>",
        row=row,
        col=column,
    )
    across = next(iter(figure.select_xaxes(row=row, col=column)))
    down = next(iter(figure.select_yaxes(row=row, col=column)))
    plain = {"showgrid": False, "zeroline": False, "constrain": "domain", "nticks": 5}
    across.update(title="x2", range=[-0.5, columns * side - 0.5], **plain)
    down.update(range=[rows * side - 0.5, -0.5], **plain)
    if row == 1:
        down.update(scaleanchor=down.anchor, scaleratio=1)
        down.update({"title": "x1"} if column == 1 else {"showticklabels": False})
