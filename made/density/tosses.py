"""One draw in slow motion: every toss with its chances, and what may still come of it.

The values of a row are tossed one after another along the ordering; that of place t falls by the
conditional p(x_s(t) | x_s(0) … x_s(t-1)) and a uniform number of its own. So a row is a function of
D uniform numbers, and of whatever first values are given: with the same numbers behind a changed
value, nothing before it changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from made.base.errors import MadeError
from made.density.density import Density
from made.density.incremental import Choose, Walk
from made.density.modes import evaluating, full_precision
from made.model.conditionals import Conditionals

NUM_STOPS = 28
NUM_FUTURES = 128  # of 784 pixels by 2,000 units a third of a second; 256 take two thirds
NUMBERS_AT_ONCE = 2**23  # probabilities of the futures' next block


@dataclass(frozen=True, kw_only=True, eq=False)
class Tosses:
    """A row, value by value, in the order in which it was tossed; D places, K categories.

    sequence: int64 (D,), the variable of each place. values: int64 (D,), by place. log_probs:
    float64 (D, K), log p of each category at the time of the toss, in nats. uniforms: float64 (D,).
    num_given: so many first values were given, not tossed. stops: int64 (S,), ascending places.
    expected: float64 (S, D), by place t from the stop on: the mean of E[x | all before t] over the
    rows that may follow the values before the stop, from 0 for the lowest category to 1 for the
    highest; NaN before it. num_futures: how many such rows the mean is over.
    """

    sequence: np.ndarray
    values: np.ndarray
    log_probs: np.ndarray
    uniforms: np.ndarray
    num_given: int
    stops: np.ndarray
    expected: np.ndarray
    num_futures: int

    @property
    def row(self) -> np.ndarray:
        """The row by variable, int64 (D,)."""
        row = np.empty_like(self.values)
        row[self.sequence] = self.values
        return row

    @property
    def own_log_probs(self) -> np.ndarray:
        """log p of the value at each place, float64 (D,), in nats."""
        return np.take_along_axis(self.log_probs, self.values[:, None], axis=1)[:, 0]

    @property
    def running(self) -> np.ndarray:
        """log p of the first 0 … D values, float64 (D + 1,), in nats; the last is log p(x)."""
        return np.concatenate([[0.0], self.own_log_probs.cumsum()])


def uniforms_of(density: Density, seed: int) -> Tensor:
    """The numbers, by place, that decide the row of `density.sample(1, seed=seed)`, (1, D)."""
    generator = torch.Generator().manual_seed(seed)
    torch.rand(1, generator=generator)  # decides the mask set of a mixture
    return torch.rand((1, density.num_variables), generator=generator)


@torch.no_grad()
def toss(
    density: Density,
    seed: int,
    given: Sequence[int] = (),
    *,
    num_stops: int = NUM_STOPS,
    num_futures: int = NUM_FUTURES,
) -> Tosses:
    """The row of a seed under the only mask set of a density, with what may follow some places.

    given: the values of the first places, which are then not tossed. num_futures: rows that go on
    from each of `num_stops` places, evenly spread, by the same uniform numbers from each of them;
    fewer where there are many categories. Raises MadeError.
    """
    walks = _Walks(density)
    head, num_variables = density.network.head, density.num_variables
    uniforms = uniforms_of(density, seed)
    stops = _stops(num_variables, min(num_stops, num_variables))
    widest = int(np.diff(stops).max())
    most = NUMBERS_AT_ONCE // ((len(stops) - 1) * widest * density.num_categories)
    num_futures = max(1, min(num_futures, most))
    noise = torch.rand((num_futures, num_variables), generator=torch.Generator().manual_seed(seed))
    levels = torch.linspace(0, 1, density.num_categories)
    expected = np.full((len(stops) - 1, num_variables), np.nan)
    with evaluating(density), full_precision(density.device):
        own = walks.begin(walks.row(given), uniforms)
        others = walks.begin(
            own.values.new_zeros((num_futures * (len(stops) - 1), num_variables)),
            noise.repeat(len(stops) - 1, 1),
        )
        log_probs = []
        for stop, (first, last) in enumerate(pairwise(stops.tolist())):
            parameters = own.draw(first, last, len(given))
            log_probs.append(head.log_probs(parameters)[:, 0])
            others.join(own, first, num_futures)
            means = head.log_probs(others.draw(first, last, 0)).exp() @ levels.to(density.device)
            means = means.unflatten(1, (stop + 1, num_futures)).mean(dim=2)
            expected[: stop + 1, first:last] = means.T.cpu().numpy()
    return Tosses(
        sequence=walks.sequence.copy(),
        values=own.values[:, 0].cpu().numpy(),
        log_probs=torch.cat(log_probs).double().cpu().numpy(),
        uniforms=uniforms[0].double().numpy(),
        num_given=len(given),
        stops=stops[:-1],
        expected=expected,
        num_futures=num_futures,
    )


@torch.no_grad()
def round_each(density: Density) -> Tensor:
    """The row of the likeliest category at every place, int64 (D,), given those before it.

    Not the likeliest row: no choice looks ahead. Raises MadeError for a mixture of mask sets.
    """
    walks, head = _Walks(density), density.network.head
    stops = _stops(density.num_variables, -(-density.num_variables // NUM_STOPS))
    with evaluating(density), full_precision(density.device):
        row = walks.row(())
        walk = walks.begin(row, row.float(), lambda numbers, _: head.log_probs(numbers).argmax(-1))
        for first, last in pairwise(stops.tolist()):
            walk.draw(first, last, 0)
    return walk.values[np.argsort(walks.sequence), 0].cpu()


def _stops(num_variables: int, count: int) -> np.ndarray:
    """`count` + 1 places from 0 to D, evenly spread."""
    return np.linspace(0, num_variables, count + 1).round().astype(np.int64)


class _Walks:
    """Walks along the ordering of the only mask set of a density. Raises MadeError for several."""

    def __init__(self, density: Density):
        if len(density.mask_sets) > 1:
            raise MadeError(
                f"A mixture of {len(density.mask_sets)} mask sets draws each row under one of "
                "them: choose one, as in density.with_mask_sets(0)."
            )
        self.density = density
        self.mask_set = density.mask_sets[0]
        self.sequence = density.network.bank.mask_set(self.mask_set).ordering.sequence

    def row(self, given: Sequence[int]) -> Tensor:
        """Zeros behind the values of the first places, int64 (1, D). Raises MadeError."""
        if len(given) > len(self.sequence):
            raise MadeError(
                f"{len(given)} first values are given, and there are {len(self.sequence)} "
                "variables: give fewer."
            )
        row = np.zeros((1, len(self.sequence)), np.int64)
        row[0, self.sequence[: len(given)]] = given
        return self.density.rows(row)[0]

    def begin(
        self, x: Tensor, uniforms: Tensor, choose: Choose | None = None
    ) -> _LaidOut | _Passes:
        network, uniforms = self.density.network, uniforms.to(self.density.device)
        along = network.sorted(self.mask_set)
        if along is None:
            return _Passes(network, self.mask_set, x, uniforms, choose)
        return _LaidOut(network, along, x, uniforms, choose)


class _LaidOut(Walk):
    """A walk that others may join on their way: columns come into use from left to right."""

    num_joined = 0

    def join(self, other: _LaidOut | _Passes, first: int, count: int) -> None:
        """The next `count` columns go on from what another one, of one row, has before `first`."""
        assert isinstance(other, Walk)
        if not self.num_joined:
            self.every = (self.layers, self.values, self.uniforms)
        new = slice(self.num_joined, self.num_joined + count)
        layers, values, uniforms = self.every
        for own, its, ends in zip(layers, other.layers, self.ends, strict=True):
            own[: ends[first], new] = its[: ends[first]]
        self.num_joined = new.stop
        self.layers = [layer[:, : new.stop] for layer in layers]
        self.values, self.uniforms = values[:, : new.stop], uniforms[:, : new.stop]


class _Passes:
    """The same for a network without a layout: one pass of all of it per place."""

    def __init__(
        self,
        network: Conditionals,
        mask_set: int,
        x: Tensor,
        uniforms: Tensor,
        choose: Choose | None,
    ):
        self.network, self.mask_set = network, mask_set
        self.sequence = network.bank.mask_set(mask_set).ordering.sequence
        self.choose = choose or network.head.sample
        self.x, self.uniforms = x.clone(), uniforms
        self.num_joined = 0

    @property
    def values(self) -> Tensor:
        """int64 (D, B), by place."""
        return self.x.T[self.sequence]

    def draw(self, first: int, last: int, start: int) -> Tensor:
        rows = slice(0, self.num_joined or len(self.x))
        parameters = []
        for place in range(first, last):
            variable = int(self.sequence[place])
            numbers = self.network(self.x[rows], self.mask_set)[:, variable]
            if place >= start:
                self.x[rows, variable] = self.choose(numbers, self.uniforms[rows, place])
            parameters.append(numbers)
        return torch.stack(parameters)

    def join(self, other: _LaidOut | _Passes, first: int, count: int) -> None:
        new = slice(self.num_joined, self.num_joined + count)
        self.num_joined = new.stop
        before = self.sequence[:first]
        self.x[new, before] = other.values[:first, 0]
