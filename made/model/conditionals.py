"""What every network here is: integers in, the parameters of every conditional out.

    p(x) = prod_t p(x_s(t) | x_s(0), …, x_s(t-1)),   s the sequence of the ordering

A network gives the conditionals under one mask set at a time; what follows from them, likelihoods
and samples, stands in `made.density`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from made.model.encodings import Encoding
from made.model.heads import Head
from made.model.masks import MaskBank, MaskSet

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": functional.relu_,  # in place: what comes in is a sum that nothing else needs
    "tanh": torch.tanh,
    "elu": functional.elu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "softplus": functional.softplus,
    "sigmoid": torch.sigmoid,
}


@dataclass(frozen=True, eq=False)
class Sorted:
    """One mask set with variables along the ordering and units sorted by degree.

    Every weight is zero right of a staircase. ends: for each hidden layer, how many units have at
    most the degree 0 … D. weights: (units, units below) of each hidden layer; biases: (units, 1).
    is_residual: each hidden layer is added to the next.
    """

    sequence: list[int]
    ends: list[list[int]]
    weights: list[Tensor]
    biases: list[Tensor]
    output_weight: Tensor | None
    output_bias: Tensor
    direct_weight: Tensor | None
    activation: Callable[[Tensor], Tensor]
    is_residual: bool


class Conditionals(nn.Module):
    """The parameters of all conditionals of D integers with K categories, under one mask set."""

    embedding: nn.Parameter | None
    output_bias: nn.Parameter

    def __init__(self, num_variables: int, encoding: Encoding, head: Head, bank: MaskBank):
        super().__init__()
        self.num_variables = num_variables
        self.num_categories = head.num_categories
        self.encoding = encoding
        self.head = head
        self.bank = bank
        self.is_trusted = False
        self.register_parameter("embedding", None)  # the table of a learned encoding
        # Which rows of a minibatch, and of how many, where several processes share it: the noise
        # is drawn for all of them, as if there were one process.
        self.noise_rows: tuple[slice, int] | None = None

    @property
    def has_density(self) -> bool:
        """False for a plain autoencoder, whose outputs see the very inputs they predict."""
        return self.bank.config.autoregressive

    @property
    def device(self) -> torch.device:
        return self.output_bias.device

    @property
    def dtype(self) -> torch.dtype:
        """The type of the parameters, in which everything is measured."""
        return self.output_bias.dtype

    @contextmanager
    def trusted(self) -> Iterator[None]:
        """Spare the masks of weights that are masked already.

        For a training step alone, whose gradients are masked, so that hidden weights stay zero.
        """
        self.is_trusted = True
        try:
            yield
        finally:
            self.is_trusted = False

    def hide_weights(self) -> None:
        """Set every weight to zero that its mask hides for ever, whoever has written to it."""

    def features(self, x: Tensor) -> Tensor:
        """The input of the network. x: int64 (..., D). Returns (..., D x width)."""
        return self.encoding(x, self.embedding).to(self.dtype)

    def forward(
        self, x: Tensor, mask_set: int = 0, generator: torch.Generator | None = None
    ) -> Tensor:
        """Parameters of all conditionals under one mask set.

        x: int64 (B, D); generator: draws the dropout in training mode. Returns (B, D, P), float32
        or wider.
        """
        raise NotImplementedError

    def conditional_log_prob(
        self, x: Tensor, mask_set: int = 0, generator: torch.Generator | None = None
    ) -> Tensor:
        """log p(x_d | earlier), in nats. x: int64 (B, D). Returns (B, D)."""
        return self.head.log_prob(self(x, mask_set, generator), x)

    def sorted(self, mask_set: int | MaskSet) -> Sorted | None:
        """The network laid out for a walk along the ordering; None where it has no such layout.

        mask_set: the number of one of the bank, or any other for a network that was trained on
        fresh ones, whose weights serve all.
        """
        return None

    @torch.no_grad()
    def start_at_marginals(self, counts: Tensor) -> None:
        """Set the output bias so that, without any input, the marginals of the data come out.

        counts: category counts of the training split, (D, K).
        """
        smoothed = counts.double() + 1 / self.num_categories
        self.output_bias.copy_(self.head.marginal_parameters(smoothed).flatten())


def initial_layer(
    below: int, size: int, fan: float, peak: float, generator: torch.Generator | None
) -> tuple[nn.Parameter, nn.Parameter]:
    """Weights (size, below) and biases (size,) for inputs of which about `fan` are active.

    Uniform with the variance 2 / fan of He et al. (2015), divided by the largest input `peak`. The
    biases are as large, which spreads the kinks of the units over the range of the inputs.
    """
    bound = math.sqrt(6 / fan)
    weight = torch.empty(size, below).uniform_(-bound / peak, bound / peak, generator=generator)
    bias = torch.empty(size).uniform_(-bound, bound, generator=generator)
    return nn.Parameter(weight), nn.Parameter(bias)
