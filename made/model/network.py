"""The masked network: integers in, the parameters of every conditional out.

    h_l = g((W_l * M_l) h_(l-1) + b_l)

Germain et al., "MADE: Masked Autoencoder for Distribution Estimation", ICML 2015.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from made.base.errors import MadeError
from made.model.conditionals import ACTIVATIONS, Conditionals, Sorted, initial_layer
from made.model.encodings import Encoding
from made.model.heads import Head, at_least_float32
from made.model.layers import Blocks, Lookup, Shared, Staircase
from made.model.masks import MaskBank, MaskSet
from made.model.triangles import WORTH_A_BLOCK, Triangle, triangles_of
from made.model.weights import HoldsWeights, MaskedWeight, MaskedWeights

# From so many categories on, a one-hot input is looked up, not multiplied.
LOOKUP_FROM = 64
MASK_SETS_KEPT = 64
# None: that of the parameters.
PRECISIONS = {"float32": None, "bfloat16": torch.bfloat16}


class MADE(HoldsWeights, Conditionals):
    """Any number of masked hidden layers, and masked direct connections if wanted.

    residual_connections: each hidden layer is added to the next one of equal degrees.
    precision: of the products in training; everything is measured in the parameters' own.
    """

    hidden_weights: MaskedWeights
    output_weight: MaskedWeight | None
    direct_weight: MaskedWeight | None
    sequence: Tensor | None
    position: Tensor | None

    def __init__(
        self,
        num_variables: int,
        encoding: Encoding,
        head: Head,
        bank: MaskBank,
        *,
        hidden_sizes: tuple[int, ...],
        activation: str = "relu",
        direct_connections: bool = False,
        residual_connections: bool = False,
        dropout: float = 0.0,
        precision: str = "float32",
        generator: torch.Generator | None = None,
    ):
        super().__init__(num_variables, encoding, head, bank)
        num_inputs = num_variables * encoding.width
        num_outputs = num_variables * head.num_parameters
        self.activation = ACTIVATIONS[activation]
        self.residual_connections = residual_connections
        self.dropout = dropout
        self.precision = PRECISIONS[precision]
        # A single mask set for ever: sorted once, and weights are kept masked by their gradients.
        self.is_sorted = bank.cycle == 1
        self.looks_up = self.is_sorted and encoding.is_one_hot and encoding.width >= LOOKUP_FROM
        self._degrees: dict[tuple[int, torch.device], list[Tensor]] = {}
        if encoding.is_learned:
            self.embedding = nn.Parameter(encoding.start(generator))
        # Of each variable so many features are active at once as its encoding says, and a mask
        # hides half of the variables, or half of the units below: the rest is what a unit adds up.
        fans = [num_variables / 2 * encoding.energy, *(size / 2 for size in hidden_sizes)]
        peaks = [encoding.peak, *[1.0] * len(hidden_sizes)]
        sizes = [num_inputs, *hidden_sizes]
        triangles = self._triangles(direct_connections)
        worth = WORTH_A_BLOCK[precision]
        self.hidden_weights = MaskedWeights()
        self.hidden_biases = nn.ParameterList()
        for (below, size), fan, peak in zip(pairwise(sizes), fans, peaks, strict=False):
            weight, bias = initial_layer(below, size, fan, peak, generator)
            layer = len(self.hidden_biases)
            self.hidden_weights.append(
                self._masked(weight, triangles.get(f"hidden_weights.{layer}"), worth, layer)
            )
            self.hidden_biases.append(bias)
        # Zeros at the output let every model start at the product of the marginals.
        self.output_weight = self.direct_weight = None
        if hidden_sizes:
            zeros = torch.zeros(num_outputs, sizes[-1])
            self.output_weight = self._masked(zeros, triangles.get("output_weight"), worth)
        if direct_connections:
            zeros = torch.zeros(num_outputs, num_inputs)
            self.direct_weight = self._masked(zeros, triangles.get("direct_weight"), worth)
        self.output_bias = nn.Parameter(torch.zeros(num_outputs))
        # Staircases want the variables along the ordering; None where they stand so already.
        along = bank.mask_set(0).ordering if self.is_sorted else None
        is_moved = along is not None and (along.sequence != np.arange(num_variables)).any()
        for name in ("sequence", "position"):
            order = torch.from_numpy(getattr(along, name).copy()) if is_moved else None
            self.register_buffer(name, order, persistent=False)

    def _triangles(self, has_direct: bool) -> dict[str, Triangle]:
        """The masks of the only mask set, by the names of the weights; none where they change."""
        if not self.is_sorted:
            return {}
        degrees = self._expanded_degrees(self.bank.mask_set(0))
        return triangles_of(degrees, has_direct=has_direct, is_strict=self.has_density)

    def _masked(
        self, weight: Tensor, triangle: Triangle | None, worth: float, layer: int | None = None
    ) -> MaskedWeight:
        """A weight with its mask for ever, or for all masks; layer: of a hidden one."""
        if triangle is None:
            return Shared(weight, strict=layer is None and self.has_density)
        if layer == 0 and self.looks_up:
            return Lookup(weight, triangle, worth, self.num_categories)
        return Staircase(weight, triangle, worth)

    def _expanded_degrees(self, mask_set: MaskSet) -> list[np.ndarray]:
        return mask_set.expanded_degrees(self.encoding.width, self.head.num_parameters)

    def degrees(self, mask_set: int | MaskSet) -> list[Tensor]:
        """The expanded degrees, float32, on the model's device; the latest ones are kept."""
        if isinstance(mask_set, MaskSet):
            return self._degrees_of(mask_set)
        key = (mask_set, self.device)
        if key not in self._degrees:
            while len(self._degrees) >= MASK_SETS_KEPT:
                self._degrees.pop(next(iter(self._degrees)))
            self._degrees[key] = self._degrees_of(self.bank.mask_set(mask_set))
        return self._degrees[key]

    def _degrees_of(self, mask_set: MaskSet) -> list[Tensor]:
        return [
            torch.from_numpy(layer.astype(np.float32)).to(self.device)
            for layer in self._expanded_degrees(mask_set)
        ]

    def forward(
        self, x: Tensor, mask_set: int = 0, generator: torch.Generator | None = None
    ) -> Tensor:
        if self.sequence is not None:
            x = x[:, self.sequence]
        precision = (self.training and self.precision) or self.dtype
        degrees: Sequence[Tensor | None] = [None] * (len(self.hidden_biases) + 2)
        if not self.is_sorted:
            degrees = self.degrees(mask_set)
        has_features = not self.looks_up or self.direct_weight is not None
        features = self.features(x).to(precision) if has_features else x
        hidden = x if self.looks_up else features
        for layer, (weight, bias) in enumerate(
            zip(self.hidden_weights, self.hidden_biases, strict=True)
        ):
            below = hidden
            hidden = weight(
                below, bias, degrees[layer + 1], degrees[layer], is_trusted=self.is_trusted
            ).to(precision)
            hidden = self.activation(hidden)
            if self.training and self.dropout:
                hidden = hidden * self._keep(hidden, generator)
            if self.residual_connections and layer:
                hidden = hidden + below
        sums = []
        if self.output_weight is not None:
            sums.append(
                self.output_weight(
                    hidden, None, degrees[-1], degrees[-2], is_trusted=self.is_trusted
                )
            )
        if self.direct_weight is not None:
            sums.append(
                self.direct_weight(
                    features, None, degrees[-1], degrees[0], is_trusted=self.is_trusted
                )
            )
        bias = self.output_bias.view(self.num_variables, -1)
        if not sums:
            return bias.expand(len(x), -1, -1)
        output = at_least_float32(sum(sums)).view(
            len(x), self.num_variables, self.head.num_parameters
        )
        if self.position is not None:
            output = output[:, self.position]
        return output + bias

    def _keep(self, hidden: Tensor, generator: torch.Generator | None) -> Tensor:
        """What hidden activations are multiplied by: 0, or 1 over the share that is kept.

        16 random bits decide about each: four times as fast as a number of its own.
        """
        limit = round(self.dropout * 2**16)
        rows, num_rows = self.noise_rows or (slice(None), len(hidden))
        count = num_rows * hidden.shape[1]
        bits = torch.empty((count + 3) // 4, dtype=torch.int64, device=hidden.device)
        bits.random_(-(2**63), None, generator=generator)
        drawn = bits.view(torch.int16)[:count].view(num_rows, -1)[rows]
        keep = (drawn >= limit - 2**15).to(hidden.dtype)
        return keep.mul_(2**16 / (2**16 - limit))

    @torch.no_grad()
    def hide_weights(self) -> None:
        for weight in self.modules():
            if isinstance(weight, Blocks):
                weight.hide()

    @torch.no_grad()
    def sorted(self, mask_set: int | MaskSet) -> Sorted:
        """The network under one mask set, laid out for a walk along the ordering."""
        chosen = mask_set if isinstance(mask_set, MaskSet) else self.bank.mask_set(mask_set)
        if self.is_sorted and chosen is mask_set:
            raise MadeError("A network of a single mask set has weights for no other one.")
        orders = [np.argsort(layer, kind="stable") for layer in self._expanded_degrees(chosen)]
        units = orders[1:-1]
        places = np.arange(self.num_variables + 1)
        ends = [
            np.searchsorted(np.sort(degrees), places, side="right").tolist()
            for degrees in chosen.degrees
        ]

        def along(weight: MaskedWeight, rows: int, columns: int) -> Tensor:
            if isinstance(weight, Blocks):
                return weight.along()
            assert isinstance(weight, Shared)
            visible = weight.weight * weight.mask(degrees[rows], degrees[columns])
            return visible[orders[rows]][:, orders[columns]]

        degrees = [] if self.is_sorted else self.degrees(mask_set)
        output, direct = self.output_weight, self.direct_weight
        return Sorted(
            chosen.ordering.sequence.tolist(),
            ends,
            [along(weight, i + 1, i) for i, weight in enumerate(self.hidden_weights)],
            [bias[unit].unsqueeze(1) for bias, unit in zip(self.hidden_biases, units, strict=True)],
            None if output is None else along(output, -1, -2),
            self.output_bias[orders[-1]].unsqueeze(1),
            None if direct is None else along(direct, -1, 0),
            self.activation,
            self.residual_connections,
        )
