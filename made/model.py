"""The masked network: integers in, the parameters of every conditional out.

    p(x) = prod_t p(x_s(t) | x_s(0), …, x_s(t-1)),   s the sequence of the ordering

Germain et al., "MADE: Masked Autoencoder for Distribution Estimation", ICML 2015.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from made import likelihood, sampling
from made.checks import misfit
from made.config import ExperimentConfig, MaskConfig
from made.encodings import ENCODINGS, Encoding
from made.errors import MadeError
from made.heads import HEADS, Head, head_name
from made.masks import MaskBank, MaskSet

if TYPE_CHECKING:
    from made.datasets import DatasetInfo

ACTIVATIONS = {
    "relu": functional.relu,
    "tanh": torch.tanh,
    "elu": functional.elu,
    "gelu": functional.gelu,
    "silu": functional.silu,
    "softplus": functional.softplus,
    "sigmoid": torch.sigmoid,
}


class AutoregressiveModel(nn.Module):
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

    @property
    def has_density(self) -> bool:
        """False for a plain autoencoder, whose outputs see the very inputs they predict."""
        return self.bank.config.autoregressive

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device

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


@dataclass(frozen=True, eq=False)
class LayerMasks:
    """The masks of one mask set as tensors (out, in) of zeros and ones, expanded at both ends.

    float32 where one mask set is used for ever; uint8 for those that are cycled through, a quarter
    of the memory. Neither is bool, which torch multiplies several times slower.
    """

    layers: list[Tensor]
    direct: Tensor | None


class KeptMasked(torch.autograd.Function):
    """weight * mask for a weight that is zero wherever its mask is: only the gradient is masked."""

    @staticmethod
    def forward(context: Any, weight: Tensor, mask: Tensor) -> Tensor:
        context.save_for_backward(mask)
        return weight.view_as(weight)

    @staticmethod
    def backward(context: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (mask,) = context.saved_tensors
        return gradient * mask, None


class MADE(AutoregressiveModel):
    """Any number of masked hidden layers, and masked direct connections if wanted.

    Weights are shared by all mask sets: a mask hides a weight, it never destroys it.
    """

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
        dropout: float = 0.0,
        generator: torch.Generator | None = None,
    ):
        super().__init__(num_variables, encoding, head, bank)
        num_inputs = num_variables * encoding.width
        num_outputs = num_variables * head.num_parameters
        self.activation = ACTIVATIONS[activation]
        self.dropout = dropout
        # One value of each variable is active whatever its width, and a mask hides half of them:
        # half the variables, or half the units below, are what a unit adds up.
        fans = [num_variables / 2, *(size / 2 for size in hidden_sizes)]
        peaks = [encoding.peak, *[1.0] * len(hidden_sizes)]
        sizes = [num_inputs, *hidden_sizes]
        self.hidden_weights = nn.ParameterList()
        self.hidden_biases = nn.ParameterList()
        for (below, size), fan, peak in zip(pairwise(sizes), fans, peaks, strict=False):
            weight, bias = initial_layer(below, size, fan, peak, generator)
            self.hidden_weights.append(weight)
            self.hidden_biases.append(bias)
        # Zeros at the output let every model start at the product of the marginals.
        self.output_weight = (
            nn.Parameter(torch.zeros(num_outputs, sizes[-1])) if hidden_sizes else None
        )
        self.direct_weight = (
            nn.Parameter(torch.zeros(num_outputs, num_inputs)) if direct_connections else None
        )
        self.output_bias = nn.Parameter(torch.zeros(num_outputs))
        self._masks: dict[tuple[int, torch.device], LayerMasks] = {}
        # A single mask set for ever: masking the weights once and their gradients from then on is
        # the same as masking them in every pass, and cheaper.
        self.keeps_weights_masked = bank.cycle == 1
        if self.keeps_weights_masked:
            self._mask_weights()
            self.register_load_state_dict_post_hook(lambda model, _: model._mask_weights())

    def _masked_weights(self) -> list[tuple[nn.Parameter, Callable[[LayerMasks], Tensor]]]:
        """Every masked weight, with where its mask is found."""
        weights = [*self.hidden_weights]
        if self.output_weight is not None:
            weights.append(self.output_weight)
        found = [
            (weight, lambda masks, layer=layer: masks.layers[layer])
            for layer, weight in enumerate(weights)
        ]
        if self.direct_weight is not None:
            found.append((self.direct_weight, lambda masks: masks.direct))
        return found

    @torch.no_grad()
    def _mask_weights(self) -> None:
        for weight, place in self._masked_weights():
            weight.mul_(place(self.masks(0)))

    def _visible(self, weight: Tensor, mask: Tensor) -> Tensor:
        if self.keeps_weights_masked:
            return KeptMasked.apply(weight, mask)
        return weight * mask.to(weight.dtype)

    def masks(self, mask_set: int) -> LayerMasks:
        """The expanded masks of one mask set on the model's device, the latest ones kept."""
        key = (mask_set, self.device)
        if key not in self._masks:
            while len(self._masks) >= 32:
                self._masks.pop(next(iter(self._masks)))
            self._masks[key] = self._expand(self.bank.mask_set(mask_set))
        return self._masks[key]

    def _expand(self, mask_set: MaskSet) -> LayerMasks:
        width, outputs = self.encoding.width, self.head.num_parameters
        layers = mask_set.layer_masks()
        if layers:
            layers[0] = layers[0].repeat(width, axis=1)
            layers[-1] = layers[-1].repeat(outputs, axis=0)
        direct = None
        if self.direct_weight is not None:
            direct = self._tensor(
                mask_set.direct_mask().repeat(width, axis=1).repeat(outputs, axis=0)
            )
        return LayerMasks([self._tensor(mask) for mask in layers], direct)

    def _tensor(self, mask: np.ndarray) -> Tensor:
        kind = np.float32 if self.keeps_weights_masked else np.uint8
        return torch.from_numpy(mask.astype(kind)).to(self.device)

    def forward(
        self, x: Tensor, mask_set: int = 0, generator: torch.Generator | None = None
    ) -> Tensor:
        features = self.encoding(x)
        masks = self.masks(mask_set)
        hidden = features
        for weight, bias, mask in zip(
            self.hidden_weights, self.hidden_biases, masks.layers, strict=False
        ):
            hidden = self.activation(functional.linear(hidden, self._visible(weight, mask), bias))
            if self.training and self.dropout:
                hidden = hidden * self._keep(hidden, generator)
        if self.output_weight is None:
            output = self.output_bias.expand(len(x), -1)
        else:
            weight = self._visible(self.output_weight, masks.layers[-1])
            output = functional.linear(hidden, weight, self.output_bias)
        if self.direct_weight is not None:
            weight = self._visible(self.direct_weight, masks.direct)
            output = output + functional.linear(features, weight)
        return output.view(len(x), self.num_variables, -1)

    def draw(self, mask_set: int, x: Tensor, uniforms: Tensor, start: int = 0) -> Tensor:
        return sampling.incremental(self, mask_set, x, uniforms, start)

    def _keep(self, hidden: Tensor, generator: torch.Generator | None) -> Tensor:
        keep = torch.empty_like(hidden).bernoulli_(1 - self.dropout, generator=generator)
        return keep.div_(1 - self.dropout)


