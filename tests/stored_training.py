"""A training between two of its events: its state after a way through a file, its weights."""

from __future__ import annotations

import torch
from safetensors.torch import load, save

from made.training.state import TrainingState
from made.training.trainer import Trainer


def stored(state: TrainingState) -> TrainingState:
    """A state after its way through a file."""
    tensors, metadata = state.stored()
    file = save({name: value.contiguous() for name, value in tensors.items()}, metadata)
    return TrainingState.from_stored(load(file), dict(metadata))


def weights(training: Trainer) -> dict[str, torch.Tensor]:
    """Copies, by name."""
    return {name: value.clone() for name, value in training.network.state_dict().items()}
