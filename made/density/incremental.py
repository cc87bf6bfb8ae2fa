"""A sample for about the price of one forward pass: every large product is done once.

With variables along the ordering and units sorted by degree, whatever a unit or an output may see
is a prefix of the layer below it. So the variables are drawn block by block. What a block sees of
all earlier variables comes from one product a layer. What it sees of itself is found as a fixed
point: guess its values, compute its units and conditionals, draw all its variables anew from the
same uniform numbers, and repeat until nothing changes. The first k values are right after k rounds,
because they depend on earlier ones alone; mostly all are right after a few (Wiggers and Hoogeboom,
"Predictive Sampling with Forecasting Autoregressive Models", ICML 2020).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from made.model.conditionals import Conditionals, Sorted

BLOCK = 64
Choose = Callable[[Tensor, Tensor], Tensor]


@torch.no_grad()
def draw(
    network: Conditionals, along: Sorted, x: Tensor, uniforms: Tensor, start: int = 0
) -> Tensor:
    """Ancestral samples under the mask set of `along`, the network laid out along its ordering.

    The other arguments and the result are those of `sampling.plain`, draw for draw up to ties of
    rounding: a uniform number that lies on the edge of a category may fall to either side.
    """
    walk = Walk(network, along, x, uniforms)
    for first in range(0, network.num_variables, BLOCK):
        walk.draw(first, min(first + BLOCK, network.num_variables), start)
    return walk.values[np.argsort(walk.net.sequence)].T


class Walk:
    """The state of a walk along the ordering. values: int64 (D, B), by place.

    layers: the features and the units of each hidden layer, (units, B), filled as far as places
    are drawn. ends: of each layer, how many entries belong to the places before t = 0 … D.
    choose: from parameters (T, B, P) and uniforms (T, B) to values; by default the head draws them.
    """

    def __init__(
        self,
        network: Conditionals,
        net: Sorted,
        x: Tensor,
        uniforms: Tensor,
        choose: Choose | None = None,
    ):
        self.network, self.net = network, net
        self.choose = choose or network.head.sample
        self.uniforms = uniforms.T.contiguous()
        self.values = x.T[net.sequence]
        width, batch = network.encoding.width, len(x)
        self.ends = [[width * t for t in range(network.num_variables + 1)]]
        self.ends += [[0, *ends] for ends in net.ends]
        self.layers = [net.output_bias.new_empty((ends[-1], batch)) for ends in self.ends]

    def draw(self, first: int, last: int, start: int) -> Tensor:
        """Draw places first … last-1, but those before `start`, whose values are given.

        Returns the parameters of their conditionals, (last - first, B, P).
        """
        return self.fill(first, last, slice(max(start - first, 0), None))

    def fill(self, first: int, last: int, is_open: slice | Tensor) -> Tensor:
        """Draw those of the places first … last-1 that are open; the others keep their values.

        is_open: among these places, a slice or bool (last - first,). Returns the parameters of the
        conditionals of all of them, (last - first, B, P).
        """
        network, net, num_outputs = self.network, self.net, self.network.head.num_parameters
        blocks = [slice(ends[first], ends[last]) for ends in self.ends]
        units = [
            Sum(bias[blocks[above]]).see(self.layers, above - 1, weight[blocks[above]], blocks)
            for above, (weight, bias) in enumerate(zip(net.weights, net.biases, strict=True), 1)
        ]
        rows = slice(first * num_outputs, last * num_outputs)
        outputs = Sum(net.output_bias[rows])
        if net.output_weight is not None:
            outputs.see(self.layers, len(units), net.output_weight[rows], blocks)
        if net.direct_weight is not None:
            outputs.see(self.layers, 0, net.direct_weight[rows], blocks)
        guess, uniforms = self.values[first:last], self.uniforms[first:last]
        for _ in range(len(guess) + 1):
            own = [network.features(guess.T).T]
            for layer, total in enumerate(units):
                hidden = net.activation(total.given(own))
                if net.is_residual and layer:
                    hidden += own[-1]
                own.append(hidden)
            parameters = outputs.given(own).expand(-1, guess.shape[1])
            parameters = parameters.unflatten(0, (len(guess), num_outputs)).transpose(1, 2)
            drawn = self.choose(parameters, uniforms)
            if torch.equal(drawn[is_open], guess[is_open]):
                break
            guess[is_open] = drawn[is_open]
        for held, block, values in zip(self.layers, blocks, own, strict=True):
            held[block] = values
        return parameters

    def pick(self, rows: Tensor, num_places: int) -> None:
        """Go on from some rows of the batch, int64 (B,), of which only the first places matter."""
        self.values = self.values[:, rows]
        for held, ends in zip(self.layers, self.ends, strict=True):
            held[: ends[num_places]] = held[: ends[num_places], rows]


class Sum:
    """What units or outputs of a block add up, (rows, B): a fixed part and weighted entries."""

    def __init__(self, bias: Tensor):
        self.fixed = bias
        self.weights: list[tuple[Tensor, int]] = []

    def see(self, layers: list[Tensor], below: int, weight: Tensor, blocks: list[slice]) -> Sum:
        """Add layer `below`: what comes before the block now, and the block itself when given."""
        known = blocks[below].start
        self.fixed = torch.addmm(self.fixed, weight[:, :known], layers[below][:known])
        self.weights.append((weight[:, blocks[below]], below))
        return self

    def given(self, own: list[Tensor]) -> Tensor:
        """The sum for the block's part of each layer, (units, B)."""
        total = self.fixed
        for weight, below in self.weights:
            total = torch.addmm(total, weight, own[below])
        return total
