"""How something is measured: nothing dropped, products in full precision, and back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Evaluation mode for a module and all in it, left as it was entered, whatever happens.

    >>> layer = nn.Dropout()
    >>> with evaluating(layer):
    ...     layer.training
    False
    >>> layer.training
    True
    """
    modes = [(part, part.training) for part in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for part, was_training in modes:
            part.training = was_training


@contextmanager
def full_precision(device: torch.device) -> Iterator[None]:
    """No autocast: what is measured is measured in the type of the parameters."""
    with torch.autocast(device.type, enabled=False):
        yield
