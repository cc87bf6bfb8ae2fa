"""An x-ray in the words and numbers of its drawing: what the browser is sent for a click."""

from __future__ import annotations

from typing import Any

import numpy as np

from made.base.text import significant
from made.plots.cells import data_address, density_pixels
from made.plots.densities import top_of_scale
from made.plots.palette import DIVERGING
from made.views.variable_names import grid_columns, name, place_name, symbol
from made.views.xray import MOVES, XRay

LEGEND = (
    ":blue[**Blue**] is data, :orange[**orange**] what the model says, grey what cannot be seen. "
    "In the two signed maps orange speaks **for** a higher value here, blue **against** it."
)
ALMOST_ALL = 512  # states across that a density is drawn with


def panel(seen: XRay, title: str) -> dict[str, Any]:
    """What the drawing shows. title: what the row is called, such as "Test row 3"."""
    info = seen.info
    columns = grid_columns(info)
    does_top, moved_top = _top(seen.does), _top(seen.moved)
    return {
        "title": title,
        "kind": "joint" if info.is_joint else "image" if info.image_shape else "table",
        "columns": columns,
        "rows": -(-info.num_variables // columns),
        "num_categories": info.num_categories,
        "row": np.asarray(seen.row).tolist(),
        "position": seen.position.tolist(),
        "may": seen.may.astype(int).tolist(),
        "does": _numbers(seen.does),
        "does_top": does_top,
        "moved": _numbers(seen.moved),
        "moved_top": moved_top,
        "variable": seen.variable,
        "value": seen.value,
        "other": seen.other,
        "probabilities": _numbers(seen.probabilities),
        "truth": None if seen.truth is None else _numbers(seen.truth),
        "other_before": None if seen.other_before is None else _numbers(seen.other_before),
        "other_after": None if seen.other_after is None else _numbers(seen.other_after),
        "matrix": _matrix(seen),
        "diverging": DIVERGING,
        "words": words(seen),
        "names": [place_name(info, d) for d in range(info.num_variables)],
    }


def density_address(density: np.ndarray) -> str:
    """The exact density of a 2-D model as a picture to choose a point on."""
    return data_address(density_pixels(density, top_of_scale(density), ALMOST_ALL))


def words(seen: XRay) -> dict[str, Any]:
    """All that is said of an x-ray."""
    info, number = seen.info, seen.info.num_variables
    where = place_name(info, seen.variable)
    facts = [["Place in the ordering", f"{seen.place + 1} of {number}"]]
    if seen.units is not None:
        read, units = seen.units
        facts.append(["Hidden units it may read", f"{read:,} of {units:,}"])
    before, after = seen.log_p
    return {
        "name": name(info, seen.variable),
        "where": where if info.image_shape else "",
        "facts": facts,
        "formula": _formula(seen),
        "may": _may(seen),
        "does": _does(seen),
        "does_of": "∂ logit / ∂xⱼ" if info.num_categories == 2 else "∂ log p / ∂xⱼ",
        "surprise": _surprise(seen),
        "moved": _moved(seen),
        "moved_of": "Δ p(xⱼ = 1)" if info.num_categories == 2 else "Δ p(xⱼ = its value)",
        "flip": _flip(seen),
        "most": [
            [
                place_name(info, d),
                f"{seen.before[d]:.3f}",
                f"{seen.after[d]:.3f}",
                bool(seen.moved[d] > 0),
            ]
            for d in seen.moves_most()
        ],
        "log_p": [significant(before), significant(after)] if seen.is_density else [],
        "bars": _bars_alt(seen),
    }


def _formula(seen: XRay) -> str:
    if not seen.is_density:
        return "Its reconstruction from all inputs: no conditional"
    own = symbol(seen.variable)
    if seen.info.is_joint:
        other = symbol(1 - seen.variable)
        given = f"{other} = {int(seen.row[1 - seen.variable])}"
        return f"p({own} | {given})" if seen.place else f"p({own})"
    return f"p({own} | {seen.place:,} earlier)" if seen.place else f"p({own})"


def _may(seen: XRay) -> str:
    number = seen.info.num_variables
    noun = "pixel" if seen.info.image_shape else "variable"
    if not seen.is_density:
        return f"No masks: it sees all {number:,} inputs, itself included."
    reach = int(seen.may.sum())
    if not seen.place:
        return "It comes first in the ordering: it may see nothing."
    earlier = f"one earlier {noun}" if seen.place == 1 else f"{seen.place:,} earlier {noun}s"
    if reach == seen.place:
        return f"It may read the {earlier}, none of the later ones."
    return f"The masks let it read {reach:,} of the {earlier}, none of the later ones."


def _does(seen: XRay) -> str:
    if not seen.num_heard:
        return "It listens to none."
    if seen.info.num_variables == 2:
        return "The derivative along one step of it."
    verb = "weighs" if seen.num_heard == 1 else "weigh"
    return f"{seen.num_heard:,} of them {verb} at least a quarter of the strongest."


def _surprise(seen: XRay) -> str:
    total = -seen.log_p[0]
    said = f"Here it is {seen.value}: −log p = {significant(seen.surprise)}"
    return f"{said} of the row's {significant(total)} nats" if seen.is_density else f"{said} nats"


def _moved(seen: XRay) -> str:
    later = seen.info.num_variables - 1 - seen.place
    if not seen.is_density:
        return f"{seen.num_moved:,} other outputs move by more than {MOVES}."
    if not later:
        return "It comes last: no conditional can see it."
    verb = "moves" if seen.num_moved == 1 else "move"
    return (
        f"Earlier conditionals cannot see it. Of the {later:,} later ones {seen.num_moved:,} "
        f"{verb} by more than {MOVES}."
    )


def _flip(seen: XRay) -> str:
    noun = "pixel" if seen.info.image_shape else symbol(seen.variable)
    if seen.info.num_categories == 2:
        return f"Flip this {noun}" if seen.info.image_shape else f"Flip {noun}"
    return f"Set {'it' if seen.info.image_shape else noun} to {seen.other}"


def _bars_alt(seen: XRay) -> str:
    best = int(seen.probabilities.argmax())
    text = (
        f"The conditional of {name(seen.info, seen.variable)}: most likely {best} with "
        f"{significant(seen.probabilities[best])}; its own value {seen.value} has "
        f"{significant(seen.probabilities[seen.value])}."
    )
    return text if seen.truth is None else f"{text} The true one stands behind it in blue."


def _matrix(seen: XRay) -> dict[str, Any] | None:
    """The whole matrix in 255 levels, -127 … 127, of its largest size; None where cells are cut."""
    if seen.matrix_may is None or seen.matrix_does is None:
        return None
    top = _top(seen.matrix_does)
    levels = np.rint(127 * seen.matrix_does / (top or 1)).astype(int)
    return {
        "may": seen.matrix_may.astype(int).ravel().tolist(),
        "does": levels.ravel().tolist(),
        "top": top,
    }


def _top(values: np.ndarray) -> float:
    """The largest size, at which a diverging scale ends."""
    return float(f"{np.abs(values).max():.4g}")


def _numbers(values: np.ndarray) -> list[float]:
    """To four significant digits, which is what is read of them."""
    return [float(f"{value:.4g}") for value in values]
