"""Losses that come in bit by bit end in the very buckets of the whole record."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made import plots
from made.plots import thinned
from made.plots.thinned import Thinned, bucket_size, thin


def record(length: int, seed: int = 0, unknown: float = 0.0) -> np.ndarray:
    generator = np.random.default_rng(seed)
    losses = generator.gamma(2, 5, size=length).astype(np.float32)
    odd = generator.choice([np.nan, np.inf, -np.inf], size=length)
    return np.where(generator.random(length) < unknown, odd, losses).astype(np.float32)


def same(one: Thinned, other: Thinned) -> None:
    for field in dataclasses.fields(Thinned):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        np.testing.assert_array_equal(mine, theirs, err_msg=field.name)


def in_parts(losses: np.ndarray, cuts: list[int]) -> Thinned:
    """As a run that grows is looked at: the whole record only where larger buckets are needed."""
    known = thin(losses[:0])
    for begin, end in zip([0, *cuts], [*cuts, len(losses)], strict=True):
        grown = known.has_room(end)
        known = known.extended(losses[begin:end]) if grown else thin(losses[:end])
    return known


@given(st.data())
def test_however_the_losses_come_in_the_buckets_are_those_of_the_whole(data):
    length = data.draw(st.integers(0, 9000))
    unknown = data.draw(st.sampled_from([0.0, 0.02, 0.9, 1.0]))
    losses = record(length, data.draw(st.integers(0, 99)), unknown)
    cuts = sorted(data.draw(st.lists(st.integers(0, length), max_size=12)))
    same(in_parts(losses, cuts), thin(losses))


def test_a_block_of_a_long_record_is_nothing_to_be_seen(monkeypatch):
    losses = record(50_000, unknown=0.01)
    whole = thin(losses)
    monkeypatch.setattr(thinned, "BLOCK", 1000)
    same(thin(losses), whole)


@pytest.mark.parametrize("length", [1, 24, 999, 1000, 1001, 4096, 100_003])
@pytest.mark.parametrize("unknown", [0.0, 0.3])
def test_the_smoothed_curve_is_the_moving_average_of_every_loss(length, unknown):
    losses = record(length, unknown=unknown)
    curve = thin(losses)
    assert curve.half_life == max(25, 2 * bucket_size(length))
    every = plots.smooth(losses, curve.half_life)
    np.testing.assert_allclose(curve.smoothed(), every[curve.buckets().step - 1], rtol=1e-9)


def test_what_is_said_of_a_long_run_is_what_its_whole_record_says():
    losses = record(100_000, unknown=0.01)
    known = losses[np.isfinite(losses)].astype(np.float64)
    curve = thin(losses)
    assert curve.first == known[0]
    assert len(curve.recent) == thinned.REMEMBERED
    last = plots.smooth(curve.recent, thinned.SHORTEST_HALF_LIFE)[-1]
    assert last == pytest.approx(plots.smooth(known, 25)[-1], rel=1e-12)
    assert plots.live_curve_alt(curve) == plots.live_curve_alt(losses)
    assert plots.live_curve(curve) == plots.live_curve(losses)


def test_losses_that_need_larger_buckets_are_refused():
    curve = thin(record(1000))
    assert not curve.has_room(1001)
    assert not curve.has_room(999)
    with pytest.raises(ValueError, match="larger buckets"):
        curve.extended(record(1))
