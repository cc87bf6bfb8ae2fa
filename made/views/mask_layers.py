"""The masks of a run as they are: every layer of a mask set, with degrees and what is dead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from made.base.text import counted, first_few
from made.model.masks import MaskSet
from made.plots.mask_layers import Edge, mask_layer
from made.runs import loading
from made.runs.folder import Run
from made.views.pictures import Picture
from made.views.variable_names import place_name

LEGEND = (
    ":orange[**Orange**] weights are open, grey ones cut. At the edges the **degrees**, from "
    "light, 1, to dark: a unit reads what has no higher degree than its own, an output only "
    "lower ones. :red[**Red**] marks dead units and inputs that nothing sees."
)


@dataclass(frozen=True, eq=False)
class MaskLayers:
    """The pictures of all layers, and what a mask set cuts off, in sentences."""

    pictures: list[Picture]
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
    place = mask_set.ordering.position + 1
    paths = mask_set.paths(model.direct_connections)
    report = mask_set.report(model.direct_connections)
    unseen = np.zeros(len(place), bool)
    unseen[list(report.unseen_inputs)] = True
    blind = np.zeros(len(place), bool)
    blind[list(report.blind_outputs)] = True
    inner = zip(mask_set.degrees, mask_set.dead_units(), strict=True)
    edges = [Edge(place, unseen), *(Edge(*each) for each in inner), Edge(place, blind)]
    masks = list(mask_set.layer_masks())
    names = [f"Hidden layer {index}" for index in range(1, len(masks))]
    titles = [*names, "Output layer"] if masks else []
    layers = list(zip(titles, masks, edges[1:], edges[:-1], strict=True)) if masks else []
    if model.direct_connections:
        layers.append(("Direct connections", mask_set.direct_mask(), edges[-1], edges[0]))
    layers.append(("All paths together", paths, edges[-1], edges[0]))
    highest = len(place)
    pictures = []
    for title, mask, down, across in layers:
        pixels, sides = mask_layer(mask, down, across, highest, is_sorted=is_sorted)
        size = f"{mask.shape[1]:,} → {mask.shape[0]:,}, {mask.mean():.1%} open"
        cells = "" if sides == (1, 1) else f", a cell is {sides[0]} × {sides[1]} weights"
        order = "sorted by degree" if is_sorted else "as drawn"
        alt = f"Mask of {title.lower()}, {order}: {size}; outputs run down, inputs across."
        pictures.append(Picture(f"{title}: {size}{cells}", pixels, alt))
    return MaskLayers(pictures, _sentences(run, mask_set))


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
