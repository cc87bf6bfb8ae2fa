"""The masks of a run as they are: every layer of a mask set, with degrees and what is dead."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np

from made.base.text import counted, first_few
from made.model.masks import MaskSet
from made.plots.palette import PLACES
from made.runs import loading
from made.runs.folder import Run
from made.views.variable_names import place_name

MOST_CELLS = 256  # along each side; more weights are drawn in blocks
LEGEND = (
    "**Orange** weights are open, grey ones cut. At the edges the **degrees**, from "
    "light, 1, to dark: a unit reads what has no higher degree than its own, an output only "
    "lower ones. **Red** marks dead units and inputs that nothing sees."
)


@dataclass(frozen=True, eq=False)
class Edge:
    """The units along an edge: names, degrees and which of them are dead, all (units,)."""

    names: list[str]
    degrees: np.ndarray
    is_dead: np.ndarray

    def along(self, order: np.ndarray) -> Edge:
        names = [self.names[unit] for unit in order]
        return Edge(names, self.degrees[order], self.is_dead[order])

    def content(self, side: int) -> dict[str, Any]:
        """side: how many units a cell stands for."""
        return {
            "side": side,
            "names": self.names,
            "degrees": self.degrees.tolist(),
            "dead": np.flatnonzero(self.is_dead).tolist(),
        }


@dataclass(frozen=True, eq=False)
class MaskLayers:
    """What the drawing of all layers shows, and what a mask set cuts off, in sentences."""

    content: dict[str, Any]
    sentences: list[str]


def why_none(run: Run) -> str | None:
    """Why a run has no masks to show, or None."""
    config = run.config
    if config.model.model != "made":
        return "Only MADE has masks: this run is a baseline."
    if not config.has_density:
        return "This run has no masks: it is a plain autoencoder, whose weights are all open."
    return None


def mask_layers(run: Run, number: int, *, is_sorted: bool) -> MaskLayers:
    """Mask set `number` of a run. Raises MadeError where its ordering is not known yet."""
    info, model = loading.dataset_info(run), run.config.model
    bank = loading.bank_of(run, info)
    (number,) = bank.checked_indices(number)
    mask_set = bank.mask_set(number)
    report = mask_set.report(model.direct_connections)
    place = mask_set.ordering.position + 1
    variables = [place_name(info, d) for d in range(info.num_variables)]
    inputs = Edge(variables, place, _among(report.unseen_inputs, len(place)))
    outputs = Edge(variables, place, _among(report.blind_outputs, len(place)))
    hidden = [
        Edge([f"unit {unit + 1}" for unit in range(len(degrees))], degrees, dead)
        for degrees, dead in zip(mask_set.degrees, mask_set.dead_units(), strict=True)
    ]
    masks = list(mask_set.layer_masks())
    edges = [inputs, *hidden, outputs]
    layers = [
        layer(f"Hidden layer {index}", mask, down, across, "≥", is_sorted)
        for index, (mask, down, across) in enumerate(
            zip(masks[:-1], edges[1:-1], edges[:-2], strict=True), start=1
        )
    ]
    if masks:
        layers.append(layer("Output layer", masks[-1], outputs, edges[-2], ">", is_sorted))
    if model.direct_connections:
        direct = mask_set.direct_mask()
        layers.append(layer("Direct connections", direct, outputs, inputs, ">", is_sorted))
    paths = mask_set.paths(model.direct_connections)
    layers.append(layer("All paths together", paths, outputs, inputs, "", is_sorted))
    content = {"layers": layers, "places": PLACES, "highest": len(place)}
    return MaskLayers(content, _sentences(run, mask_set))


def layer(
    title: str, mask: np.ndarray, down: Edge, across: Edge, rule: str, is_sorted: bool
) -> dict[str, Any]:
    """One layer's mask, bool (units, units below), as the drawing gets it.

    share: of each cell, how much of it is open, bytes 0 … 255 in base64; a cell is one weight, or
    a block of several. rule: how the degrees of an open weight compare; "" where none says it.
    is_sorted: units stand along their degrees.
    """
    if is_sorted:
        rows, columns = (np.argsort(edge.degrees, kind="stable") for edge in (down, across))
        mask, down, across = mask[rows][:, columns], down.along(rows), across.along(columns)
    sides = [-(-length // MOST_CELLS) for length in mask.shape]
    share = block_mean(block_mean(mask.astype(np.float64), 0, sides[0]), 1, sides[1])
    # A block of which a little is open is no block of which none is, and none of which all is.
    levels = np.where(share >= 1, 255, np.clip(np.ceil(254 * share), 0, 254)).astype(np.uint8)
    size = f"{mask.shape[1]:,} → {mask.shape[0]:,}, {mask.mean():.1%} open"
    if sides != [1, 1]:
        size += f"; a cell is {sides[0]} × {sides[1]} weights"
    order = "sorted by degree" if is_sorted else "as drawn"
    return {
        "title": title,
        "said": size,
        "alt": f"Mask of {title.lower()}, {order}: {size}; outputs run down, inputs across.",
        "shape": share.shape,
        "share": base64.b64encode(levels.tobytes()).decode(),
        "down": down.content(sides[0]),
        "across": across.content(sides[1]),
        "rule": rule,
    }


def block_mean(values: np.ndarray, axis: int, side: int) -> np.ndarray:
    """Means of `side` neighbours along an axis; the last block may be smaller."""
    starts = np.arange(0, values.shape[axis], side)
    sizes = np.diff(np.append(starts, values.shape[axis]))
    shape = [1] * values.ndim
    shape[axis] = -1
    return np.asarray(np.add.reduceat(values, starts, axis=axis) / sizes.reshape(shape))


def _among(numbers: tuple[int, ...], size: int) -> np.ndarray:
    """bool (size,): which numbers are given."""
    return np.isin(np.arange(size), numbers)


def _sentences(run: Run, mask_set: MaskSet) -> list[str]:
    info, model = loading.dataset_info(run), run.config.model
    report = mask_set.report(model.direct_connections)
    said = []
    for number, (dead, size) in enumerate(
        zip(report.dead_units, model.hidden_sizes, strict=True), start=1
    ):
        if dead:
            said.append(f"{dead:,} of {size:,} units of hidden layer {number} are dead.")
    for variables, what in (
        (report.unseen_inputs, "that nothing sees"),
        (report.blind_outputs, "whose output sees nothing"),
    ):
        if variables:
            named = first_few([place_name(info, d) for d in variables], 6)
            said.append(f"{counted(len(variables), 'variable')} {what}: {named}.")
    return said or ["Every input reaches an output, and no unit is dead."]
