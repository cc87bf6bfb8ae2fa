"""Losses of any length become a short curve: thinned out, smoothed, in a worthwhile range."""

import gc
import subprocess
import sys

import numpy as np
import pytest

from made import plots
from made.plots.series import worthwhile_range
from made.plots.thinned import bucket_size


def exponential_average(losses: np.ndarray, half_life: float) -> np.ndarray:
    """The definition, one value after another."""
    keep = 2 ** (-1 / half_life)
    total = weight = 0.0
    answer = []
    for loss in losses:
        known = np.isfinite(loss)
        total = keep * total + (loss if known else 0.0)
        weight = keep * weight + known
        answer.append(total / weight if weight else np.nan)
    return np.array(answer)


@pytest.mark.parametrize("length", [0, 1, 999, 1000, 1001, 200_000])
def test_decimation_keeps_mean_extremes_and_last_step_within_the_length(length):
    losses = np.random.default_rng(0).normal(10, 1, size=length)
    step, mean, low, high = plots.thin(losses).buckets()
    assert len(step) == len(mean) == len(low) == len(high) == min(length, len(step)) <= 1000
    if length:
        sizes = np.diff(np.append(0, step))
        assert step[-1] == sizes.sum() == length
        assert (mean * sizes).sum() / length == pytest.approx(losses.mean())
        assert low.min() == losses.min()
        assert high.max() == losses.max()
        assert ((low <= mean + 1e-12) & (mean <= high + 1e-12)).all()


def test_decimation_leaves_full_buckets_as_they_are_while_the_run_grows():
    losses = np.random.default_rng(1).normal(size=1900)
    before, after = plots.thin(losses[:1500]).buckets(), plots.thin(losses).buckets()
    assert bucket_size(1500) == bucket_size(1900) == 2
    for old, new in zip(before, after, strict=True):
        assert np.array_equal(old[:-1], new[: len(old) - 1])


def test_decimation_skips_values_that_are_not_finite():
    losses = np.full(4000, np.nan)
    losses[:8] = [1, np.nan, 3, np.inf, 5, 7, 9, -np.inf]
    step, mean, low, high = plots.thin(losses).buckets()
    assert step[0] == 4
    assert (mean[0], low[0], high[0]) == (2, 1, 3)
    assert (mean[1], low[1], high[1]) == (7, 5, 9)
    assert np.isnan(mean[2:]).all()


@pytest.mark.parametrize("half_life", [0.05, 1, 25, 400, 1e6])
@pytest.mark.parametrize("length", [0, 1, 2, 2047, 2048, 5000])
def test_smoothing_equals_the_recursion(length, half_life):
    losses = np.random.default_rng(2).normal(90, 30, size=length)
    losses[::7] = np.nan
    assert np.allclose(
        plots.smooth(losses, half_life), exponential_average(losses, half_life), equal_nan=True
    )


def test_smoothing_keeps_a_constant():
    assert np.allclose(plots.smooth(np.full(200_000, 3.25), 256), 3.25, rtol=1e-12)


def lines_run(work) -> int:
    """How many lines of Python a call executes."""
    # A collection in the middle would run, and count, the farewells of earlier tests' objects.
    gc.collect()
    gc.disable()
    count, before = 0, sys.gettrace()

    def trace(frame, event, argument):
        nonlocal count
        count += event == "line"
        return trace

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
        gc.enable()
    return count


def test_smoothing_a_long_run_loops_over_no_value():
    plots.smooth(np.ones(3), 256)  # What is done once only, such as loading pandas.
    short, long = (
        lines_run(lambda count=count: plots.smooth(np.full(count, 3.25), 256))
        for count in (10, 200_000)
    )
    assert short == long > 0


def test_smoothing_refuses_a_half_life_of_zero():
    with pytest.raises(ValueError, match="above 0"):
        plots.smooth(np.ones(3), 0)


def test_pandas_waits_until_a_curve_is_smoothed():
    code = "import sys, made, made.plots; assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_view_leaves_out_huge_first_losses_and_far_references():
    losses = np.concatenate([np.linspace(540, 100, 50), np.linspace(100, 90, 950)])
    low, high = worthwhile_range(losses, (88.0, 5000.0))
    assert 80 < low < 88
    assert 99 < high < 200


@pytest.mark.parametrize("values", [[], [np.nan], [2.0], [2.0, 2.0]])
def test_the_view_is_never_empty(values):
    low, high = worthwhile_range(np.array(values))
    assert low < high
