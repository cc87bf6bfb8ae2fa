"""How large the weights of each layer are, which tells how a network grows while it learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from made.model.layers import Blocks
from made.model.network import MADE

if TYPE_CHECKING:
    from torch import Tensor, nn

    from made.model.weights import MaskedWeight

HIDDEN, OUTPUT, DIRECT = "rms_hidden_{}", "rms_output", "rms_direct"


@torch.no_grad()
def weight_sizes(network: nn.Module) -> dict[str, float]:
    """The root mean square of each layer's weights, without a unit; none of a baseline.

    Of a mask set for ever only the weights that it keeps count; where several share a weight,
    all do. rms_hidden_0, rms_hidden_1, …, rms_output and, where there is one, rms_direct.
    """
    if not isinstance(network, MADE):
        return {}
    layers: dict[str, MaskedWeight | None] = {
        HIDDEN.format(layer): weight for layer, weight in enumerate(network.hidden_weights)
    }
    layers |= {OUTPUT: network.output_weight, DIRECT: network.direct_weight}
    known = {name: weight for name, weight in layers.items() if weight is not None}
    if not known:
        return {}
    # One transfer from the device, however many layers there are.
    sizes = torch.stack([_root_mean_square(weight) for weight in known.values()]).tolist()
    return dict(zip(known, sizes, strict=True))


def _root_mean_square(weight: MaskedWeight) -> Tensor:
    if isinstance(weight, Blocks):
        squares = torch.stack(
            [block.square().sum(dtype=torch.float64) for block in weight.visible()]
        ).sum()
        return (squares / max(1, int(weight.triangle.ends.sum()))) ** 0.5
    return weight.whole().square().mean(dtype=torch.float64).sqrt()