class Marginals(AutoregressiveModel):
    """Baseline: the product of the marginals, prod_d p(x_d)."""

    def __init__(self, num_variables: int, encoding: Encoding, head: Head, bank: MaskBank):
        super().__init__(num_variables, encoding, head, bank)
        self.output_bias = nn.Parameter(torch.zeros(num_variables * head.num_parameters))

    def forward(
        self, x: Tensor, mask_set: int = 0, generator: torch.Generator | None = None
    ) -> Tensor:
        return self.output_bias.view(self.num_variables, -1).expand(len(x), -1, -1)


class Naive(AutoregressiveModel):
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
        peaks = [head.num_categories - 1.0, *[1.0] * len(hidden_sizes)]
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
        hidden = x[:, :1].float()
        for weight, bias in zip(self.weights, self.biases, strict=True):
            hidden = self.activation(functional.linear(hidden, weight, bias))
        second = functional.linear(hidden, self.output_weight, second)
        return torch.stack([first.expand_as(second), second], dim=1)


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


def build_model(config: ExperimentConfig, info: DatasetInfo) -> AutoregressiveModel:
    """The untrained model of a configuration; the same seed gives the same weights.

    Raises MadeError where the configuration does not fit the data.
    """
    problem = misfit(config, info)
    if problem:
        raise MadeError(problem)
    return MODELS[config.model.model](config, info)


def _parts(config: ExperimentConfig, info: DatasetInfo) -> tuple[int, Encoding, Head, MaskBank]:
    name = head_name(config.model.head, info.num_categories)
    # A baseline keeps the natural ordering: it has neither masks nor hidden degrees.
    masks, sizes = (
        (config.masks, config.model.hidden_sizes)
        if config.model.model == "made"
        else (MaskConfig(), ())
    )
    return (
        info.num_variables,
        ENCODINGS[config.model.encoding](info.num_categories),
        HEADS[name](info.num_categories),
        MaskBank(masks, info.num_variables, sizes),
    )


def _made(config: ExperimentConfig, info: DatasetInfo) -> MADE:
    model = config.model
    return MADE(
        *_parts(config, info),
        hidden_sizes=model.hidden_sizes,
        activation=model.activation,
        direct_connections=model.direct_connections,
        dropout=model.dropout,
        generator=torch.Generator().manual_seed(config.training.seed),
    )


def _marginals(config: ExperimentConfig, info: DatasetInfo) -> Marginals:
    return Marginals(*_parts(config, info))


def _naive(config: ExperimentConfig, info: DatasetInfo) -> Naive:
    return Naive(
        *_parts(config, info),
        hidden_sizes=config.model.hidden_sizes,
        activation=config.model.activation,
        generator=torch.Generator().manual_seed(config.training.seed),
    )


MODELS: dict[str, Callable[[ExperimentConfig, DatasetInfo], AutoregressiveModel]] = {
    "made": _made,
    "marginals": _marginals,
    "naive": _naive,
}
