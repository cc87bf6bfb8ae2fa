"""Two cells held against each other, and the conditionals of all of them beside the truth."""

from __future__ import annotations

from typing import Any

import numpy as np

from made.base.text import tick
from made.density.bayes import conditionals, divergences
from made.plots.cells import data_address, density_pixels, difference_pixels
from made.plots.densities import block_sum
from made.studies.grid import Cell
from made.views.cell_pictures import Painter, best_density
from made.views.story import Story

PLACES = 100  # values of x1 and of x2 that a slice has at most; more are summed in blocks


def wipe(story: Story, first: Cell | None, second: Cell | None) -> dict[str, Any] | None:
    """Two pictures for a wipe and their difference; None stands for the truth.

    None where one of them has kept no density.
    """
    one, other = (_density(story, cell) for cell in (first, second))
    if one is None or other is None:
        return None
    painter = Painter(kind="density", info=story.info, known=story.reference)
    change = np.abs(one - other)
    clip = float(np.quantile(change[change > 0], 0.995)) if change.any() else 1.0
    return {
        "names": [_name(first), _name(second)],
        "pictures": [data_address(density_pixels(mass, painter.top, 400)) for mass in (one, other)],
        "difference": data_address(difference_pixels(one - other, clip)),
        "limit": tick(clip),
    }


def slices(story: Story) -> dict[str, Any] | None:
    """p(x2 | x1 = a) of the truth and of each cell for every a; None where there is no truth.

    Of each: (A, A) with rows a, as heights 0 … 1 of the highest of the truth in that row, so that
    the browser draws without arithmetic; and the KL of each row in nats.
    """
    truth = story.reference.joint
    if truth is None:
        return None
    rows, side = block_sum(truth, PLACES)
    base = conditionals(rows, given=0)
    tops = base.max(axis=1, keepdims=True) * 1.6
    series = []
    for cell in story.grid.cells:
        density = best_density(cell)
        if density is None:
            continue
        model = conditionals(block_sum(density, PLACES)[0], given=0)
        series.append(
            {
                "name": cell.name,
                "isBest": cell in story.verdict.winners,
                "heights": _heights(model, tops),
                "kl": [round(value, 5) for value in divergences(base, model).tolist()],
            }
        )
    return {
        "truth": _heights(base, tops),
        "series": series,
        "side": side,
        "mass": [round(float(value), 6) for value in rows.sum(axis=1)],
        "numValues": int(truth.shape[0]),
    }


def _density(story: Story, cell: Cell | None) -> np.ndarray | None:
    return story.reference.joint if cell is None else best_density(cell)


def _name(cell: Cell | None) -> str:
    return "Truth" if cell is None else cell.name


def _heights(rows: np.ndarray, tops: np.ndarray) -> list[list[float]]:
    return np.minimum(rows / tops, 1).round(3).tolist()
