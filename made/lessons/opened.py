"""The small network opened to its numbers: all that its drawing is sent, at once.

The drawing calculates nothing. It gets every value at all eight inputs, every weight with its rule,
and writes what stands between dollar signs as mathematics.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np

from made.lessons import rules
from made.lessons.numbers import number, probability, slope
from made.lessons.small_network import SmallNetwork
from made.lessons.three_bits import STATES, entropy

# What the drawing says besides, in each of the two chapters.
COPYING = {
    "byDegree": False,
    "functions": r"Inputs below, answers above: $\hat x = \sigma(V\, \tanh(W x + b) + c)$",
    "hint": "Click an input to flip it; click a unit or a weight for its numbers.",
    "inputHint": "A click flips this input, and every number above it moves.",
    "carryHint": "The weight times the value below it: this is what it passes on.",
    "alt": "A network of 3 inputs, 4 hidden units and 3 outputs without masks; every unit shows "
    "its value. Arrow keys move between the units, Enter flips an input or opens a unit.",
}
MASKS = {
    "byDegree": True,
    "hint": "Click a number in the middle to change its degree, an output to see its paths. Point "
    "at a weight, or at its cell in a matrix, for the rule that keeps or removes it.",
    "inputHint": "The number is its place in the ordering. A click flips its value.",
    "carryHint": "",
    "alt": "A network of 3 inputs, 4 hidden units and 3 outputs under masks; every unit shows its "
    "degree, removed weights are dotted. Arrow keys move between the units, Enter flips an input, "
    "changes a degree or selects an output; weights are reached in the matrices beside it.",
}

RULES = [r"Into hidden units: keep if $m(k) \ge d$.", "Into outputs: keep if $d > m(k)$."]
NODE_TITLES = {
    "h": "A hidden unit squeezes a weighted sum and its bias by the tanh:",
    "o": r"An output makes a probability of a weighted sum and its bias by the sigmoid:",
}


@lru_cache(maxsize=64)
def opened(network: SmallNetwork) -> dict[str, Any]:
    """Values at all eight inputs, weights with their rules, matrices, and what they prove.

    One answer for all who ask: nobody may change it.

    Matrices have a row for each unit from which a weight or a path comes, and a column for each to
    which it leads, as they are printed: the masks of `SmallNetwork` transposed.
    """
    setting, sequence = network.setting, network.setting.mask_set().ordering.sequence
    hidden, outputs = network.hidden(STATES), network.outputs(STATES)
    places = [place + 1 for place in setting.position]
    return {
        "degrees": {"x": places, "h": list(setting.degrees), "o": places},
        "sequence": [int(index) for index in sequence],
        "values": {
            "x": [[f"{value:.0f}" for value in state] for state in STATES],
            "h": [[number(value) for value in state] for state in hidden],
            "o": [[probability(value) for value in state] for state in outputs],
        },
        "sums": {"h": _hidden_sums(network), "o": _output_sums(network)},
        "first": _first_weights(network),
        "second": _second_weights(network),
        "paths": network.paths.T.tolist(),
        "forbidden": network.forbidden.T.tolist(),
        "jacobians": [
            [[slope(value) for value in row] for row in matrix.T]
            for matrix in network.jacobian(STATES)
        ],
        "depends": [rules.dependence(network, d) for d in range(len(outputs.T))],
        "functions": rules.functions(network),
        "isMasked": setting.is_masked,
        "badge": badge(network),
        "rules": RULES,
        "nodeTitles": NODE_TITLES,
    }


def copy_badge(network: SmallNetwork) -> dict[str, Any]:
    """What an autoencoder without masks does: it copies."""
    return {
        "isGood": False,
        "title": f"A copy at {network.num_copied} of {len(STATES)} inputs",
        "lines": [
            f"Its loss is {network.loss:.4f} nats. It knows nothing of the data: each output only "
            "repeats its input.",
        ],
    }


def badge(network: SmallNetwork) -> dict[str, Any]:
    """Whether the network is autoregressive: proved by the masks and measured by the Jacobian."""
    if network.is_autoregressive_by_masks and network.is_autoregressive_as_measured:
        return {
            "isGood": True,
            "title": "Autoregressive",
            "lines": [
                "Proved by the masks: every path runs above the diagonal.",
                "Measured by the Jacobian: on and below the diagonal exactly 0, at all 8 inputs.",
            ],
        }
    output, leak = network.largest_leak
    name = output + 1
    return {
        "isGood": False,
        "title": "Not autoregressive",
        "lines": [
            "Masks: there are paths on and below the diagonal.",
            rf"Jacobian: $\partial \hat x_{name} / \partial x_{name}$ is up to {leak:.2f}.",
        ],
    }


def figures(network: SmallNetwork) -> list[tuple[str, str]]:
    """Titles and figures: the exact loss, and the sum over all states, four digits each."""
    is_density = network.is_autoregressive_by_masks
    loss = f"{network.loss:.3f}" if network.loss >= 0.1 else f"{network.loss:.4f}"
    return [
        ("NLL (nats, exact)" if is_density else "“NLL” (nats)", loss),
        (r"$\sum_x p(x)$, all 8 states", f"{network.total:.3f}"),
    ]


def loss_line(network: SmallNetwork) -> str:
    """What the exact loss is to be held against."""
    floor, loss = entropy(), network.loss
    if not network.is_autoregressive_by_masks:
        return (
            f"What sums to {network.total:.3f} is no probability: the loss is so low because each "
            "output reads its answer."
        )
    if loss - floor < 0.0005:
        return f"The data's entropy is {floor:.3f}: no density is lower."
    return (
        f"{loss - floor:.3f} above the data's entropy, {floor:.3f}: what the masks hide costs it."
    )


def _hidden_sums(network: SmallNetwork) -> list[list[str]]:
    """h_k = tanh(weight · input + … + bias) with its numbers, at every input."""
    kept, _ = network.masks
    before, after = network.before_hidden(STATES), network.hidden(STATES)
    return [
        [
            _sum(
                rf"h_{k + 1}",
                r"\tanh",
                zip(network.first[k, kept[k]], state[kept[k]], strict=True),
                network.first_bias[k],
                before[s, k],
                number(after[s, k]),
            )
            for k in range(len(network.first))
        ]
        for s, state in enumerate(STATES)
    ]


def _output_sums(network: SmallNetwork) -> list[list[str]]:
    """x̂_d = sigmoid(weight · unit + … + bias) with its numbers, at every input."""
    _, kept = network.masks
    hidden, before, after = (
        network.hidden(STATES),
        network.logits(STATES),
        network.outputs(STATES),
    )
    return [
        [
            _sum(
                rf"\hat x_{d + 1}",
                r"\sigma",
                zip(network.second[d, kept[d]], hidden[s, kept[d]], strict=True),
                network.second_bias[d],
                before[s, d],
                probability(after[s, d]),
            )
            for d in range(len(network.second))
        ]
        for s in range(len(STATES))
    ]


def _sum(
    name: str,
    function: str,
    terms: Iterable[tuple[float, float]],
    bias: float,
    before: float,
    after: str,
) -> str:
    parts = [rf"{number(weight)} \cdot {_bracketed(value)}" for weight, value in terms]
    inside = " + ".join([*parts, number(bias)]).replace("+ -", "- ")
    short = "" if not parts else rf" = {function}({number(before)})"
    return rf"${name} = {function}({inside}){short} = {after}$"


def _bracketed(value: float) -> str:
    shown = f"{value:.0f}" if value in (0.0, 1.0) else number(value)
    return f"({shown})" if value < 0 else shown


def _first_weights(network: SmallNetwork) -> list[list[dict[str, Any]]]:
    """Rows: inputs; columns: hidden units."""
    return [
        [
            _weight(
                network.first[k, j],
                STATES[:, j],
                rules.rule_into_hidden(network.setting, k, j),
            )
            for k in range(len(network.first))
        ]
        for j in range(network.first.shape[1])
    ]


def _second_weights(network: SmallNetwork) -> list[list[dict[str, Any]]]:
    """Rows: hidden units; columns: outputs."""
    hidden = network.hidden(STATES)
    return [
        [
            _weight(
                network.second[d, k],
                hidden[:, k],
                rules.rule_into_output(network.setting, d, k),
            )
            for d in range(len(network.second))
        ]
        for k in range(network.second.shape[1])
    ]


def _weight(weight: float, values: np.ndarray, rule: rules.Rule) -> dict[str, Any]:
    """carries: weight · value = what arrives, at every input; nothing for a removed weight."""
    carries = [
        rf"${number(weight)} \cdot {_bracketed(value)} = {number(weight * value)}$"
        for value in values
    ]
    return {
        **rule._asdict(),
        "weight": number(weight) if rule.kept else "",
        "carries": carries if rule.kept else [],
    }
