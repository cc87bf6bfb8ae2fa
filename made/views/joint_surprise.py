"""Surprise in two dimensions: −log p of every place, and how much mass lies on training rows."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from made.base.text import significant
from made.datasets.base import histogram
from made.plots.cells import data_address
from made.plots.densities import block_sum
from made.plots.palette import paint
from made.runs import loading
from made.runs.folder import Run
from made.views import inference, run_views
from made.views.examples import local_data
from made.views.surprise import COLOURS, extremes

MOST = 200  # places across; more are summed in blocks
SUBSCRIPTS = "₁₂"


def has_places(run: Run) -> bool:
    """Whether a run is of two variables whose joint it gives."""
    return run.config.has_density and loading.dataset_info(run).is_joint


def content(run: Run, row: np.ndarray, title: str, mask_set: int) -> dict[str, Any]:
    """What the drawing of a run of two variables shows of one of its rows, integers (2,).

    nats: −log p(x1, x2) of every place, float32 (A, A) in base64, x1 down; first: −log p of the
    variable that comes first in the ordering, nats (A,); the other's share is what is left of the
    sum. side: how many values one place stands for. Raises MadeError.
    """
    density = inference.exact_density(run.id, mask_set=mask_set)
    assert density is not None
    bank = loading.bank_of(run, loading.dataset_info(run))
    first = int(bank.mask_set(mask_set).ordering.sequence[0])
    mass, side = block_sum(density, MOST)
    nats = surprises(mass)
    low, high = float(nats.min()), float(np.quantile(nats, 0.99))
    pixels = paint((nats - low) / max(high - low, 1e-9), COLOURS)
    return {
        "title": title,
        "size": len(mass),
        "side": side,
        "numValues": len(density),
        "cell": int(row[0]) // side * len(mass) + int(row[1]) // side,
        "picture": data_address(pixels),
        "nats": base64.b64encode(nats.astype("<f4").tobytes()).decode(),
        "first": surprises(mass.sum(axis=1 - first)).round(5).tolist(),
        "order": [f"x{SUBSCRIPTS[first]}", f"x{SUBSCRIPTS[1 - first]}"],
        "isFirstDown": first == 0,
        "colours": COLOURS,
        "scale": [significant(low), f"≥ {significant(high)}"],
        "rows": _extreme_cells(run, len(mass), side),
        "mean": (
            f"On average a place drawn by the model surprises by {significant(entropy(density))} "
            "nats, its entropy."
        ),
        "memorised": memorised_line(run, density),
    }


def surprises(mass: np.ndarray) -> np.ndarray:
    """−log of each mass in nats, float64; that of no mass at all is the largest that there is."""
    return -np.log(np.maximum(mass, np.finfo(np.float64).tiny))


def entropy(density: np.ndarray) -> float:
    """−sum p log p of a joint (K, K), in nats."""
    return float((density * surprises(density)).sum())


def mass_on_rows(density: np.ndarray, rows: np.ndarray) -> tuple[float, int]:
    """How much of a joint (K, K) lies on states that are among the rows (N, 2), and their number.

    >>> mass_on_rows(np.array([[0.1, 0.2], [0.3, 0.4]]), np.array([[0, 1], [1, 1], [0, 1]]))
    (0.6000000000000001, 2)
    """
    is_seen = histogram(rows, len(density)) > 0
    return float(density[is_seen].sum()), int(is_seen.sum())


def memorised_line(run: Run, density: np.ndarray) -> str:
    """The mass on training rows of the model beside the true one; "" where the data are gone."""
    data = local_data(run)
    if data is None:
        return "The training rows are not on this machine, so none can be compared with."
    share, number = mass_on_rows(density, data.train)
    said = (
        f"{share:.1%} of the model's mass lies on the {number:,} of {density.size:,} places that "
        "hold a training row"
    )
    truth = run_views.reference(run).joint
    if truth is None:
        return f"{said}."
    true_share, _ = mass_on_rows(truth, data.train)
    excess = share - true_share
    what = (
        "what is too much there is learned by heart" if excess > 0 else "none is learned by heart"
    )
    return f"{said}, and {true_share:.1%} of the true mass: {what}."


def _extreme_cells(run: Run, size: int, side: int) -> dict[str, list[int]]:
    """The places of the most and of the least likely test rows."""
    found, data = extremes(run), local_data(run)
    if found is None or data is None:
        return {}
    cells = {}
    for which, numbers in found.items():
        places = data.test[numbers].astype(np.int64) // side
        cells[which] = sorted(set((places[:, 0] * size + places[:, 1]).tolist()))
    return cells
