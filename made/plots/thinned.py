"""A loss record of any length as at most a thousand buckets that grow with it.

Only what is new is looked at when a run has gone on, and the outcome is bit for bit that of the
whole record at once, however it came in.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

MAX_POINTS = 1000
SHORTEST_HALF_LIFE = 25
# So many half-lives back a value counts less than the last bit of a sum of float64.
REMEMBERED = 60 * SHORTEST_HALF_LIFE
BLOCK = 1 << 18  # minibatches looked at at once; a multiple of every bucket below it


class Decimated(NamedTuple):
    """Buckets of consecutive minibatches; each array has shape (buckets,)."""

    step: np.ndarray  # number of the last minibatch in the bucket, the first minibatch being 1
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray


def bucket_size(num_losses: int, points: int = MAX_POINTS) -> int:
    """Smallest power of two that leaves at most `points` buckets.

    A power of two, because a bucket then keeps its content while the run grows: only the last
    one changes from one look to the next, and the drawn curve does not tremble.
    """
    size = 1
    while -(-num_losses // size) > points:
        size *= 2
    return size


@dataclass(frozen=True)
class Thinned:
    """The first `count` losses of a run, in buckets of `size` consecutive minibatches.

    sums: float64 (buckets, 6) of the full ones: how many values are finite, their sum, minimum and
    maximum, and sum_j w^(size-1-j) x_j and sum_j w^(size-1-j) over the finite x_j, in which
    w = 2^(-1/half_life). tail: the losses of the bucket that is not full, float64 (< size,).
    first: the first finite loss, or None. recent: the last finite ones, at most REMEMBERED.
    """

    size: int
    count: int = 0
    sums: np.ndarray = dataclasses.field(default_factory=lambda: np.empty((0, 6)))
    tail: np.ndarray = dataclasses.field(default_factory=lambda: np.empty(0))
    first: float | None = None
    recent: np.ndarray = dataclasses.field(default_factory=lambda: np.empty(0))

    def __len__(self) -> int:
        return self.count

    def has_room(self, num_losses: int) -> bool:
        """Whether the buckets of a record of so many losses have the same size."""
        return num_losses >= self.count and bucket_size(num_losses) == self.size

    def extended(self, losses: np.ndarray) -> Thinned:
        """With further losses (N,). Raises ValueError where there is no room for them."""
        if not self.has_room(self.count + len(losses)):
            raise ValueError(f"{self.count} and {len(losses)} losses need larger buckets.")
        return self.with_parts([losses])

    def with_parts(self, parts: Iterable[np.ndarray]) -> Thinned:
        """As `extended`, of what comes in parts and never stands in memory at once."""
        longer = self
        # Of the values that are no number some complain when they are made wider.
        with np.errstate(invalid="ignore"):
            for part in parts:
                for begin in range(0, len(part), BLOCK):
                    longer = longer._with(np.asarray(part[begin : begin + BLOCK], np.float64))
        return longer

    def _with(self, losses: np.ndarray) -> Thinned:
        known = losses[np.isfinite(losses)]
        pending = np.concatenate([self.tail, losses])
        end = len(pending) - len(pending) % self.size
        full = _sums(pending[:end].reshape(-1, self.size), self.half_life)
        return Thinned(
            size=self.size,
            count=self.count + len(losses),
            sums=np.concatenate([self.sums, full]),
            tail=pending[end:],
            first=float(known[0]) if self.first is None and len(known) else self.first,
            recent=np.concatenate([self.recent, known[-REMEMBERED:]])[-REMEMBERED:],
        )

    @property
    def half_life(self) -> int:
        """Of the smoothed curve, in minibatches."""
        return max(SHORTEST_HALF_LIFE, 2 * self.size)

    def _all_sums(self) -> np.ndarray:
        """`sums` with the bucket that is not full as well."""
        if not len(self.tail):
            return self.sums
        return np.concatenate([self.sums, _sums(self.tail[None], self.half_life)])

    def buckets(self) -> Decimated:
        """Mean, minimum and maximum of each bucket; one without a finite value is NaN."""
        count, total, low, high = self._all_sums().T[:4]
        empty = count == 0
        mean = np.where(empty, np.nan, total / np.maximum(count, 1))
        step = np.minimum(self.size * np.arange(1, len(count) + 1), self.count)
        return Decimated(step, mean, np.where(empty, np.nan, low), np.where(empty, np.nan, high))

    def smoothed(self) -> np.ndarray:
        """The moving average `series.smooth` of all losses at the end of each bucket, (buckets,).

        Its two sums go on from bucket to bucket: S_end = w^size S_begin + sum_j w^(size-1-j) x_j.
        """
        return np.array(list(self._averages()))

    def _averages(self) -> Iterator[float]:
        fade = _keep(self.half_life) ** self.size
        pull = weight = 0.0
        sums = self._all_sums()[:, 4:].tolist()
        for place, (own_pull, own_weight) in enumerate(sums):
            if place == len(self.sums):
                fade = _keep(self.half_life) ** len(self.tail)
            pull, weight = fade * pull + own_pull, fade * weight + own_weight
            yield pull / weight if weight else np.nan


def thin(losses: np.ndarray) -> Thinned:
    """A whole record, one loss a minibatch, shape (N,)."""
    return thin_parts(len(losses), [losses])


def thin_parts(count: int, parts: Iterable[np.ndarray]) -> Thinned:
    """A whole record of so many losses that comes in parts, and never stands in memory at once."""
    return Thinned(bucket_size(count)).with_parts(parts)


def _keep(half_life: int) -> float:
    return float(2 ** (-1 / half_life))


def _sums(buckets: np.ndarray, half_life: int) -> np.ndarray:
    """What `Thinned.sums` holds of some buckets (M, size). Returns (M, 6).

    Each row is summed by itself, so that it has the same bits whatever stands beside it.
    """
    weights = _keep(half_life) ** np.arange(buckets.shape[1] - 1, -1, -1.0)
    known = np.isfinite(buckets)
    values = np.where(known, buckets, 0.0)
    low = np.where(known, buckets, np.inf).min(axis=1)
    high = np.where(known, buckets, -np.inf).max(axis=1)
    count = known.sum(axis=1, dtype=np.float64)
    pull, weight = (values * weights).sum(axis=1), (known * weights).sum(axis=1)
    return np.stack([count, values.sum(axis=1), low, high, pull, weight], axis=1)
