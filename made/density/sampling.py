"""Ancestral sampling: one variable after another along the sequence of the ordering.

Ways that agree draw for draw, up to ties of rounding: `plain` runs the whole network once per
variable and works for every network; `made.density.incremental` computes each hidden unit of a MADE
once; `by_tables` lists every prefix of a small one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from made.base.errors import MadeError
from made.density import incremental
from made.density.likelihood import conditional_tables, prefers_table
from made.density.modes import evaluating, full_precision
from made.density.values import rows_of
from made.model.conditionals import Conditionals
from made.model.heads import sample_categories

BATCH_SIZE = 1_000


@torch.no_grad()
def sample(
    network: Conditionals,
    mask_sets: Sequence[int],
    num_samples: int,
    generator: torch.Generator | None,
    observed: Mapping[int, Any],
) -> Tensor:
    """Samples of the mixture over mask sets: each row is drawn from one of them.

    Without observed variables all are equally likely; with them, mask set s is as likely as it
    makes the observation: p(s | observed) is in proportion to p_s(observed).

    observed: variable to value, or to an array (num_samples,) of one a row; these variables must
    come first in the ordering of every mask set. Returns int64 (num_samples, D) on the CPU; raises
    MadeError.
    """
    rows = _rows_to_fill(network, num_samples, observed)
    for index in mask_sets:
        _require_first(network, index, observed)
    by_choice = torch.rand(num_samples, generator=generator)
    uniforms = torch.rand((num_samples, network.num_variables), generator=generator)
    with evaluating(network), full_precision(network.device):
        if len(mask_sets) == 1:
            return _draw(network, mask_sets[0], rows, uniforms, len(observed))
        weights = _weights(network, mask_sets, rows, list(observed))
        choice = sample_categories(weights, by_choice)
        for place, index in enumerate(mask_sets):
            chosen = (choice == place).nonzero().squeeze(1)
            if len(chosen):
                rows[chosen] = _draw(network, index, rows[chosen], uniforms[chosen], len(observed))
    return rows


def _rows_to_fill(network: Conditionals, num_samples: int, observed: Mapping[int, Any]) -> Tensor:
    """Zeros, int64 (num_samples, D), with what is observed at its place. Raises MadeError."""
    if not isinstance(num_samples, int | np.integer) or num_samples < 0:
        raise MadeError(f"The number of samples is {num_samples!r}: give 0, 1, 2, …")
    rows = torch.zeros((int(num_samples), network.num_variables), dtype=torch.int64)
    for variable, value in observed.items():
        if not 0 <= variable < network.num_variables:
            raise MadeError(
                f"There is no variable {variable}; they are counted 0 … "
                f"{network.num_variables - 1}."
            )
        column = np.asarray(value)
        if column.ndim and column.shape != (num_samples,):
            raise MadeError(
                f"Variable {variable} is given {column.shape} values for {num_samples} samples: "
                "give one value, or one for each sample."
            )
        if not column.ndim:
            column = column[None]
        try:
            values, _ = rows_of(column[:, None], 1, network.num_categories)
        except MadeError:
            odd = next((v for v in column.tolist() if v not in range(network.num_categories)), "?")
            raise MadeError(
                f"Variable {variable} cannot be {odd}; its values are the integers 0 … "
                f"{network.num_categories - 1}."
            ) from None
        rows[:, variable] = values[:, 0]
    return rows


def _weights(
    network: Conditionals, mask_sets: Sequence[int], rows: Tensor, seen: list[int]
) -> Tensor:
    """p(s | observed) of each row for each mask set, float32 (B, S) on the CPU."""
    if not seen:
        return torch.full((len(rows), len(mask_sets)), 1 / len(mask_sets))
    different, which = rows[:, seen].unique(dim=0, return_inverse=True)
    x = rows.new_zeros((len(different), network.num_variables))
    x[:, seen] = different
    each = [
        torch.cat(
            [
                network.conditional_log_prob(batch.to(network.device), index)[:, seen].sum(dim=1)
                for batch in x.split(BATCH_SIZE)
            ]
        ).cpu()
        for index in mask_sets
    ]
    return torch.stack(each, dim=1).softmax(dim=1)[which]


def _draw(network: Conditionals, mask_set: int, x: Tensor, uniforms: Tensor, start: int) -> Tensor:
    """Fill x, (B, D), from place `start` of the ordering on; uniforms: (B, D), by place."""
    if start == 0 and prefers_table(network, len(x)):
        return by_tables(network, mask_set, uniforms)
    batches = [
        draw(network, mask_set, rows.to(network.device), numbers.to(network.device), start).cpu()
        for rows, numbers in zip(x.split(BATCH_SIZE), uniforms.split(BATCH_SIZE), strict=True)
    ]
    return batches[0] if len(batches) == 1 else torch.cat(batches)


def draw(
    network: Conditionals, mask_set: int, x: Tensor, uniforms: Tensor, start: int = 0
) -> Tensor:
    """The fastest way that the network has. Arguments and result as in `plain`."""
    along = network.sorted(mask_set)
    if along is None:
        return plain(network, mask_set, x, uniforms, start)
    return incremental.draw(network, along, x, uniforms, start)


def _require_first(network: Conditionals, mask_set: int, observed: Mapping[int, Any]) -> None:
    first = network.bank.mask_set(mask_set).ordering.sequence[: len(observed)].tolist()
    if set(first) != set(observed):
        raise MadeError(
            "Observed variables must come first in the ordering: for these "
            f"{len(observed)}, observe {sorted(first)[:20]} (mask set {mask_set})."
        )


@torch.no_grad()
def plain(
    network: Conditionals, mask_set: int, x: Tensor, uniforms: Tensor, start: int = 0
) -> Tensor:
    """One forward pass of the whole network per variable.

    x: int64 (B, D), its first `start` places of the ordering given. uniforms: (B, D), column t
    decides place t. Returns int64 (B, D).
    """
    x = x.clone()
    sequence = network.bank.mask_set(mask_set).ordering.sequence.tolist()
    for place, variable in enumerate(sequence[start:], start):
        parameters = network(x, mask_set)[:, variable]
        x[:, variable] = network.head.sample(parameters, uniforms[:, place])
    return x


def by_tables(network: Conditionals, mask_set: int, uniforms: Tensor) -> Tensor:
    """Draws for many rows of a small network: each distinct prefix passes it only once.

    uniforms: (B, D), column t decides place t. Returns int64 (B, D).
    """
    sequence = network.bank.mask_set(mask_set).ordering.sequence.tolist()
    x = torch.zeros(uniforms.shape, dtype=torch.int64)
    prefix = torch.zeros(len(uniforms), dtype=torch.int64)
    for place, table in enumerate(conditional_tables(network, mask_set)):
        probabilities = table.double().exp().cpu()
        drawn = _search_rows(probabilities, prefix, uniforms[:, place])
        x[:, sequence[place]] = drawn
        prefix = prefix * network.num_categories + drawn
    return x


def _search_rows(probabilities: Tensor, row: Tensor, uniforms: Tensor) -> Tensor:
    """`sample_categories` for row `row[i]` of a table, by one binary search over all rows.

    probabilities: float64 (R, K), row: int64 (B,), uniforms: (B,). Returns int64 (B,).
    """
    num_categories = probabilities.shape[1]
    cumulative = probabilities.cumsum(dim=1)
    cumulative = cumulative / cumulative[:, -1:]
    ascending = (cumulative + torch.arange(len(cumulative)).unsqueeze(1)).flatten()
    found = torch.searchsorted(ascending, row + uniforms.double(), right=True)
    return (found - row * num_categories).clamp(0, num_categories - 1)
