"""What a person sees of the masks of a set-up before it is trained."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from made.model.masks import mask_bank
from made.model.settings import MaskConfig, ModelConfig

MAX_WEIGHTS = 20_000_000
MOST_LAYERS = 3  # whose dead units are counted one by one


@dataclass(frozen=True, eq=False)
class MaskView:
    """A mask set in words, and its layers as bool (units, units below) to draw.

    is_sound: no input is lost and no unit is dead.
    """

    text: str
    is_sound: bool
    layers: tuple[np.ndarray, ...]


@lru_cache(maxsize=8)
def mask_view(
    model: ModelConfig,
    masks: MaskConfig,
    num_variables: int,
    image_shape: tuple[int, int] | None = None,
) -> MaskView | None:
    """The first mask set of a set-up and what it cuts off; None where it is too large to show."""
    hidden_sizes = model.hidden_sizes
    sizes = (num_variables, *hidden_sizes, num_variables)
    if sum(a * b for a, b in pairwise(sizes)) > MAX_WEIGHTS:
        return None
    mask_set = mask_bank(model, masks, num_variables, image_shape).mask_set(0)
    layers = tuple(mask_set.layer_masks())
    if not masks.autoregressive:
        text = (
            "No masks: a plain autoencoder. Its outputs see the inputs they predict, so it has no "
            "density, no likelihood and no samples."
        )
        return MaskView(text, False, layers)
    report = mask_set.report(model.direct_connections)
    dead = [
        f"{count} of {size} units of hidden layer {number} are dead"
        for number, (count, size) in enumerate(zip(report.dead_units, hidden_sizes, strict=True), 1)
        if count
    ]
    if len(dead) > MOST_LAYERS:
        lost = f"{sum(report.dead_units):,} of {sum(hidden_sizes):,} hidden units"
        dead = [f"{lost}, in {len(dead)} of {len(hidden_sizes)} layers, are dead"]
    if report.unseen_inputs:
        dead.append(f"{len(report.unseen_inputs)} inputs reach no output")
    if report.blind_outputs:
        dead.append(f"{len(report.blind_outputs)} outputs see no input")
    if not dead:
        return MaskView("Every input reaches an output, and no unit is dead.", True, layers)
    sentence = ", ".join(dead)
    return MaskView(
        f"In the first mask set {sentence}. Wider layers, evenly spread degrees or direct "
        "connections mend that.",
        False,
        layers,
    )
