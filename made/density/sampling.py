"""Ancestral sampling: one variable after another along the sequence of the ordering.

Two ways that agree draw for draw: `plain` runs the whole network once per variable and works for
every model; `made.density.incremental` computes each hidden unit of a MADE once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from made.base.errors import MadeError
from made.density.likelihood import conditional_tables, prefers_table, require_density
from made.model.heads import sample_categories

if TYPE_CHECKING:
    from made.model.conditionals import Conditionals

BATCH_SIZE = 1_000


@torch.no_grad()
def sample(
    model: Conditionals,
    num_samples: int,
    generator: torch.Generator | None = None,
    mask_sets: range | None = None,
    observed: dict[int, int] | None = None,
) -> Tensor:
    """Samples of the mixture over mask sets: each row is drawn from one of them.

    Without observed variables all are equally likely; with them, mask set s is as likely as it
    makes the observation: p(s | observed) is in proportion to p_s(observed).

    observed: variable to value, kept in every row; these variables must come first in the ordering
    of every mask set used. Returns int64 (num_samples, D) on the CPU; raises MadeError.
    """
    require_density(model)
    was_training = model.training
    model.eval()
    indices = model.bank.evaluation_indices() if mask_sets is None else mask_sets
    observed = observed or {}
    for index in indices:
        _require_first(model, index, observed)
    by_choice = torch.rand(num_samples, generator=generator)
    uniforms = torch.rand((num_samples, model.num_variables), generator=generator)
    rows = torch.zeros((num_samples, model.num_variables), dtype=torch.int64)
    for variable, value in observed.items():
        rows[:, variable] = value
    if len(indices) == 1:
        rows = _draw(model, indices[0], rows, uniforms, len(observed))
    else:
        weights = _weights(model, indices, observed)
        choice = sample_categories(weights.expand(num_samples, -1), by_choice)
        for place, index in enumerate(indices):
            chosen = (choice == place).nonzero().squeeze(1)
            if len(chosen):
                rows[chosen] = _draw(model, index, rows[chosen], uniforms[chosen], len(observed))
    model.train(was_training)
    return rows


def _weights(model: Conditionals, mask_sets: range, observed: dict[int, int]) -> Tensor:
    """p(s | observed) for each mask set, float32 (S,) on the CPU."""
    x = torch.zeros((1, model.num_variables), dtype=torch.int64, device=model.device)
    for variable, value in observed.items():
        x[:, variable] = value
    seen = list(observed)
    each = [model.conditional_log_prob(x, index)[0, seen].sum().cpu() for index in mask_sets]
    return torch.stack(each).softmax(dim=0)


def _draw(model: Conditionals, mask_set: int, x: Tensor, uniforms: Tensor, start: int) -> Tensor:
    """Fill x, (B, D), from place `start` of the ordering on; uniforms: (B, D), by place."""
    if start == 0 and prefers_table(model, len(x)):
        return by_tables(model, mask_set, uniforms)
    batches = [
        model.draw(mask_set, rows.to(model.device), numbers.to(model.device), start).cpu()
        for rows, numbers in zip(x.split(BATCH_SIZE), uniforms.split(BATCH_SIZE), strict=True)
    ]
    return batches[0] if len(batches) == 1 else torch.cat(batches)


def _require_first(model: Conditionals, mask_set: int, observed: dict[int, int]) -> None:
    for variable, value in observed.items():
        if not 0 <= variable < model.num_variables:
            raise MadeError(
                f"There is no variable {variable}; they are counted 0 … {model.num_variables - 1}."
            )
        if not 0 <= value < model.num_categories:
            raise MadeError(
                f"Variable {variable} cannot be {value}; its values are "
                f"0 … {model.num_categories - 1}."
            )
    first = model.bank.mask_set(mask_set).ordering.sequence[: len(observed)].tolist()
    if set(first) != set(observed):
        raise MadeError(
            "Observed variables must come first in the ordering: for these "
            f"{len(observed)}, observe {sorted(first)[:20]} (mask set {mask_set})."
        )


def plain(
    model: Conditionals, mask_set: int, x: Tensor, uniforms: Tensor, start: int = 0
) -> Tensor:
    """One forward pass of the whole network per variable.

    x: int64 (B, D), its first `start` places of the ordering given. uniforms: (B, D), column t
    decides place t. Returns int64 (B, D).
    """
    x = x.clone()
    sequence = model.bank.mask_set(mask_set).ordering.sequence.tolist()
    for place, variable in enumerate(sequence[start:], start):
        parameters = model(x, mask_set)[:, variable]
        x[:, variable] = model.head.sample(parameters, uniforms[:, place])
    return x


def by_tables(model: Conditionals, mask_set: int, uniforms: Tensor) -> Tensor:
    """Draws for many rows of a small model: each distinct prefix passes the network only once.

    uniforms: (B, D), column t decides place t. Returns int64 (B, D).
    """
    sequence = model.bank.mask_set(mask_set).ordering.sequence.tolist()
    x = torch.zeros(uniforms.shape, dtype=torch.int64)
    prefix = torch.zeros(len(uniforms), dtype=torch.int64)
    for place, table in enumerate(conditional_tables(model, mask_set)):
        probabilities = table.double().exp().cpu()
        drawn = _search_rows(probabilities, prefix, uniforms[:, place])
        x[:, sequence[place]] = drawn
        prefix = prefix * model.num_categories + drawn
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
