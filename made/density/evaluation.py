"""The figures of a trained model, with the units in their names."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from made.base.errors import MadeError
from made.datasets import Dataset
from made.density import likelihood
from made.density.density import Model
from made.density.modes import evaluating
from made.density.values import require_categories

SPLITS = ("train", "validation", "test")
BATCH_SIZE = likelihood.BATCH_SIZE


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


@torch.no_grad()
def mean_nll(model: Model, x: Tensor, batch_size: int = BATCH_SIZE) -> float:
    """Mean of -log p(x) over the rows of x, integers (N, D), in nats per example.

    Summed in float64. For a plain autoencoder it is the reconstruction cross-entropy, no NLL.
    Raises MadeError for no rows.
    """
    if not len(x):
        raise MadeError("There are no rows to take a mean over: give at least one.")
    require_categories(x, model.network.num_categories)
    with evaluating(model):
        if model.has_density and likelihood.prefers_table(model.network, len(x)):
            table = torch.from_numpy(model.log_joint())
            total = table[tuple(x.cpu().long().T)].sum().item()
        else:
            batches = (model.log_prob_of_rows(rows.long()) for rows in x.split(batch_size))
            total = sum(batch.double().sum().item() for batch in batches)
    return -total / len(x)


def evaluate(model: Model, dataset: Dataset, split: str = "test") -> dict[str, float]:
    """NLL of one split and, where the truth is known, the exact cross-entropy and KL.

    A plain autoencoder gets its reconstruction cross-entropy under a name of its own.
    """
    rows = split_tensor(dataset, split, model.device)
    nll = mean_nll(model, rows)
    if not model.has_density:
        return {"reconstruction_nats": nll, "num_examples": len(rows), "num_mask_sets": 1}
    figures = {
        "nll_nats": nll,
        "bits_per_dim": likelihood.bits_per_dim(nll, dataset.num_variables),
        "num_examples": len(rows),
        "num_mask_sets": len(model.mask_sets),
    }
    if len(model.mask_sets) > 1:
        single = [mean_nll(model.with_mask_sets(index), rows) for index in model.mask_sets]
        figures["single_pass_nll_nats"] = float(np.mean(single))
    return figures | exact_figures(model, dataset)


def exact_figures(model: Model, dataset: Dataset) -> dict[str, float]:
    """Cross-entropy and KL against the true joint, in nats; empty where it is not known."""
    joint, entropy = dataset.joint, dataset.entropy
    if joint is None or entropy is None or not model.has_density:
        return {}
    log_model = model.log_joint()
    return {
        "cross_entropy_nats": likelihood.cross_entropy(joint, log_model),
        "kl_nats": likelihood.kl_divergence(joint, log_model),
        "entropy_nats": entropy,
    }


@torch.no_grad()
def reconstructions(model: Model, rows: np.ndarray) -> np.ndarray:
    """The likeliest value of each variable given the whole row. rows: (N, D). Returns (N, D)."""
    network = model.network
    x = torch.from_numpy(rows.astype(np.int64)).to(model.device)
    with evaluating(network):
        likeliest = network.head.log_probs(network(x)).argmax(dim=-1)
    return likeliest.cpu().numpy().astype(rows.dtype)
