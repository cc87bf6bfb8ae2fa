"""Whether a training still has numbers: losses, weights and moments that ran away end it."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from made.training.failures import TrainingFailure

MEND = "Lower the learning rate or clip the gradient."


def finite_losses(losses: Tensor, step: int) -> np.ndarray:
    """The losses of the last minibatches up to `step`, float32 (N,), nats per example.

    Raises TrainingFailure that names the first one that is no number.
    """
    values = losses.float().cpu().numpy()
    broken = np.flatnonzero(~np.isfinite(values))
    if len(broken):
        at = step - len(values) + int(broken[0]) + 1
        raise TrainingFailure(
            f"The loss of minibatch {at} is {values[broken[0]]}: the weights ran away. {MEND}", at
        )
    return values


def require_finite_state(model: nn.Module, optimizer: torch.optim.Optimizer, step: int) -> None:
    """Raises TrainingFailure where a weight, or what the optimiser keeps of it, is no number.

    A loss is measured before its step, which may still ruin the weights.
    """
    kept = [value for values in optimizer.state.values() for value in values.values()]
    tensors = [*model.parameters(), *(value for value in kept if torch.is_tensor(value))]
    device = tensors[0].device
    # A sum is finite only if its terms are, and takes one pass over the memory. Some optimisers
    # keep their step count on the CPU.
    sums = torch.stack([tensor.detach().sum().to(device) for tensor in tensors])
    if not sums.isfinite().all():
        raise TrainingFailure(
            f"The weights after minibatch {step} are too large: they ran away. {MEND}", step
        )


def require_finite_nll(nll: float, epoch: int, step: int) -> None:
    """Raises TrainingFailure where the validation NLL of an epoch is no number."""
    if not math.isfinite(nll):
        raise TrainingFailure(
            f"The validation loss after epoch {epoch} is {nll}: the weights ran away. {MEND}", step
        )
