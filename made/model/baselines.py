"""Baselines: the product of the marginals, and the naive model of two variables."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from made.model.conditionals import ACTIVATIONS, Conditionals, initial_layer
from made.model.encodings import Encoding
from made.model.heads import Head
from made.model.masks import MaskBank


class Marginals(Conditionals):
    """Baseline: the product of the marginals, prod_d p(x_d)."""

    def __init__(self, num_variables: int, encoding: Encoding, head: Head, bank: MaskBank):
        super().__init__(num_variables, encoding, head, bank)
        self.output_bias = nn.Parameter(torch.zeros(num_variables * head.num_parameters))

    def forward(
        self, x: Tensor, mask_set: int = 0, generator: torch.Generator | None = None
    ) -> Tensor:
        return self.output_bias.view(self.num_variables, -1).expand(len(x), -1, -1)


class Naive(Conditionals):
    """Baseline of exercise 2: p(x1) as free logits, p(x2 | x1) by a network fed with x1 itself."""

    def __init__(
        self,
        num_variables: int,
        encoding: Encoding,
        head: Head,
        bank: MaskBank,
        *,
        hidden_sizes: tuple[int, ...],
        activation: str,
        generator: torch.Generator | None = None,
    ):
        super().__init__(num_variables, encoding, head, bank)
        self.activation = ACTIVATIONS[activation]
        self.output_bias = nn.Parameter(torch.zeros(2 * head.num_parameters))
        peaks = [max(head.num_categories - 1.0, 1.0), *[1.0] * len(hidden_sizes)]
        self.weights = nn.ParameterList()
        self.biases = nn.ParameterList()
        for (below, size), peak in zip(pairwise([1, *hidden_sizes]), peaks, strict=False):
            weight, bias = initial_layer(below, size, below, peak, generator)
            self.weights.append(weight)
            self.biases.append(bias)
        self.output_weight = nn.Parameter(torch.zeros(head.num_parameters, hidden_sizes[-1]))

    def forward(
        self, x: Tensor, mask_set: int = 0, generator: torch.Generator | None = None
    ) -> Tensor:
        first, second = self.output_bias.chunk(2)
        hidden = x[:, :1].to(first.dtype)
        for weight, bias in zip(self.weights, self.biases, strict=True):
            hidden = self.activation(functional.linear(hidden, weight, bias))
        second = functional.linear(hidden, self.output_weight, second)
        return torch.stack([first.expand_as(second), second], dim=1)
