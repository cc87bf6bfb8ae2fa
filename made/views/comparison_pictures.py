"""What the models of several runs draw, side by side on one scale and from the same seed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import plotly.graph_objects as go

from made import plots
from made.datasets import DatasetInfo
from made.plots import log_ratio_values
from made.plots.densities import Panel, block_sum
from made.runs.folder import Run
from made.views.pictures import Picture, rows_as_picture

ACROSS = 4
POINTS = (1_000, 10_000, 100_000, 1_000_000)
ROWS = (16, 36, 64, 100)
SHOWN_SHARE = 0.98


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """What one model draws. For a 2-D joint density and histogram, each (K, K) and summing to 1;
    else samples (N, D). epoch: of what a run that still trains has kept, None for its best weights.
    """

    name: str
    density: np.ndarray | None = None
    histogram: np.ndarray | None = None
    samples: np.ndarray | None = None
    reconstructions: np.ndarray | None = None
    epoch: int | None = None

    @property
    def title(self) -> str:
        return self.name if self.epoch is None else f"{self.name}, epoch {self.epoch}"


def drawing(name: str, arrays: dict[str, np.ndarray], epoch: int | None = None) -> Drawing:
    """A drawing from the arrays that a run keeps or a model draws; counts become frequencies."""
    counts = arrays.get("histogram")
    return Drawing(
        name=name,
        density=arrays.get("density"),
        histogram=None if counts is None else counts / max(int(counts.sum()), 1),
        samples=arrays.get("samples"),
        reconstructions=arrays.get("reconstructions"),
        epoch=epoch,
    )


def draw_best(run_id: str, num_samples: int, seed: int) -> dict[str, np.ndarray]:
    """Arrays drawn from the best weights of a run. Raises MadeError; waits for torch."""
    from made.views import inference

    drawn = inference.draw(run_id, num_samples=num_samples, seed=seed)
    if drawn.histogram is None:
        return {"samples": drawn.samples}
    density = inference.exact_density(run_id) if drawn.density is None else drawn.density
    arrays = {"histogram": drawn.histogram, "density": density}
    return {name: array for name, array in arrays.items() if array is not None}


def latest(run: Run) -> tuple[dict[str, np.ndarray], int | None]:
    """What a run that still trains drew last, and after which epoch; empty before the first."""
    epochs = run.sample_epochs()
    return (run.samples(epochs[-1]), epochs[-1]) if epochs else ({}, None)


def density_rows(
    truth: np.ndarray | None, drawings: Sequence[Drawing], kind: str
) -> list[list[Panel]]:
    """Panels of "density" or "histogram", at most `ACROSS` a row and as many in one as in another.

    The truth leads every row, for the first panel of a row sets its colour scale: one for all.
    """
    panels = [
        (drawing.title, getattr(drawing, kind))
        for drawing in drawings
        if getattr(drawing, kind) is not None
    ]
    lead = [] if truth is None else [("Truth", truth)]
    count = math.ceil(len(panels) / (ACROSS - len(lead)))
    edges = [round(row * len(panels) / count) for row in range(count + 1)] if count else []
    return [[*lead, *panels[first:last]] for first, last in pairwise(edges)]


def ratio_figure(panels: Sequence[Panel], clip: float) -> go.Figure:
    """Log-ratio of each model to the truth, which leads the panels and is drawn as a density."""
    (_, truth), *_ = panels
    figure = plots.log_ratio(panels, truth, clip=clip)
    scale = plots.density_panel(panels[:1]).layout.coloraxis
    mass, _ = block_sum(truth)
    figure.data[0].update(
        z=mass.astype(np.float32),
        coloraxis="coloraxis2",
        hovertemplate="x1 = %{y}<br>x2 = %{x}<br>p = %{z:.4g}<extra></extra>",
    )
    figure.update_layout(coloraxis2=scale.to_plotly_json() | {"showscale": False})
    # As narrow a title as that of the densities, so that the panels stand under each other.
    figure.layout.coloraxis.colorbar.title.text = "log-ratio<br>(nats)"
    return figure


def common_clip(truth: np.ndarray, drawings: Sequence[Drawing]) -> float:
    """Where the scale of all log-ratios ends, in nats: what 98 % of the mass stays within.

    Weighted with the mass of model and truth, for where both have next to none the log-ratio is
    huge and without consequence.
    """
    mass, _ = block_sum(truth)
    sizes, weights = [np.zeros(1)], [np.zeros(1)]
    for drawing in drawings:
        if drawing.density is not None:
            model, _ = block_sum(drawing.density)
            ratio = log_ratio_values(model, mass)
            known = np.isfinite(ratio)
            sizes.append(np.abs(ratio[known]))
            weights.append((model + mass)[known])
    size, weight = np.concatenate(sizes), np.concatenate(weights)
    order = np.argsort(size)
    share = np.cumsum(weight[order])
    place = np.searchsorted(share, SHOWN_SHARE * share[-1])
    return float(size[order][min(place, len(size) - 1)]) or 1.0


def tiles(
    drawings: Sequence[Drawing], kind: str, data: np.ndarray | None, info: DatasetInfo, number: int
) -> list[list[Picture]]:
    """The first so many "samples" or "reconstructions" of each model, at most `ACROSS` a row.

    data: training rows (M, D) to stand before them, or None.
    """
    named = [] if data is None else [("Data", "training rows", data)]
    for drawing in drawings:
        rows = getattr(drawing, kind)
        if rows is not None:
            named.append((drawing.title, f"{kind} of {drawing.title}", rows))
    pictures = []
    for title, what, rows in named:
        picture = rows_as_picture(rows[:number], info.image_shape, info.num_categories, what)
        pictures.append(replace(picture, title=title))
    return [pictures[first : first + ACROSS] for first in range(0, len(pictures), ACROSS)]
