"""Two at once: the same random numbers, exact divergence, one scale."""

from __future__ import annotations

import numpy as np
import pytest

from made import library, runs
from made.views import examples, surprise, two

TINY = {"hidden_sizes": (8,), "epochs": 1, "progress": False}


def test_of_two_densities_the_divergence_is_exact(folder, random_joint) -> None:
    one, other = random_joint(5), random_joint(5, seed=1)
    expected = (one * np.log(one / other)).sum()
    assert two.divergence(one, other) == pytest.approx(expected)
    assert two.divergence(one, one) == 0
    rings = {"dataset": "rings", "grid_size": 8, "num_samples": 1000}
    first = library.train(**rings, **TINY).run
    second = library.train(**rings, **TINY, encoding="raw").run
    pair = two.two_runs(first, second, 200, 0)
    assert len(pair.figures) == 2
    assert "exact over all states" in pair.said


def test_the_same_run_twice_draws_the_same(folder) -> None:
    first = library.train(dataset="digits8", **TINY).run
    second = library.train(dataset="digits8", **TINY, seed=1).run
    assert two.partners(first, runs.list_runs()) == [second]
    assert "0.0% of all values differ" in two.two_runs(first, first, 9, 3).said
    assert "0.0%" not in two.two_runs(first, second, 9, 3).said


def test_two_rows_are_compared_by_their_nll(folder) -> None:
    run = library.train(dataset="digits8", **TINY).run
    shown = examples.examples(run)
    one, other = (surprise.surprise(run, shown.row(index)) for index in (0, 1))
    pair = two.two_rows(one, other, ("Test row 0", "Test row 1"))
    word = "less" if one.total < other.total else "more"
    assert f"nats {word} surprising" in pair.said
    assert [len(each) for each in pair.pictures] == [2, 2]
