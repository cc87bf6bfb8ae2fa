"""Both conditionals of two variables, for every value, as a drawing in the browser gets them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import numpy as np

from made.density.bayes import conditionals, divergences
from made.plots.cells import data_address, density_pixels
from made.plots.densities import block_sum, top_of_scale
from made.views import run_views

if TYPE_CHECKING:
    from made.runs.folder import Run

WORDS = (
    "A click on the density chooses a row, a value of $x_1$, and a column, a value of $x_2$. "
    "Whichever variable the network draws first, both conditionals are exact, by Bayes' rule:\n\n"
    "$$p(x_1 \\mid x_2) = \\frac{p(x_1, x_2)}{\\sum_{x_1'} p(x_1', x_2)}$$\n\n"
    "Blue is the truth, orange the model."
)
MOST = 200  # values of each variable; more are summed in blocks


def content(density: np.ndarray, truth: np.ndarray | None) -> dict[str, Any]:
    """A model's joint p(x1, x2), (K, K), as a picture, and p(x2 | x1) and p(x1 | x2) over truth.

    Each table of conditionals, (A, A) with rows for the value that is given, is float32 in base64.
    kl: of each row KL(truth || model) in nats. side: how many values one place stands for.
    """
    mass, side = block_sum(density, MOST)
    true_mass = None if truth is None else block_sum(truth, MOST)[0]
    top = top_of_scale(mass if true_mass is None else true_mass)
    return {
        "size": len(mass),
        "side": side,
        "numValues": len(density),
        "picture": data_address(density_pixels(mass, top, len(mass))),
        "start": int(mass.argmax()),
        "given": [_given(mass, true_mass, axis) for axis in (0, 1)],
        "alt": (
            f"Density of the model, {len(mass)} × {len(mass)} places, x1 down and x2 to the right. "
            "Arrow keys choose a row and a column."
        ),
    }


def truth(run: Run) -> np.ndarray | None:
    """The true joint as the run kept it, (K, K); None where it is not known."""
    return run_views.reference(run).joint


def _given(mass: np.ndarray, truth: np.ndarray | None, axis: int) -> dict[str, Any]:
    model = conditionals(mass, axis)
    known: dict[str, Any] = {"model": _packed(model), "truth": None, "kl": None}
    if truth is not None:
        base = conditionals(truth, axis)
        has_mass = truth.sum(axis=1 - axis) > 0
        kl = divergences(base, model)
        known["truth"] = _packed(base)
        known["kl"] = [
            float(f"{value:.4g}") if there else None
            for value, there in zip(kl, has_mass, strict=True)
        ]
    return known


def _packed(table: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(table, "<f4").tobytes()).decode()
