"""What a training tells while it goes on; torch is not needed to hear it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Moment:
    """One minibatch of a small joint, and what it did to the exact density.

    epoch, batch: which minibatch of which epoch, both from 1 on; step: so many are done with it.
    rows: its values, integers (B, 2). before, after: float32 (K, K), the densities around it.
    """

    epoch: int
    batch: int
    step: int
    rows: np.ndarray
    before: np.ndarray
    after: np.ndarray


@dataclass(frozen=True)
class Progress:
    """Minibatches that were done since the last event.

    step: minibatches since the start of the run. losses: float32, nats per example.
    ends_epoch: whether the next event is the end of the epoch. moment: of a single minibatch of a
    small joint, while each is told of.
    """

    epoch: int
    step: int
    losses: np.ndarray
    examples_per_second: float
    seconds_left: float | None
    ends_epoch: bool = False
    moment: Moment | None = None


@dataclass(frozen=True)
class EpochEnd:
    """An epoch is over and the model was measured; epoch 0 is the model before any training."""

    epoch: int
    step: int
    figures: dict[str, float]
    is_best: bool
    samples: dict[str, np.ndarray]


@dataclass(frozen=True)
class Finished:
    """The run is over; figures are those of the best checkpoint on the test split.

    log_probs: log p of each test row in nats, float32 (N,); None of a plain autoencoder.
    """

    reason: str
    figures: dict[str, float]
    log_probs: np.ndarray | None = None


Event = Progress | EpochEnd | Finished
EVENTS = {kind.__name__: kind for kind in (Progress, EpochEnd, Finished)}
