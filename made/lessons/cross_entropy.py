"""Binary cross-entropy by hand: what an answer costs, term by term."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from made.lessons.small_network import SmallNetwork
from made.lessons.three_bits import STATES

TARGET = (1, 0, 1)
CANDIDATES = {"A": (0.5, 0.95, 0.25), "B": (0.9, 0.15, 0.95)}


class Bill(NamedTuple):
    """terms: for each variable -log of the probability of its target, nats; cost: their mean."""

    terms: tuple[float, ...]
    cost: float


def bill(target: Sequence[float], answer: Sequence[float]) -> Bill:
    """The terms -(t log a + (1 - t) log(1 - a)) and their mean.

    >>> round(bill((1, 0, 1), (0.9, 0.15, 0.95)).cost, 3)
    0.106
    >>> round(bill((1, 0, 1), (0.5, 0.95, 0.25)).cost, 3)
    1.692
    """
    given = np.where(np.asarray(target, bool), answer, 1 - np.asarray(answer, float))
    terms = -np.log(given)
    return Bill(tuple(terms.tolist()), float(terms.mean()))


def cheaper() -> str:
    """The candidate that costs less."""
    return min(CANDIDATES, key=lambda name: bill(TARGET, CANDIDATES[name]).cost)


def costs(network: SmallNetwork) -> dict[str, Any]:
    """The bills of both candidates, and that of the network's own answer to each of its inputs."""
    return {
        "target": f"The input was $({', '.join(map(str, TARGET))})$. Two answers:",
        "candidates": [
            {
                "name": name,
                "answer": f"$({', '.join(f'{value:g}' for value in answer)})$",
                "isCheaper": name == cheaper(),
                **_written(TARGET, answer, [f"{value:g}" for value in answer]),
            }
            for name, answer in CANDIDATES.items()
        ],
        "own": [
            {
                "title": "The network's own answer",
                **_written(x, answer, [f"{value:.3f}" for value in answer]),
            }
            for x, answer in zip(STATES, network.outputs(STATES), strict=True)
        ],
    }


def _written(
    target: Sequence[float], answer: Sequence[float], shown: Sequence[str]
) -> dict[str, Any]:
    """terms: one line for each variable; mean: their mean, which is the cost."""
    terms, cost = bill(target, answer)
    inside = [value if one else f"(1 - {value})" for one, value in zip(target, shown, strict=True)]
    return {
        "terms": [
            rf"$-\ln {value} = {term:.3f}$" for value, term in zip(inside, terms, strict=True)
        ],
        "mean": f"mean {cost:.3f}",
    }
