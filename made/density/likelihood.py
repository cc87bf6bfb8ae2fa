"""Likelihoods, all in nats: single mask sets, mixtures, and the exact joint of small models.

The model of several mask sets is the mixture of their probabilities,

    p(x) = 1/S sum_s p_s(x),   log p(x) = logsumexp_s log p_s(x) - log S,

which is normalised; averaging logits is not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from made.base.errors import MadeError
from made.datasets.base import entropy

if TYPE_CHECKING:
    from made.model.conditionals import Conditionals

MAX_STATES = 1_000_000
BATCH_SIZE = 2_000


def require_density(model: Conditionals) -> None:
    """Raises MadeError for a plain autoencoder."""
    if not model.has_density:
        raise MadeError(
            "A plain autoencoder has no density: its outputs see the inputs they predict. "
            "Switch the masks on to get likelihoods and samples."
        )


def log_prob(model: Conditionals, x: Tensor, mask_sets: range | None = None) -> Tensor:
    """log p(x) of the mixture over mask sets. x: int64 (B, D). Returns float32 (B,), nats."""
    require_density(model)
    mask_sets = model.bank.evaluation_indices() if mask_sets is None else mask_sets
    each = torch.stack([model.conditional_log_prob(x, index).sum(dim=-1) for index in mask_sets])
    return each.logsumexp(dim=0) - math.log(len(mask_sets))


@torch.no_grad()
def mean_nll(
    model: Conditionals,
    x: Tensor,
    mask_sets: range | None = None,
    batch_size: int = BATCH_SIZE,
) -> float:
    """Mean of -log p(x) over the rows of x, integers (N, D), in nats per example.

    Summed in float64. For a plain autoencoder it is the reconstruction cross-entropy, no NLL.
    """
    was_training = model.training
    model.eval()
    if model.has_density and prefers_table(model, len(x)):
        table = torch.from_numpy(log_joint(model, mask_sets))
        total = table[tuple(x.cpu().long().T)].sum().item()
    elif model.has_density:
        total = sum(_total(log_prob(model, rows.long(), mask_sets)) for rows in x.split(batch_size))
    else:
        total = sum(_total(model.conditional_log_prob(rows.long())) for rows in x.split(batch_size))
    model.train(was_training)
    return -total / len(x)


def _total(values: Tensor) -> float:
    return values.double().sum().item()


def prefers_table(model: Conditionals, num_rows: int) -> bool:
    """Whether the table of all states takes fewer forward passes than the rows themselves."""
    passes = model.num_categories ** (model.num_variables - 1)
    return is_enumerable(model.num_variables, model.num_categories) and 2 * passes < num_rows


def bits_per_dim(nll_nats: float, num_variables: int) -> float:
    """NLL in bits per dimension: nats / (D ln 2)."""
    return nll_nats / (num_variables * math.log(2))


def is_enumerable(num_variables: int, num_categories: int) -> bool:
    """Whether K^D is at most a million states."""
    return num_variables * math.log(num_categories) <= math.log(MAX_STATES) + 1e-9


@torch.no_grad()
def conditional_tables(model: Conditionals, mask_set: int) -> Iterator[Tensor]:
    """For each place t of the ordering, log p(x_s(t) | prefix), float32 (K^t, K).

    Row i is the prefix whose values x_s(0) … x_s(t-1) are the base-K digits of i, first one first.
    All K^D probabilities come from these K^(D-1) + … + 1 forward passes.
    """
    num_categories, num_variables = model.num_categories, model.num_variables
    sequence = model.bank.mask_set(mask_set).ordering.sequence
    prefixes = torch.zeros((1, num_variables), dtype=torch.int64, device=model.device)
    categories = torch.arange(num_categories, device=model.device)
    for place, variable in enumerate(sequence.tolist()):
        if place:
            count = len(prefixes)
            prefixes = prefixes.repeat_interleave(num_categories, dim=0)
            prefixes[:, sequence[place - 1]] = categories.repeat(count)
        rows = [
            model.head.log_probs(model(batch, mask_set)[:, variable])
            for batch in prefixes.split(BATCH_SIZE)
        ]
        yield torch.cat(rows)


def log_joint(model: Conditionals, mask_sets: range | None = None) -> np.ndarray:
    """The exact log p of all K^D states, float64, shape (K,) * D, of the mixture over mask sets.

    Raises MadeError above a million states.
    """
    require_density(model)
    if not is_enumerable(model.num_variables, model.num_categories):
        raise MadeError(
            f"{model.num_categories}^{model.num_variables} states are more than the million that "
            "can be listed one by one; use the NLL on the test split instead."
        )
    was_training = model.training
    model.eval()
    mask_sets = model.bank.evaluation_indices() if mask_sets is None else mask_sets
    each = np.stack([_log_joint(model, index) for index in mask_sets])
    model.train(was_training)
    return np.logaddexp.reduce(each, axis=0) - math.log(len(mask_sets))


def _log_joint(model: Conditionals, mask_set: int) -> np.ndarray:
    total = np.zeros(1)
    for table in conditional_tables(model, mask_set):
        total = (total[:, None] + table.double().cpu().numpy()).ravel()
    along_sequence = total.reshape((model.num_categories,) * model.num_variables)
    return along_sequence.transpose(model.bank.mask_set(mask_set).ordering.position)


def cross_entropy(truth: np.ndarray, log_model: np.ndarray) -> float:
    """-sum_x truth(x) log model(x), in nats per example; both of the same shape."""
    support = truth > 0
    return float(-(truth[support] * log_model[support]).sum())


def kl_divergence(truth: np.ndarray, log_model: np.ndarray) -> float:
    """KL(truth || model) in nats: what the model pays per example beyond the entropy."""
    return cross_entropy(truth, log_model) - entropy(truth)
