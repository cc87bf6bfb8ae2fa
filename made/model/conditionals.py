"""What every model here is: a normalised density as a product of conditionals.

    p(x) = prod_t p(x_s(t) | x_s(0), …, x_s(t-1)),   s the sequence of the ordering

Likelihood and sampling follow from the parameters of all conditionals, which a subclass computes.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from made.density import likelihood, sampling
from made.model.encodings import Encoding
from made.model.heads import Head
from made.model.masks import MaskBank

ACTIVATIONS = {
    "relu": functional.relu_,  # in place: what comes in is a sum that nothing else needs
    "tanh": torch.tanh,
    "elu": functional.elu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "softplus": functional.softplus,
    "sigmoid": torch.sigmoid,
}


class Conditionals(nn.Module):
    """A normalised density over integers (D,) with K categories, as a product of conditionals.

    Subclasses give `forward`; likelihood and sampling follow from it.
    """

    def __init__(self, num_variables: int, encoding: Encoding, head: Head, bank: MaskBank):
        super().__init__()
        self.num_variables = num_variables
        self.num_categories = head.num_categories
        self.encoding = encoding
        self.head = head
        self.bank = bank
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
        return next(self.parameters()).device

    def features(self, x: Tensor) -> Tensor:
        """The input of the network. x: int64 (..., D). Returns float32 (..., D x width)."""
        return self.encoding(x, self.embedding)

    def forward(
        self, x: Tensor, mask_set: int = 0, generator: torch.Generator | None = None
    ) -> Tensor:
        """Parameters of all conditionals under one mask set.

        x: int64 (B, D); generator: draws the dropout in training mode. Returns float32 (B, D, P).
        """
        raise NotImplementedError

    def conditional_log_prob(
        self, x: Tensor, mask_set: int = 0, generator: torch.Generator | None = None
    ) -> Tensor:
        """log p(x_d | earlier), in nats. x: int64 (B, D). Returns float32 (B, D)."""
        return self.head.log_prob(self(x, mask_set, generator), x)

    def log_prob(self, x: Tensor, mask_sets: range | None = None) -> Tensor:
        """Joint log p(x) of the mixture over mask sets, in nats (Germain et al. 2015, eq. 3).

        x: categories, int64 (B, D). Returns float32 (B,).
        """
        return likelihood.log_prob(self, x, mask_sets)

    def sample(
        self,
        num_samples: int,
        generator: torch.Generator | None = None,
        mask_sets: range | None = None,
        observed: dict[int, int] | None = None,
    ) -> Tensor:
        """Ancestral samples of the mixture over mask sets, int64 (num_samples, D).

        observed: values of variables that come first in the ordering, kept fixed.
        """
        return sampling.sample(self, num_samples, generator, mask_sets, observed)

    def draw(self, mask_set: int, x: Tensor, uniforms: Tensor, start: int = 0) -> Tensor:
        """Fill x from place `start` of the ordering on; see `sampling.plain`."""
        return sampling.plain(self, mask_set, x, uniforms, start)

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
