"""The figures of a trained model, with the units in their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from made.base.errors import MadeError
from made.density import likelihood

if TYPE_CHECKING:
    from made.datasets import Dataset
    from made.model.conditionals import Conditionals

SPLITS = ("train", "validation", "test")


def split_tensor(dataset: Dataset, split: str, device: torch.device | str = "cpu") -> Tensor:
    """One split as the smallest integer tensor torch can index, (N, D).

    Raises MadeError for an unknown split.
    """
    if split not in SPLITS:
        raise MadeError(f"There is no split '{split}'; choose one of {', '.join(SPLITS)}.")
    rows = getattr(dataset, split)
    return torch.from_numpy(rows.astype(np.uint8 if rows.dtype == np.uint8 else np.int16)).to(
        device
    )


def evaluate(
    model: Conditionals,
    dataset: Dataset,
    split: str = "test",
    mask_sets: range | None = None,
) -> dict[str, float]:
    """NLL of one split and, where the truth is known, the exact cross-entropy and KL.

    A plain autoencoder gets its reconstruction cross-entropy under a name of its own.
    """
    rows = split_tensor(dataset, split, model.device)
    indices = model.bank.evaluation_indices() if mask_sets is None else mask_sets
    nll = likelihood.mean_nll(model, rows, indices)
    if not model.has_density:
        return {"reconstruction_nats": nll, "num_examples": len(rows), "num_mask_sets": 1}
    figures = {
        "nll_nats": nll,
        "bits_per_dim": likelihood.bits_per_dim(nll, dataset.num_variables),
        "num_examples": len(rows),
        "num_mask_sets": len(indices),
    }
    if len(indices) > 1:
        single = [likelihood.mean_nll(model, rows, range(i, i + 1)) for i in indices]
        figures["single_pass_nll_nats"] = float(np.mean(single))
    return figures | exact_figures(model, dataset, indices)


def exact_figures(
    model: Conditionals, dataset: Dataset, mask_sets: range | None = None
) -> dict[str, float]:
    """Cross-entropy and KL against the true joint, in nats; empty where it is not known."""
    if dataset.joint is None or not model.has_density:
        return {}
    log_model = likelihood.log_joint(model, mask_sets)
    return {
        "cross_entropy_nats": likelihood.cross_entropy(dataset.joint, log_model),
        "kl_nats": likelihood.kl_divergence(dataset.joint, log_model),
        "entropy_nats": dataset.entropy,
    }
