"""How large a network is, before it is built and without torch: its weights, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import prod

from made.model.encodings import ENCODINGS
from made.model.heads import build_head
from made.model.masks import MaskSet, mask_bank
from made.model.settings import MaskConfig, ModelConfig
from made.model.triangles import Triangle, triangles_of

Shapes = dict[str, tuple[int, ...]]

MOST_COUNTED = 2**31


def weight_shapes(model: ModelConfig, num_variables: int, num_categories: int) -> Shapes:
    """Shapes of all weights for D variables of K categories, by their names in a checkpoint."""
    head = build_head(model.head, num_categories, model.num_components)
    num_outputs = num_variables * head.num_parameters
    shapes: Shapes = {"output_bias": (num_outputs,)}
    if model.model == "marginals":
        return shapes
    if model.model == "naive":
        shapes["output_weight"] = (head.num_parameters, model.hidden_sizes[-1])
        return shapes | _layers("weights", "biases", [1, *model.hidden_sizes])
    encoding = ENCODINGS[model.encoding](num_categories, model.encoding_width)
    num_inputs = num_variables * encoding.width
    if encoding.is_learned:
        shapes["embedding"] = (num_categories, encoding.width)
    if model.hidden_sizes:
        shapes["output_weight"] = (num_outputs, model.hidden_sizes[-1])
    if model.direct_connections:
        shapes["direct_weight"] = (num_outputs, num_inputs)
    return shapes | _layers("hidden_weights", "hidden_biases", [num_inputs, *model.hidden_sizes])


def _layers(weights: str, biases: str, sizes: list[int]) -> Shapes:
    """Weights (units, units below) and biases (units,) of all layers above the first size."""
    shapes: Shapes = {}
    for layer, (below, size) in enumerate(pairwise(sizes)):
        shapes[f"{weights}.{layer}"] = (size, below)
        shapes[f"{biases}.{layer}"] = (size,)
    return shapes


@dataclass(frozen=True, kw_only=True)
class Size:
    """How many numbers a network is made of.

    num_parameters: weights whole, masked or not, biases, and the table of a learned encoding.
    num_kept: of them, those that training keeps, multiplies and steps: of a single mask set what
    lies in the blocks below its staircases. num_activations: kept for one example until its
    gradient is known. has_changing_masks: each minibatch makes its masks anew.
    """

    num_parameters: int
    num_kept: int
    num_activations: int
    has_changing_masks: bool


def size_of(
    model: ModelConfig,
    masks: MaskConfig,
    num_variables: int,
    num_categories: int,
    precision: str = "float32",
) -> Size:
    """The size of the network of some settings for D variables of K categories."""
    shapes = weight_shapes(model, num_variables, num_categories)
    num_parameters = sum(map(prod, shapes.values()))
    bank = mask_bank(model, masks, num_variables)
    num_hidden = 0
    if model.model == "made" and bank.cycle == 1 and num_parameters > MOST_COUNTED:
        # Its degrees alone would fill the memory, and a mask hides about a half of the weights.
        num_hidden = num_parameters // 2
    elif model.model == "made" and bank.cycle == 1:
        # Which variable has which place changes no staircase, and may not be known yet.
        natural = masks.model_copy(update={"ordering": "natural"})
        mask_set = mask_bank(model, natural, num_variables).mask_set(0)
        triangles = triangles_for(model, mask_set, num_categories)
        num_hidden = sum(prod(t.shape) - t.num_kept(precision) for t in triangles.values())
    return Size(
        num_parameters=num_parameters,
        num_kept=num_parameters - num_hidden,
        num_activations=_num_activations(model, num_variables, num_categories),
        has_changing_masks=bank.cycle != 1,
    )


def triangles_for(
    model: ModelConfig, mask_set: MaskSet, num_categories: int
) -> dict[str, Triangle]:
    """The mask of every weight under one mask set, by the names of the weights."""
    encoding = ENCODINGS[model.encoding](num_categories, model.encoding_width)
    head = build_head(model.head, num_categories, model.num_components)
    degrees = mask_set.expanded_degrees(encoding.width, head.num_parameters)
    return triangles_of(
        degrees, has_direct=model.direct_connections, is_strict=mask_set.autoregressive
    )


def _num_activations(model: ModelConfig, num_variables: int, num_categories: int) -> int:
    """Forward and backward keep each hidden value before and after its activation and dropout, and
    of each output its value, what the head makes of it and the gradients of both."""
    head = build_head(model.head, num_categories, model.num_components)
    outputs = num_variables * head.num_parameters * head.passes
    if model.model == "marginals":
        return outputs
    if model.model == "naive":
        return 2 * (1 + sum(model.hidden_sizes)) + outputs
    encoding = ENCODINGS[model.encoding](num_categories, model.encoding_width)
    inputs = num_variables * encoding.width * (1 + encoding.is_learned)
    return inputs + 4 * sum(model.hidden_sizes) + outputs
