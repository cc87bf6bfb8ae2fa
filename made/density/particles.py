"""Completions of any variables given any others, by sequential Monte Carlo along the ordering.

Of p(unknown | known), known variables anywhere, a walk along the ordering reaches place after
place. Each of N particles draws an unknown variable from its conditional, and where a variable is
known its weight is multiplied by p(x_d | earlier), which says how well the particle foresaw it:

    W_i in proportion to prod_(d known) p(x_d | x_i, earlier),   p(known) about the mean of W_i

Where the effective sample size 1 / sum W_i^2 of the weights (of sum one) falls under half of N,
particles are resampled: each is continued as often as its weight says (Gordon, Salmond and Smith,
1993; systematic resampling: Kitagawa, 1996). Weighted means over the particles converge to those of
the exact conditional, and the estimate of p(known) has no bias for any N. Where the known variables
come first in the ordering all weights are equal, and the completions are exact draws.

It runs block by block with the fast walk of `made.density.incremental`. A block in which the
effective sample size falls is cut behind the variable where it did; what was drawn behind the cut
is thrown away and drawn anew. So the result is that of going place by place.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from made.base.errors import MadeError
from made.density.incremental import BLOCK, Walk
from made.density.known_first import RESAMPLE_BELOW
from made.density.modes import evaluating, full_precision
from made.model.conditionals import Conditionals
from made.model.masks import MaskSet


@dataclass(frozen=True, eq=False)
class Particles:
    """Weighted completions of one question.

    rows: int64 (N, D), the known variables as given. weights: float64 (N,), of sum one. ancestors:
    int64 (N,), from which of the first N particles each one descends. sample_sizes: float64 (D,),
    the effective sample size after each place of the ordering, before any resampling there; of a
    mixture the sum over its mask sets, each along its own ordering. log_evidence: the logarithm of
    the estimate of p(known), in nats.
    """

    rows: Tensor
    weights: np.ndarray
    ancestors: np.ndarray
    sample_sizes: np.ndarray
    num_resamplings: int
    log_evidence: float

    @classmethod
    def equal(cls, rows: Tensor) -> Particles:
        """Independent exact draws, int64 (N, D), whose evidence nobody asked for."""
        size, num_variables = rows.shape
        return cls(
            rows=rows,
            weights=np.full(size, 1 / size),
            ancestors=np.arange(size),
            sample_sizes=np.full(num_variables, float(size)),
            num_resamplings=0,
            log_evidence=math.nan,
        )

    @property
    def sample_size(self) -> float:
        """The effective sample size 1 / sum W_i^2 at the end."""
        return effective_size(self.weights)

    @property
    def num_ancestors(self) -> int:
        """How many of the first particles have a descendant among the last."""
        return len(np.unique(self.ancestors))

    @property
    def num_families(self) -> float:
        """The effective number of families, 1 / sum_a W_a^2, W_a the weight of all that descend
        from a first particle a.

        Up to resampling, families are independent of each other, members of one are not. It is at
        most the sample size and the number of ancestors. The mean over the particles of something
        from 0 to 1 that a family shares, as the first variable drawn, has a standard error of at
        most 1 / (2 sqrt(families)) (Chan and Lai, Annals of Statistics 41, 2013).
        """
        return effective_size(np.bincount(self.ancestors, weights=self.weights))

    def mean(self) -> np.ndarray:
        """The mean of each variable given the known ones, float64 (D,)."""
        return self.weights @ self.rows.cpu().numpy()

    def choose(self, num_rows: int, generator: torch.Generator | None = None) -> Tensor:
        """Rows chosen by weight, as different as weights allow, in random order; int64 (n, D)."""
        picks = systematic(self.weights, num_rows, generator)
        return self.rows[picks[torch.randperm(num_rows, generator=generator)]]


def effective_size(weights: np.ndarray) -> float:
    """1 / sum W^2 of weights of sum one: N where they are equal, 1 where one has all.

    >>> effective_size(np.array([0.25, 0.25, 0.25, 0.25])), effective_size(np.array([0.0, 1.0]))
    (4.0, 1.0)
    """
    return float(1 / np.square(weights).sum())


def systematic(
    weights: np.ndarray, num_rows: int, generator: torch.Generator | None = None
) -> Tensor:
    """Indices int64 (n,), ascending: i comes n W_i times, rounded up or down, n W_i on average.

    weights: of sum one. One uniform number shifts a comb of n teeth over their cumulative sum.
    """
    shift = float(torch.rand((), generator=generator, dtype=torch.float64))
    cumulative = np.cumsum(weights)
    comb = (np.arange(num_rows) + shift) / num_rows * cumulative[-1]
    found = np.searchsorted(cumulative, comb, side="right")
    # Rounding may push the last tooth beyond the last particle that has any weight.
    return torch.from_numpy(np.minimum(found, np.flatnonzero(weights)[-1]))


@torch.no_grad()
def complete(
    network: Conditionals,
    mask_sets: Sequence[int] | MaskSet,
    known: Mapping[int, int],
    num_particles: int,
    generator: torch.Generator | None = None,
) -> Particles:
    """Complete some known variables under a density of a network.

    mask_sets: those that are mixed; each gets an equal share of the particles, one at least, and
    its share counts as much as its estimate of p_s(known) says. Or one that is none of the bank's,
    for a network whose weights serve all. known: variable to value. Raises MadeError where they are
    no values of its variables, for less than one particle, and where the model gives them
    probability zero.
    """
    _require(network, known, num_particles)
    with evaluating(network), full_precision(network.device):
        if isinstance(mask_sets, MaskSet):
            return _possible(_under(network, mask_sets, known, num_particles, generator))
        share, more = divmod(max(num_particles, len(mask_sets)), len(mask_sets))
        each = [
            _under(network, index, known, share + (place < more), generator)
            for place, index in enumerate(mask_sets)
        ]
    return _possible(each[0] if len(each) == 1 else _mixed(each))


def _require(network: Conditionals, known: Mapping[int, int], num_particles: int) -> None:
    if num_particles < 1:
        raise MadeError(f"The number of particles is {num_particles}: give 1 or more.")
    for variable, value in known.items():
        if variable not in range(network.num_variables):
            last = network.num_variables - 1
            raise MadeError(f"There is no variable {variable}; they are counted 0 … {last}.")
        if value not in range(network.num_categories):
            raise MadeError(
                f"Variable {variable} cannot be {value}; its values are the integers 0 … "
                f"{network.num_categories - 1}."
            )


def _possible(particles: Particles) -> Particles:
    if not math.isfinite(particles.log_evidence):
        raise MadeError(
            "The model gives the known values probability zero: leave some of them unknown."
        )
    return particles


class Way(Protocol):
    """What goes along an ordering. values: int64 (D, N), by place."""

    values: Tensor

    def fill(self, first: int, last: int, is_open: Tensor) -> Tensor:
        """Draw the open ones of places first … last-1; parameters (last - first, N, P) of all."""
        ...

    def pick(self, rows: Tensor, num_places: int) -> None:
        """Go on from some of the particles, of which only the first places matter."""
        ...


class PlainWalk:
    """One pass of the whole network for each place, for networks that have no layout to walk on."""

    def __init__(self, network: Conditionals, mask_set: int, x: Tensor, uniforms: Tensor):
        self.network, self.mask_set, self.uniforms = network, mask_set, uniforms.T
        ordering = network.bank.mask_set(mask_set).ordering
        self.sequence, self.position = ordering.sequence.tolist(), ordering.position.tolist()
        self.values = x.T[self.sequence]

    def fill(self, first: int, last: int, is_open: Tensor) -> Tensor:
        each = []
        for place in range(first, last):
            x = self.values[self.position].T
            each.append(self.network(x, self.mask_set)[:, self.sequence[place]])
            if is_open[place - first]:
                self.values[place] = self.network.head.sample(each[-1], self.uniforms[place])
        return torch.stack(each)

    def pick(self, rows: Tensor, num_places: int) -> None:
        self.values = self.values[:, rows]


def _under(
    network: Conditionals,
    mask_set: int | MaskSet,
    known: Mapping[int, int],
    num_particles: int,
    generator: torch.Generator | None,
) -> Particles:
    """The particles of one mask set, whose estimate of p(known) may be zero."""
    device, size = network.device, (num_particles, network.num_variables)
    uniforms = torch.rand(size, generator=generator).to(device)
    x = torch.zeros(size, dtype=torch.int64, device=device)
    for variable, value in known.items():
        x[:, variable] = value
    along = network.sorted(mask_set)
    walk: Way
    if along is not None:
        walk, sequence = Walk(network, along, x, uniforms), along.sequence
    else:
        assert isinstance(mask_set, int)
        walk = PlainWalk(network, mask_set, x, uniforms)
        sequence = walk.sequence
    is_open = torch.tensor([variable not in known for variable in sequence], device=device)
    return _weighed(walk, sequence, is_open, network, generator)


def _weighed(
    walk: Way,
    sequence: list[int],
    is_open: Tensor,
    network: Conditionals,
    generator: torch.Generator | None,
) -> Particles:
    """Go along the ordering. is_open: bool (D,), by place."""
    num_places, num_particles = walk.values.shape
    open_places = is_open.nonzero()
    last_open = int(open_places[-1]) if len(open_places) else -1
    ancestors = np.arange(num_particles)
    log_weights = np.zeros(num_particles)
    log_evidence, num_resamplings = 0.0, 0
    sample_sizes = np.empty(num_places)
    first = 0
    while first < num_places:
        last = min(first + BLOCK, num_places)
        inside = slice(first, last)
        parameters = walk.fill(first, last, is_open[inside])
        steps = network.head.log_prob(parameters.transpose(0, 1), walk.values[inside].T).double()
        steps = steps.masked_fill(is_open[inside], 0)
        sums = log_weights[:, None] + steps.cumsum(dim=1).cpu().numpy()
        sizes = _sizes(sums)
        # Behind the last variable that is drawn, resampling would only lose what weights tell.
        early = sizes[: max(last_open - first, 0)]
        low = np.flatnonzero((early < RESAMPLE_BELOW * num_particles) & (early > 0))
        if len(low):
            last = first + int(low[0]) + 1
        log_weights = sums[:, last - first - 1]
        sample_sizes[first:last] = sizes[: last - first]
        if len(low):
            log_evidence += _log_mean(log_weights)
            picks = systematic(_weights(log_weights), num_particles, generator)
            walk.pick(picks.to(walk.values.device), last)
            ancestors, log_weights = ancestors[picks.numpy()], np.zeros(num_particles)
            num_resamplings += 1
        first = last
    return Particles(
        rows=walk.values[np.argsort(sequence)].T.cpu(),
        weights=_weights(log_weights),
        ancestors=ancestors,
        sample_sizes=sample_sizes,
        num_resamplings=num_resamplings,
        log_evidence=log_evidence + _log_mean(log_weights),
    )


def _mixed(each: Sequence[Particles]) -> Particles:
    """The particles of several mask sets together: p(s | known) in proportion to p_s(known)."""
    logs = np.array([particles.log_evidence for particles in each])
    shares = _weights(logs)
    starts = np.cumsum([0, *(len(particles.rows) for particles in each)])
    return Particles(
        rows=torch.cat([particles.rows for particles in each]),
        weights=np.concatenate(
            [share * one.weights for share, one in zip(shares, each, strict=True)]
        ),
        ancestors=np.concatenate(
            [start + one.ancestors for start, one in zip(starts, each, strict=False)]
        ),
        sample_sizes=np.sum([one.sample_sizes for one in each], axis=0),
        num_resamplings=sum(one.num_resamplings for one in each),
        log_evidence=_log_mean(logs),
    )


def _log_mean(logs: np.ndarray) -> float:
    return float(np.logaddexp.reduce(logs)) - math.log(len(logs))


def _weights(logs: np.ndarray) -> np.ndarray:
    """Weights of sum one from their logarithms; equal ones where all are zero."""
    top = logs.max()
    weights = np.exp(logs - top) if np.isfinite(top) else np.ones_like(logs)
    return weights / weights.sum()


def _sizes(logs: np.ndarray) -> np.ndarray:
    """The effective sample size of each column of log-weights (N, places); 0 where all are zero."""
    top = logs.max(axis=0)
    weights = np.exp(logs - np.where(np.isfinite(top), top, 0))
    squares = np.square(weights).sum(axis=0)
    return np.divide(
        np.square(weights.sum(axis=0)), squares, out=np.zeros_like(squares), where=squares > 0
    )
