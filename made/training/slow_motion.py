"""A small joint in slow motion: the exact density before and after each single minibatch."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from made.datasets import Dataset
from made.density.density import Model
from made.density.likelihood import unchanged
from made.training.events import Moment
from made.training.schedules import Average

MOST_STATES = 40_000


def is_small_joint(model: Model, dataset: Dataset) -> bool:
    """Whether all states can be asked after every minibatch, and drawn."""
    is_small = dataset.num_categories**2 <= MOST_STATES
    return dataset.info.is_joint and model.has_density and is_small


def exact_density(model: Model, average: Average) -> np.ndarray:
    """The density that an epoch's end would show now, float32 (K, K)."""
    with average.in_place(), unchanged(model.network):
        return np.exp(model.log_joint()).astype(np.float32)


class SlowMotion:
    """Follows a model from one minibatch to the next."""

    def __init__(self, model: Model, average: Average):
        self.model = model
        self.density = exact_density(model, average)

    def after(self, rows: Tensor, average: Average, *, epoch: int, batch: int, step: int) -> Moment:
        """What the minibatch of these rows, integers (B, 2), has just done."""
        before, self.density = self.density, exact_density(self.model, average)
        return Moment(epoch, batch, step, rows.cpu().numpy(), before, self.density)
