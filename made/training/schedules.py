"""What changes from step to step beside the weights: the learning rate, and their average."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from made.model.conditionals import Conditionals
    from made.setups.config import TrainingConfig

LOWEST_START = 1 / 25


@dataclass(frozen=True)
class Schedule:
    """The learning rate of step 0 … num_steps-1.

    one-cycle: up from a twenty-fifth along a cosine, then down to zero along another (Smith and
    Topin, "Super-Convergence", 2018). cosine: only the way down (Loshchilov and Hutter, 2017).
    """

    training: TrainingConfig
    num_steps: int

    def __call__(self, step: int) -> float:
        top, share = self.training.learning_rate, step / self.num_steps
        if self.training.schedule == "cosine":
            return top * _fall(share)
        if self.training.schedule == "one-cycle":
            up = self.training.warm_up
            if share < up:
                return top * (1 - (1 - LOWEST_START) * _fall(share / up))
            return top * _fall((share - up) / (1 - up))
        return top


def _fall(share: float) -> float:
    """Half a cosine from 1 at 0 to 0 at 1."""
    return 0.5 * (1 + math.cos(math.pi * share))


class Average:
    """The exponential moving average (EMA) of a model's parameters; none for a decay of 0.

    a <- d a + (1 - d) w with d = min(decay, (1 + t) / (10 + t)) after step t = 0, 1, …, so that
    the first weights, which are no good, are soon forgotten.
    """

    def __init__(self, model: Conditionals, decay: float, *, is_capturable: bool = False):
        self.model, self.decay = model, decay
        self.values: list[Tensor] = []
        # A CUDA graph reads the pace from the same place every time.
        self.pace: float | Tensor = torch.zeros((), device=model.device) if is_capturable else 0.0
        if decay:
            self.values = [parameter.detach().clone() for parameter in model.parameters()]

    def prepare(self, step: int) -> None:
        """Set the pace 1 - d of a step, counted from 0."""
        pace = 1 - min(self.decay, (1 + step) / (10 + step))
        if isinstance(self.pace, Tensor):
            self.pace.fill_(pace)
        else:
            self.pace = pace

    @torch.no_grad()
    def follow(self) -> None:
        """Move towards the weights as they are after a step."""
        if self.values:
            weights: list[Tensor] = list(self.model.parameters())
            if isinstance(self.pace, Tensor):
                torch._foreach_lerp_(self.values, weights, [self.pace] * len(weights))
            else:
                torch._foreach_lerp_(self.values, weights, self.pace)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The model with the average for its weights, as long as the context lasts."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for value, parameter in zip(self.values, self.model.parameters(), strict=False):
            kept = parameter.clone()
            parameter.copy_(value)
            value.copy_(kept)
