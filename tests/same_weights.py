"""The textbook's masks and weights by the names that the engine gives its own."""

from __future__ import annotations

import torch
from torch import Tensor

from made.bench.textbook import Masks, ReferenceMADE
from made.model.conditionals import Conditionals


def masks_by_name(masks: Masks) -> dict[str, Tensor]:
    hidden = {f"hidden_weights.{layer}": mask for layer, mask in enumerate(masks.layers[:-1])}
    return hidden | {"output_weight": masks.layers[-1], "direct_weight": masks.direct}


def weights_by_name(plain: ReferenceMADE) -> dict[str, Tensor]:
    """Unmasked, as the textbook keeps them."""
    *hidden, last = plain.layers
    weights = {"output_weight": last.weight, "output_bias": last.bias}
    for layer, linear in enumerate(hidden):
        weights[f"hidden_weights.{layer}"] = linear.weight
        weights[f"hidden_biases.{layer}"] = linear.bias
    if plain.direct is not None:
        weights["direct_weight"] = plain.direct.weight
    if plain.table is not None:
        weights["embedding"] = plain.table
    return weights


def assert_same_weights(
    model: Conditionals, plain: ReferenceMADE, masks: Masks, atol: float = 2e-5
) -> None:
    """Weights are equal wherever the mask set lets them act."""
    found, expected = model.state_dict(), weights_by_name(plain)
    assert found.keys() == expected.keys()
    hiding = masks_by_name(masks)
    for name, value in expected.items():
        mask = hiding.get(name, torch.ones_like(value))
        torch.testing.assert_close(found[name] * mask, value * mask, rtol=1e-4, atol=atol)


def hidden_weights_are_zero(model: Conditionals, masks: Masks) -> bool:
    found = model.state_dict()
    return all((found[name][mask == 0] == 0).all() for name, mask in masks_by_name(masks).items())
