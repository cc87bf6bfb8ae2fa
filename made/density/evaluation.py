"""The figures of a trained model, with the units in their names."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from made.base.errors import MadeError
from made.datasets import Dataset
from made.density import likelihood
from made.density.density import Density, Model
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


@dataclass(frozen=True)
class Evaluation:
    """What a model makes of a split.

    figures: by their names in files. log_probs: log p of each row in nats, in the order of the
    split, float32 (N,); None for a plain autoencoder, which has no likelihood.
    """

    figures: dict[str, float]
    log_probs: np.ndarray | None = None


@torch.no_grad()
def log_probs(model: Model, x: Tensor, batch_size: int = BATCH_SIZE) -> np.ndarray:
    """log p of each row of x, integers (N, D), in nats, float64 (N,).

    For a plain autoencoder it is minus the reconstruction cross-entropy, no likelihood.
    Raises MadeError for no rows.
    """
    if not len(x):
        raise MadeError("There are no rows to take a mean over: give at least one.")
    require_categories(x, model.network.num_categories)
    with evaluating(model):
        if model.has_density and likelihood.prefers_table(model.network, len(x)):
            return model.log_joint()[tuple(x.cpu().long().T.numpy())]
        batches = (model.log_prob_of_rows(rows.long()) for rows in x.split(batch_size))
        return np.concatenate([batch.double().cpu().numpy() for batch in batches])


def mean_nll(model: Model, x: Tensor, batch_size: int = BATCH_SIZE) -> float:
    """Mean of -log p(x) over the rows of x, integers (N, D), in nats per example.

    Summed in float64. For a plain autoencoder it is the reconstruction cross-entropy, no NLL.
    Raises MadeError for no rows.
    """
    return -float(log_probs(model, x, batch_size).mean())


def evaluate(model: Model, dataset: Dataset, split: str = "test") -> dict[str, float]:
    """NLL of one split with its standard error and, where the truth is known, the exact KL.

    A plain autoencoder gets its reconstruction cross-entropy under a name of its own.
    """
    return measure(model, dataset, split).figures


def measure(model: Model, dataset: Dataset, split: str = "test") -> Evaluation:
    """The figures of one split and the log-probability of each of its rows, in one pass."""
    rows = split_tensor(dataset, split, model.device)
    if not isinstance(model, Density):
        figures = {"reconstruction_nats": mean_nll(model, rows), "num_examples": len(rows)}
        return Evaluation(figures | {"num_mask_sets": 1})
    mixture, single = _mixture(model, rows)
    nll = -float(mixture.mean())
    figures = {
        "nll_nats": nll,
        **_error("nll_standard_error", mixture),
        "bits_per_dim": likelihood.bits_per_dim(nll, dataset.num_variables),
        "num_examples": len(rows),
        "num_mask_sets": len(model.mask_sets),
    }
    if split == "test" and dataset.num_seen_test_rows is not None:
        figures["num_seen_test_rows"] = dataset.num_seen_test_rows
    if len(model.mask_sets) > 1:
        figures["single_pass_nll_nats"] = -float(single.mean())
        figures |= _error("single_pass_standard_error", single)
    return Evaluation(figures | exact_figures(model, dataset), mixture.astype(np.float32))


def _mixture(model: Density, rows: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Of each row log p of the mixture, and the mean over its mask sets of log p_s; both (N,)."""
    each = (log_probs(model.with_mask_sets(index), rows) for index in model.mask_sets)
    mixture = total = next(each)
    for single in each:
        mixture, total = np.logaddexp(mixture, single), total + single
    size = len(model.mask_sets)
    return mixture - math.log(size), total / size


def _error(name: str, values: np.ndarray) -> dict[str, float]:
    """The standard error of a mean over rows, in nats; of a single row none is known."""
    size = len(values)
    return {name: float(values.std(ddof=1)) / math.sqrt(size)} if size > 1 else {}


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
