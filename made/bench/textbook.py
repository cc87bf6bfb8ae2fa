"""The textbook: MADE as its paper writes it, plain, slow and obviously right.

    h_l = g((W_l * M_l) h_(l-1) + b_l),   p(x) = prod_d p(x_d | x_before_d)

Germain et al., "MADE: Masked Autoencoder for Distribution Estimation", ICML 2015, eqs. 3 and 11.
It shares no code with the engine, so that each can be held against the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle, pairwise
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset


def fourier(x: Tensor, num_categories: int, width: int) -> Tensor:
    """sin(pi j u), then cos(pi j u), for u = x / (K-1) and j = 1 … width / 2."""
    u = x.double() / (num_categories - 1)
    waves = range(1, width // 2 + 1)
    sines = [torch.sin(torch.pi * j * u) for j in waves]
    cosines = [torch.cos(torch.pi * j * u) for j in waves]
    return torch.stack(sines + cosines, dim=-1).flatten(1).float()


def bits(x: Tensor, width: int) -> Tensor:
    """The binary digits of x, the highest first, -1 for a 0 and +1 for a 1."""
    digits = [x // 2**place % 2 for place in reversed(range(width))]
    return 2 * torch.stack(digits, dim=-1).float().flatten(1) - 1


# How the integers x, int64 (B, D) in 0 … K-1, become input features, float32 (B, D x width); the
# table, (K, width), has a learned vector for every category.
ENCODINGS: dict[str, Callable[..., Tensor]] = {
    "raw": lambda x, num_categories, width, table: x.float(),
    "normalized": lambda x, num_categories, width, table: 2 * x.float() / (num_categories - 1) - 1,
    "one-hot": lambda x, num_categories, width, table: (
        functional.one_hot(x, num_categories).float().flatten(1)
    ),
    "fourier": lambda x, num_categories, width, table: fourier(x, num_categories, width),
    "bits": lambda x, num_categories, width, table: bits(x, width),
    "embedding": lambda x, num_categories, width, table: table[x].flatten(1),
}


def logistics(outputs: Tensor, num_categories: int) -> Tensor:
    """p(k) = sum_m w_m (F_m(k + 1/2) - F_m(k - 1/2)), the outer edges far away; float64 (…, K).

    F_m is the logistic distribution function; its mean and scale are given in units of half the
    range, and 1/40 is added to the scale. As F(b) - F(a) = F(-a) - F(-b) around a mean of zero,
    bins above the mean take the right side: in double precision it is no difference of ones.
    """
    logits, means, log_scales = outputs.double().unflatten(-1, (3, -1)).unsqueeze(-1).unbind(-3)
    half = (num_categories - 1) / 2
    inner = [category + 0.5 for category in range(num_categories - 1)]
    edges = torch.tensor([-1e99, *inner, 1e99], dtype=torch.float64, device=outputs.device)
    scaled = (edges - half * (means + 1)) / (half * log_scales.exp() + 1 / 40)
    side = torch.where(scaled[..., :-1] > 0, -1, 1)
    mass = side * ((side * scaled[..., 1:]).sigmoid() - (side * scaled[..., :-1]).sigmoid())
    return (logits.softmax(dim=-2) * mass).sum(dim=-2)


# log p(x_d | earlier), float32 (B, D), from the outputs, float32 (B, D, P), and x.
LOG_PROBS: dict[str, Callable[..., Tensor]] = {
    "bernoulli": lambda outputs, x, num_categories: (
        -functional.binary_cross_entropy_with_logits(
            outputs.squeeze(-1), x.float(), reduction="none"
        )
    ),
    "categorical": lambda outputs, x, num_categories: (
        -functional.cross_entropy(outputs.flatten(0, 1), x.flatten(), reduction="none").view(
            x.shape
        )
    ),
    "logistics": lambda outputs, x, num_categories: (
        logistics(outputs, num_categories).gather(-1, x.unsqueeze(-1)).squeeze(-1).log().float()
    ),
}
# p(x_d = k | earlier) for all k, (B, K), from the outputs of one variable, (B, P).
PROBABILITIES: dict[str, Callable[..., Tensor]] = {
    "bernoulli": lambda outputs, num_categories: torch.cat(
        [(-outputs).sigmoid(), outputs.sigmoid()], dim=-1
    ),
    "categorical": lambda outputs, num_categories: outputs.softmax(dim=-1),
    "logistics": logistics,
}


@dataclass(frozen=True, eq=False)
class Masks:
    """One mask set over the inputs, units and outputs of the network, float32 (out, in) each."""

    sequence: list[int]
    layers: list[Tensor]
    direct: Tensor

    @classmethod
    def of_variables(
        cls,
        sequence: Iterable[int],
        layers: Sequence[np.ndarray],
        direct: np.ndarray,
        *,
        width: int,
        num_outputs: int,
    ) -> Masks:
        """Repeat masks over the D variables for `width` features and `num_outputs` outputs each."""
        whole = [torch.from_numpy(mask).float() for mask in layers]
        whole[0] = whole[0].repeat_interleave(width, dim=1)
        whole[-1] = whole[-1].repeat_interleave(num_outputs, dim=0)
        both = torch.from_numpy(direct).float().repeat_interleave(width, dim=1)
        return cls(
            [int(variable) for variable in sequence],
            whole,
            both.repeat_interleave(num_outputs, dim=0),
        )

    def to(self, device: torch.device | str) -> Masks:
        layers = [mask.to(device) for mask in self.layers]
        return Masks(self.sequence, layers, self.direct.to(device))


class ReferenceMADE(nn.Module):
    """A masked network with at least one hidden layer; its masks come with every call.

    weights: those of the engine's model by the engine's names; they fix all sizes. residual: every
    hidden layer but the first is added to the one before, h_l = g(…) + h_(l-1).
    """

    def __init__(
        self,
        weights: Mapping[str, Tensor],
        num_variables: int,
        num_categories: int,
        *,
        encoding: str,
        head: str,
        activation: str = "relu",
        residual: bool = False,
    ):
        super().__init__()
        self.num_variables, self.num_categories = num_variables, num_categories
        self.encode = ENCODINGS[encoding]
        self.conditional, self.probabilities = LOG_PROBS[head], PROBABILITIES[head]
        self.activation = getattr(torch, activation)
        self.residual = residual
        hidden = [value for name, value in weights.items() if name.startswith("hidden_weights")]
        sizes = [hidden[0].shape[1], *(len(value) for value in hidden), len(weights["output_bias"])]
        self.width = sizes[0] // num_variables
        self.table = None
        if "embedding" in weights:
            self.table = nn.Parameter(weights["embedding"].clone())
        layers = nn.ModuleList(nn.Linear(below, size) for below, size in pairwise(sizes))
        self.layers = cast("Sequence[nn.Linear]", layers)
        self.direct = None
        if "direct_weight" in weights:
            self.direct = nn.Linear(sizes[0], sizes[-1], bias=False)
        with torch.no_grad():
            for index, layer in enumerate(self.layers[:-1]):
                layer.weight.copy_(weights[f"hidden_weights.{index}"])
                layer.bias.copy_(weights[f"hidden_biases.{index}"])
            self.layers[-1].weight.copy_(weights["output_weight"])
            self.layers[-1].bias.copy_(weights["output_bias"])
            if self.direct is not None:
                self.direct.weight.copy_(weights["direct_weight"])

    def forward(self, x: Tensor, masks: Masks) -> Tensor:
        """The parameters of all conditionals. x: int64 (B, D). Returns float32 (B, D, P)."""
        features = hidden = self.encode(x, self.num_categories, self.width, self.table)
        for index, (layer, mask) in enumerate(
            zip(self.layers[:-1], masks.layers[:-1], strict=True)
        ):
            below = hidden
            hidden = self.activation(functional.linear(below, mask * layer.weight, layer.bias))
            if self.residual and index > 0:
                hidden = hidden + below
        last = self.layers[-1]
        outputs = functional.linear(hidden, masks.layers[-1] * last.weight, last.bias)
        if self.direct is not None:
            outputs = outputs + functional.linear(features, masks.direct * self.direct.weight)
        return outputs.view(len(x), self.num_variables, -1)

    def log_prob(self, x: Tensor, masks: Masks) -> Tensor:
        """log p(x) = sum_d log p(x_d | x_before_d) in nats. x: int64 (B, D). Returns (B,)."""
        return self.conditional(self(x, masks), x, self.num_categories).sum(dim=1)

    @torch.no_grad()
    def sample(self, uniforms: Tensor, masks: Masks) -> Tensor:
        """A full pass for each variable; column t of uniforms, (B, D), decides place t."""
        x = torch.zeros(uniforms.shape, dtype=torch.int64, device=uniforms.device)
        for place, variable in enumerate(masks.sequence):
            outputs = self(x, masks)[:, variable]
            cumulative = self.probabilities(outputs, self.num_categories).cumsum(dim=-1)
            drawn = (cumulative <= uniforms[:, place, None]).sum(dim=-1)
            x[:, variable] = drawn.clamp(max=self.num_categories - 1)
        return x


def train(
    model: ReferenceMADE,
    mask_sets: Sequence[Masks],
    rows: Tensor,
    optimizer: torch.optim.Optimizer,
    batch_size: int,
    generator: torch.Generator | None = None,
) -> Iterator[float]:
    """One epoch, a mask set after another. rows: int64 (N, D). Yields the loss of each step."""
    device = next(model.parameters()).device
    loader = DataLoader(TensorDataset(rows), batch_size, shuffle=True, generator=generator)
    for (x,), masks in zip(loader, cycle(mask_sets), strict=False):
        loss = -model.log_prob(x.to(device), masks).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


@torch.no_grad()
def mean_nll(model: ReferenceMADE, masks: Masks, rows: Tensor, batch_size: int = 100) -> float:
    """Mean of -log p(x) in nats per example. rows: int64 (N, D)."""
    device = next(model.parameters()).device
    loader = DataLoader(TensorDataset(rows), batch_size)
    return -sum(model.log_prob(x.to(device), masks).sum().item() for (x,) in loader) / len(rows)
