"""Two at once: what two runs make of the same random numbers, or one run of two rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from made import plots
from made.base.errors import MadeError
from made.base.text import significant
from made.plots.densities import log_ratio_values
from made.plots.palette import enlarge, paint
from made.runs import loading
from made.runs.folder import Run
from made.views import inference
from made.views.pictures import Picture, rows_as_picture
from made.views.surprise import COLOURS, Surprise
from made.views.variable_names import grid_columns

HEIGHT = 268  # pixels: the densities and their ratio below stand on one screen


@dataclass(frozen=True, eq=False)
class Pair:
    """Pictures side by side, in pairs; a sentence; and for 2-D joints, figures with their alts."""

    pictures: list[tuple[Picture, Picture]]
    said: str
    figures: list[tuple[go.Figure, str]]


def partners(run: Run, listed: list[Run]) -> list[Run]:
    """Other runs of variables of the same kind that have a density and a model to draw from."""
    kind = _kind(run)
    return [
        other
        for other in listed
        if other.id != run.id
        and other.problem is None
        and other.config.has_density
        and other.checkpoints()
        and _kind(other) == kind
    ]


def _kind(run: Run) -> tuple[object, ...] | None:
    try:
        info = loading.dataset_info(run)
    except MadeError:
        return None
    return info.name, info.num_variables, info.num_categories, info.image_shape


def two_runs(first: Run, second: Run, number: int, seed: int) -> Pair:
    """Samples of both from the same random numbers; of 2-D joints also densities and log-ratio."""
    info = loading.dataset_info(first)
    drawn = [inference.draw(run.id, num_samples=number, seed=seed) for run in (first, second)]
    one, other = (each.samples for each in drawn)
    share = float((one != other).mean())
    said = f"From the same random numbers {share:.1%} of all values differ."
    names = [first.label, second.label]
    mine, theirs = (each.density for each in drawn)
    if mine is not None and theirs is not None:
        panels = [(names[0], mine), (names[1], theirs)]
        density = plots.density_panel(panels, height=HEIGHT)
        ratio = [(f"log {names[1]} / {names[0]}", theirs)]
        kl = divergence(mine, theirs)
        said += f" KL(first || second) = {significant(kl)} nats, exact over all states."
        above = plots.log_ratio(ratio, mine, height=HEIGHT)
        above.update_layout(coloraxis_colorbar_title_text="log second / first<br>(nats)")
        alt = (
            f"Log of the second density over the first; mean {significant(-kl)} nats by the first."
        )
        return Pair([], said, [(density, plots.density_alt(panels)), (above, alt)])
    pictures = [
        rows_as_picture(rows, info.image_shape, info.num_categories, f"{len(rows)} samples: {name}")
        for rows, name in zip((one, other), names, strict=True)
    ]
    return Pair([(pictures[0], pictures[1])], said, [])


def divergence(first: np.ndarray, second: np.ndarray) -> float:
    """KL(first || second) in nats of two exact densities (K, K)."""
    ratio = log_ratio_values(second, first)
    return float(-(first * np.where(first > 0, ratio, 0)).sum())


def two_rows(first: Surprise, second: Surprise, titles: tuple[str, str]) -> Pair:
    """Two rows under one run, each over the map of its surprise, both maps on one scale."""
    info = first.info
    rows, maps = [], []
    top = float(max(first.nats.max(), second.nats.max())) or 1.0
    for seen, title in zip((first, second), titles, strict=True):
        shape = info.image_shape
        rows.append(rows_as_picture(seen.row[None], shape, info.num_categories, title))
        said = f"Its surprise: {significant(seen.total)} nats"
        alt = f"{said}, −log p of each variable, on the scale 0 to {significant(top)} nats."
        maps.append(Picture(said, _map(seen, top), alt))
    difference = second.total - first.total
    more = "less" if difference > 0 else "more"
    said = (
        f"The first row is {significant(abs(difference))} nats {more} surprising than the second. "
        f"Both maps end at {significant(top)} nats."
    )
    return Pair([(rows[0], rows[1]), (maps[0], maps[1])], said, [])


def _map(seen: Surprise, top: float) -> np.ndarray:
    columns = grid_columns(seen.info)
    cells = np.zeros(-(-len(seen.nats) // columns) * columns)
    cells[: len(seen.nats)] = seen.nats / top
    return enlarge(paint(cells.reshape(-1, columns), COLOURS), -(-480 // columns))
