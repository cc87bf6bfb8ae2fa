"""Likelihoods, all in nats: of single rows, and the exact joint of all states where they are few.

The density of several mask sets is the mixture of their probabilities,

    p(x) = 1/S sum_s p_s(x),   log p(x) = logsumexp_s log p_s(x) - log S,

which is normalised; averaging logits is not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor

from made.base.errors import MadeError
from made.datasets.base import entropy
from made.density.modes import evaluating, full_precision
from made.model.conditionals import Conditionals

MAX_STATES = 1_000_000
BATCH_SIZE = 2_000

# Of networks whose weights stay as they are for now: the tables of each mask set.
_kept: dict[Conditionals, dict[int, list[Tensor]]] = {}


def log_prob(network: Conditionals, rows: Tensor, mask_sets: Sequence[int]) -> Tensor:
    """log p(x) of the mixture, in nats. rows: checked categories, int64 (B, D). Returns (B,)."""
    with full_precision(network.device):
        each = [network.conditional_log_prob(rows, index).sum(dim=-1) for index in mask_sets]
    return torch.stack(each).logsumexp(dim=0) - math.log(len(mask_sets))


def prefers_table(network: Conditionals, num_rows: int) -> bool:
    """Whether the table of all states takes fewer forward passes than the rows themselves."""
    passes = network.num_categories ** (network.num_variables - 1)
    return is_enumerable(network.num_variables, network.num_categories) and 2 * passes < num_rows


def bits_per_dim(nll_nats: float, num_variables: int) -> float:
    """NLL in bits per dimension: nats / (D ln 2)."""
    return nll_nats / (num_variables * math.log(2))


def is_enumerable(num_variables: int, num_categories: int) -> bool:
    """Whether K^D is at most a million states."""
    return num_variables * math.log(num_categories) <= math.log(MAX_STATES) + 1e-9


@contextmanager
def unchanged(network: Conditionals) -> Iterator[None]:
    """Meanwhile the weights stay as they are: what is asked of the tables is computed once.

    Whoever changes the weights inside gets the figures and the samples of the old ones.
    """
    if network in _kept:
        yield
        return
    _kept[network] = {}
    try:
        yield
    finally:
        del _kept[network]


def conditional_tables(network: Conditionals, mask_set: int) -> Iterable[Tensor]:
    """For each place t of the ordering, log p(x_s(t) | prefix), float32 (K^t, K).

    Row i is the prefix whose values x_s(0) … x_s(t-1) are the base-K digits of i, first one first.
    All K^D probabilities come from these K^(D-1) + … + 1 forward passes.
    """
    kept = _kept.get(network)
    if kept is None:
        return _tables(network, mask_set)
    if mask_set not in kept:
        kept[mask_set] = list(_tables(network, mask_set))
    return kept[mask_set]


@torch.no_grad()
def _tables(network: Conditionals, mask_set: int) -> Iterator[Tensor]:
    num_categories, num_variables = network.num_categories, network.num_variables
    sequence = network.bank.mask_set(mask_set).ordering.sequence
    prefixes = torch.zeros((1, num_variables), dtype=torch.int64, device=network.device)
    categories = torch.arange(num_categories, device=network.device)
    for place, variable in enumerate(sequence.tolist()):
        if place:
            count = len(prefixes)
            prefixes = prefixes.repeat_interleave(num_categories, dim=0)
            prefixes[:, sequence[place - 1]] = categories.repeat(count)
        rows = [
            network.head.log_probs(network(batch, mask_set)[:, variable])
            for batch in prefixes.split(BATCH_SIZE)
        ]
        yield torch.cat(rows)


def log_joint(network: Conditionals, mask_sets: Sequence[int]) -> np.ndarray:
    """The exact log p of all K^D states of the mixture, float64, shape (K,) * D.

    Raises MadeError above a million states.
    """
    num_variables, num_categories = network.num_variables, network.num_categories
    if not is_enumerable(num_variables, num_categories):
        raise MadeError(
            f"{num_categories}^{num_variables} states are more than the million that "
            "can be listed one by one; use the NLL on the test split instead."
        )
    with evaluating(network), full_precision(network.device):
        each = np.stack([_log_joint(network, index) for index in mask_sets])
    return np.logaddexp.reduce(each, axis=0) - math.log(len(each))


def _log_joint(network: Conditionals, mask_set: int) -> np.ndarray:
    total = np.zeros(1)
    for table in conditional_tables(network, mask_set):
        total = (total[:, None] + table.double().cpu().numpy()).ravel()
    along_sequence = total.reshape((network.num_categories,) * network.num_variables)
    return along_sequence.transpose(network.bank.mask_set(mask_set).ordering.position)


def cross_entropy(truth: np.ndarray, log_model: np.ndarray) -> float:
    """-sum_x truth(x) log model(x), in nats per example; both of the same shape."""
    support = truth > 0
    return float(-(truth[support] * log_model[support]).sum())


def kl_divergence(truth: np.ndarray, log_model: np.ndarray) -> float:
    """KL(truth || model) in nats: what the model pays per example beyond the entropy."""
    return cross_entropy(truth, log_model) - entropy(truth)
