"""Points of a joint of two variables, drawn one after another: first one variable, then the other.

p(x_1, x_2) = p(x_1) p(x_2 | x_1), or the other way round
"""

from __future__ import annotations

import base64
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from made.plots.palette import SEQUENTIAL

if TYPE_CHECKING:
    from made.density.density import Density

SUBSCRIPTS = ("x₁", "x₂")


def points(density: Density, seed: int, number: int) -> tuple[dict[str, Any], float]:
    """What the drawing needs of so many points, and their mean log p in nats.

    They are those of `density.sample(number, seed=seed)` under the only mask set of the density.
    """
    import torch

    from made.density.likelihood import conditional_tables

    mask_set = density.mask_sets[0]
    generator = torch.Generator().manual_seed(seed)
    torch.rand(number, generator=generator)  # decides the mask sets of a mixture
    uniforms = torch.rand((number, 2), generator=generator).double().numpy()
    sequence = density.network.bank.mask_set(mask_set).ordering.sequence
    drawn = density.sample(number, seed=seed).numpy()[:, sequence]
    tables = [table.double().numpy() for table in islice(
        conditional_tables(density.network, mask_set), 2
    )]  # fmt: skip
    first, second = tables[0][0], tables[1]
    own = np.stack([first[drawn[:, 0]], second[drawn[:, 0], drawn[:, 1]]], axis=1)
    each = own.sum(axis=1)
    means = each.cumsum() / np.arange(1, number + 1)
    log_joint = first[:, None] + second
    exact = float((np.exp(log_joint) * log_joint).sum())
    content = {
        "kind": "plane",
        "numCategories": density.num_categories,
        "names": [SUBSCRIPTS[variable] for variable in sequence.tolist()],
        "isSwapped": int(sequence[0]) == 1,
        "values": drawn.ravel().tolist(),
        "own": [float(f"{p:.6g}") for p in np.exp(own).ravel().tolist()],
        "coins": (uniforms.ravel().round(7)).tolist(),
        "first": _packed(np.exp(first)),
        "second": _packed(np.exp(second)),
        "running": [None, None, *np.repeat(means, 2)[:-1].round(5).tolist()],
        "pointLogs": each.round(5).tolist(),
        "surprises": [],
        "chartTitle": "Mean log p of the points so far (nats)",
        "level": round(exact, 5),
        "bitsPerNat": 1 / float(np.log(2)),
        "colours": list(SEQUENTIAL),
        "note": "",
        "seed": seed,
    }
    return content, float(means[-1])


def _packed(probs: np.ndarray) -> str:
    """Probabilities as little-endian float32, row by row, in base64."""
    return base64.b64encode(np.ascontiguousarray(probs, "<f4").tobytes()).decode()
