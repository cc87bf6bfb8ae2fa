"""A density: the mixture of some mask sets of a network, normalised whatever its weights are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from made.base.errors import MadeError
from made.density import likelihood, sampling
from made.density.modes import evaluating, full_precision
from made.density.values import rows_of
from made.model.conditionals import Conditionals


class Density(nn.Module):
    """p(x) = 1/S sum_s p_s(x) over the mask sets s of a network, p_s(x) = prod_d p(x_d | earlier).

    mask_sets: their numbers, or a single one; by default those that the network's bank evaluates.
    image_shape: (height, width) of rows that are pictures, which are then taken as such, too.

    `log_prob` follows the mode of the network, so that a training loop of one's own can drop out;
    everything else is computed in evaluation mode. Raises MadeError for a plain autoencoder, which
    has no density, and for mask sets that the network does not have.
    """

    has_density = True

    def __init__(
        self,
        network: Conditionals,
        mask_sets: Iterable[int] | int | None = None,
        *,
        image_shape: tuple[int, int] | None = None,
    ):
        super().__init__()
        if not network.has_density:
            raise MadeError(NO_DENSITY)
        self.network = network
        self.mask_sets = network.bank.checked_indices(mask_sets)
        self.image_shape = image_shape
        self.train(network.training)

    @property
    def num_variables(self) -> int:
        return self.network.num_variables

    @property
    def num_categories(self) -> int:
        return self.network.num_categories

    @property
    def device(self) -> torch.device:
        return self.network.device

    def with_mask_sets(self, mask_sets: Iterable[int] | int) -> Density:
        """The mixture of other mask sets of the same network. Raises MadeError."""
        return Density(self.network, mask_sets, image_shape=self.image_shape)

    def rows(self, x: Any) -> tuple[Tensor, bool]:
        """Values as int64 (B, D) on the device, and whether they came as one row; see `rows_of`."""
        return rows_of(
            x,
            self.num_variables,
            self.num_categories,
            image_shape=self.image_shape,
            device=self.device,
        )

    def log_prob(self, x: Any) -> Tensor:
        """Joint log p(x) in nats (Germain et al. 2015, eq. 3).

        x: categories of any integer type, numpy or torch, (B, D), (D,) or pictures. Returns (B,),
        or a single number for (D,), float32 or wider. Raises MadeError for anything else.
        """
        rows, is_single = self.rows(x)
        log_prob = self.log_prob_of_rows(rows)
        return log_prob[0] if is_single else log_prob

    forward = log_prob

    def log_prob_of_rows(self, rows: Tensor) -> Tensor:
        """`log_prob` of checked rows, int64 (B, D)."""
        return likelihood.log_prob(self.network, rows, self.mask_sets)

    def conditionals(self, x: Any) -> Tensor:
        """log p(x_d = k | the variables before d in the ordering), for every d and k, in nats.

        x: as for `log_prob`; a value matters only to the variables after it. Returns (B, D, K), or
        (D, K) for a single row. Raises MadeError for a mixture, whose mask sets differ in what
        comes before: choose one by `with_mask_sets`.
        """
        if len(self.mask_sets) > 1:
            raise MadeError(
                f"A mixture of {len(self.mask_sets)} mask sets has no conditionals of its own: "
                "choose one of them, as in density.with_mask_sets(0).conditionals(x)."
            )
        rows, is_single = self.rows(x)
        with evaluating(self), full_precision(self.device):
            parameters = self.network(rows, self.mask_sets[0])
            log_probs = self.network.head.log_probs(parameters)
        return log_probs[0] if is_single else log_probs

    def log_joint(self) -> np.ndarray:
        """The exact log p of all K^D states, float64, shape (K,) * D.

        Raises MadeError above a million states.
        """
        return likelihood.log_joint(self.network, self.mask_sets)

    def sample(
        self,
        num_samples: int,
        generator: torch.Generator | None = None,
        *,
        seed: int | None = None,
        observed: Mapping[int, Any] | None = None,
    ) -> Tensor:
        """Ancestral samples, int64 (num_samples, D) on the CPU.

        seed: gives the same samples every time; or bring a generator. observed: variable to value,
        one for all rows or an array (num_samples,) of one a row, kept as they are; these variables
        must come first in the ordering of every mask set. Raises MadeError.
        """
        if seed is not None:
            if generator is not None:
                raise MadeError("A seed makes a generator: give one of the two, not both.")
            generator = torch.Generator().manual_seed(seed)
        return sampling.sample(self.network, self.mask_sets, num_samples, generator, observed or {})

    def extra_repr(self) -> str:
        numbers = self.mask_sets
        which = f"mask set {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} mask sets"
        return f"{self.num_variables} variables of {self.num_categories} categories, {which}"


NO_DENSITY = (
    "A plain autoencoder has no density: its outputs see the inputs they predict. "
    "Switch the masks on to get likelihoods and samples."
)


class PlainAutoencoder(nn.Module):
    """A network without masks: it reconstructs what it sees, and whoever asks for more is told why.

    It stands where a density would, and can be evaluated by its reconstruction cross-entropy.
    """

    has_density = False

    def __init__(self, network: Conditionals):
        super().__init__()
        self.network = network
        self.mask_sets = (0,)
        self.train(network.training)

    @property
    def device(self) -> torch.device:
        return self.network.device

    def with_mask_sets(self, mask_sets: Iterable[int] | int) -> PlainAutoencoder:
        """Itself: it has no masks to choose from. Raises MadeError for any but number 0."""
        self.network.bank.checked_indices(mask_sets)
        return self

    def log_prob(self, x: Any) -> Tensor:
        raise MadeError(NO_DENSITY)

    def log_joint(self) -> np.ndarray:
        raise MadeError(NO_DENSITY)

    def conditionals(self, x: Any) -> Tensor:
        raise MadeError(NO_DENSITY)

    def sample(self, num_samples: int, *arguments: Any, **keywords: Any) -> Tensor:
        raise MadeError(NO_DENSITY)

    def log_prob_of_rows(self, rows: Tensor) -> Tensor:
        """Minus the reconstruction cross-entropy of each row, int64 (B, D); no likelihood."""
        return likelihood.log_prob(self.network, rows, self.mask_sets)


Model = Density | PlainAutoencoder


def model_of(network: Conditionals, *, image_shape: tuple[int, int] | None = None) -> Model:
    """The density of a network with all the mask sets that are evaluated, where it has one."""
    if network.has_density:
        return Density(network, image_shape=image_shape)
    return PlainAutoencoder(network)
