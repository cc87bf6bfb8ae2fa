"""The network of a set-up, drawn small: layers, widths, ordering, what masks keep, its growth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from made.base.errors import MadeError
from made.base.text import counted, significant
from made.model.masks import mask_bank
from made.model.reach import Reach
from made.model.settings import MaskConfig, ModelConfig
from made.plots.palette import PLACES
from made.runs.folder import LIVING, Run
from made.views.variable_names import place_name, symbol

if TYPE_CHECKING:
    from made.datasets import DatasetInfo
    from made.setups.config import ExperimentConfig

MOST_DOTS = 12  # of a column; a layer of more units shows as many of them
MOST_HIDDEN = 5  # layers; of more the first and the last ones are shown
MOST_POINTS = 60  # of a line of sizes
FEW_NAMES = 3  # of variables that are named one by one


def content(config: ExperimentConfig, info: DatasetInfo, masks: MaskConfig) -> dict[str, Any]:
    """What the drawing gets: columns of dots, the gaps between them, and the paths to each output.

    masks: those of the set-up with what its ordering finds in the data. Everything is of the first
    mask set. A baseline has no masks and nothing to draw: its `columns` are empty.
    """
    if config.model.model != "made":
        return {"columns": [], "words": "A baseline has no masks, and no network to draw here."}
    return _content(config.model, masks, info)


@lru_cache(maxsize=32)
def _content(model: ModelConfig, masks: MaskConfig, info: DatasetInfo) -> dict[str, Any]:
    bank = mask_bank(model, masks, info.num_variables, info.image_shape)
    mask_set = bank.mask_set(0)
    reach = Reach(mask_set, model.direct_connections)
    layers = _layers_shown(reach.num_hidden)
    units = {layer: _units_shown(reach, layer) for layer in layers}
    shares = reach.shares_kept()
    outputs = units[layers[-1]]
    return {
        "columns": [_column(reach, layer, units[layer], info) for layer in layers],
        "gaps": [_gap(reach, lower, upper, units, shares) for lower, upper in pairwise(layers)],
        "direct": _direct(reach, units[0], outputs) if model.direct_connections else None,
        "paths": [_paths(reach, int(output), layers, units) for output in outputs],
        "says": [_sees(reach, int(output), info) for output in outputs],
        "colours": list(PLACES),
        "isMasked": mask_set.autoregressive,
        "words": _words(reach, bank.cycle),
        "alt": _alt(reach, shares),
    }


def _layers_shown(num_hidden: int) -> list[int]:
    """The layers that are drawn, inputs 0 and outputs num_hidden + 1 among them."""
    if num_hidden <= MOST_HIDDEN:
        return list(range(num_hidden + 2))
    half = MOST_HIDDEN // 2
    return [*range(half + 1), *range(num_hidden - half + 1, num_hidden + 2)]


def _units_shown(reach: Reach, layer: int) -> np.ndarray:
    """Which units of a layer are drawn, from the top: evenly spread, hidden ones by degree."""
    degrees = reach.degrees[layer]
    is_hidden = 0 < layer <= reach.num_hidden
    order = np.argsort(degrees, kind="stable") if is_hidden else np.arange(len(degrees))
    if len(order) <= MOST_DOTS:
        return order
    return order[np.linspace(0, len(order) - 1, MOST_DOTS).round().astype(int)]


def _column(reach: Reach, layer: int, units: np.ndarray, info: DatasetInfo) -> dict[str, Any]:
    degrees = reach.degrees[layer]
    is_hidden = 0 < layer <= reach.num_hidden
    last = max(1, info.num_variables - 1)
    names: list[str]
    if is_hidden:
        names = [f"m = {degrees[unit]}" if reach.is_masked else "" for unit in units]
    else:
        names = [symbol(int(unit)) for unit in units]
    if layer > reach.num_hidden:
        names = [f"p({name})" for name in names]
    return {
        "kind": "hidden" if is_hidden else "input" if layer == 0 else "output",
        "width": f"{len(degrees):,}",
        "isWhole": len(units) == len(degrees),
        "names": names,
        # Places run from 1 to D, degrees of hidden units from 1 to D - 1.
        "shares": [float(min(1.0, (degrees[unit] - 1) / last)) for unit in units],
        "isDead": _dead(reach, layer, units).tolist(),
    }


def _dead(reach: Reach, layer: int, units: np.ndarray) -> np.ndarray:
    """Which of some units lie on no path from an input to an output: bool."""
    if not reach.is_masked:
        return np.zeros(len(units), bool)
    degrees = reach.degrees[layer][units]
    highest = len(reach.degrees[0])
    if layer == reach.num_hidden + 1:
        return np.array([not reach.seen_by(int(unit)).any() for unit in units])
    leads = reach.exits(layer)[units] < highest if reach.num_hidden else np.zeros(len(units), bool)
    if layer == 0:
        return ~(leads | (degrees < highest)) if reach.has_direct else ~leads
    return ~(leads & (degrees >= reach.arrivals(layer - 1).min()))


def _gap(
    reach: Reach,
    lower: int,
    upper: int,
    units: Mapping[int, np.ndarray],
    shares: Sequence[float],
) -> dict[str, Any]:
    """What lies between two columns: the share of weights that are kept, and the links drawn."""
    if upper > lower + 1:
        return {"kept": f"+ {upper - lower - 1}", "links": None, "name": None}
    if not shares:
        return {"kept": "", "links": None, "name": None}
    is_last = upper == reach.num_hidden + 1
    return {
        "kept": f"{100 * shares[lower]:.0f} %",
        "links": reach.has_link(lower, units[lower], units[upper]).astype(int).tolist(),
        "name": "rms_output" if is_last else f"rms_hidden_{lower}",
    }


def _direct(reach: Reach, inputs: np.ndarray, outputs: np.ndarray) -> dict[str, Any]:
    place = reach.degrees[0]
    kept = place[outputs][:, None] > place[inputs][None, :]
    links = kept if reach.is_masked else np.ones_like(kept)
    return {
        "kept": f"{100 * reach.direct_share_kept():.0f} %",
        "links": links.astype(int).tolist(),
        "name": "rms_direct",
    }


def _paths(
    reach: Reach, output: int, layers: Sequence[int], units: Mapping[int, np.ndarray]
) -> list[list[int]]:
    """Which dots of each column but the last lie on a path to an output."""
    lit = [reach.seen_by(output)[units[0]]]
    lit += [reach.on_the_way_to(output, layer)[units[layer]] for layer in layers[1:-1]]
    return [np.flatnonzero(column).tolist() for column in lit]


def _sees(reach: Reach, output: int, info: DatasetInfo) -> str:
    """Such as "p(x₂ | x₁)", or how many variables a conditional may depend on."""
    seen = np.flatnonzero(reach.seen_by(output))
    name = symbol(output) if info.image_shape is None else place_name(info, output)
    if not len(seen):
        return f"p({name}) sees no variable"
    if len(seen) <= FEW_NAMES and info.image_shape is None:
        return f"p({name} | {', '.join(symbol(int(variable)) for variable in seen)})"
    return f"{name} may depend on {counted(len(seen), 'variable')}"


def _words(reach: Reach, cycle: int) -> str:
    """What the network is, in a few words."""
    hidden = sum(map(len, reach.degrees[1:-1]))
    words = counted(hidden, "hidden unit") if hidden else "no hidden units"
    if not reach.is_masked:
        return f"{words} · no masks"
    if cycle == 1:
        return words
    return f"{words} · first of {cycle:,} mask sets" if cycle else f"{words} · the first mask set"


def _alt(reach: Reach, shares: Sequence[float]) -> str:
    widths = [f"{len(layer):,}" for layer in reach.degrees]
    kept = ", ".join(f"{100 * share:.0f} %" for share in shares) or "none between them"
    return (
        f"Network of {' – '.join(widths)} units; weights kept from layer to layer: {kept}. "
        "Arrow keys choose an output and light the paths to it."
    )


def sizes(config: ExperimentConfig, run_id: str | None) -> dict[str, Any]:
    """How large the weights of each layer are in a run of this network, after each of its epochs.

    Empty where the run is gone, has another network, or was made before its sizes were kept.
    """
    if run_id is None:
        return {}
    try:
        run = Run.open(run_id)
        records: list[Mapping[str, Any]] = [dict(record) for record in run.epochs()]
        is_same = _is_same(config, run.config)
    except MadeError:
        return {}
    if not is_same:
        return {}
    names = sorted({name for record in records for name in record if name.startswith("rms_")})
    return {name: _line([record[name] for record in records if name in record]) for name in names}


def is_growing(run_id: str | None) -> bool:
    """Whether a run is there and lives, so that there will be more of it to draw."""
    try:
        return run_id is not None and Run.open(run_id).state in LIVING
    except MadeError:
        return False


def _is_same(config: ExperimentConfig, other: ExperimentConfig) -> bool:
    data, others = config.data, other.data
    return (config.model, config.masks, data.dataset, data.grid_size) == (
        other.model,
        other.masks,
        others.dataset,
        others.grid_size,
    )


def _line(values: list[float]) -> dict[str, Any]:
    """A layer's sizes as heights 0 … 1 over the largest, and the latest as a number."""
    top = max(values) or 1.0
    chosen = np.linspace(0, len(values) - 1, min(len(values), MOST_POINTS)).round().astype(int)
    return {
        "heights": [round(values[index] / top, 4) for index in chosen],
        "latest": significant(values[-1], 2),
    }
