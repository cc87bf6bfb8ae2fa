"""The map of surprise sums to the NLL, the extremes are those, and the nearest row is nearest."""

from __future__ import annotations

import numpy as np
import pytest

from made import library
from made.runs.folder import Run
from made.views import examples, surprise

TINY = {"hidden_sizes": (8,), "epochs": 1, "progress": False}


@pytest.fixture
def digits(folder) -> Run:
    return library.train(dataset="digits8", ordering="random", num_orderings=2, **TINY).run


def test_the_map_sums_to_the_nll(digits) -> None:
    model = library.load_run(digits.id).model
    row = examples.examples(digits).row(5)
    for mask_set in (0, 1):
        seen = surprise.surprise(digits, row, mask_set)
        expected = -model.with_mask_sets(mask_set).log_prob(row).item()
        assert seen.total == pytest.approx(expected, abs=1e-4)
        assert seen.nats.shape == (64,)
        assert (seen.nats >= 0).all()
    assert f"sums to {seen.total:.2f} nats (NLL)" in surprise.total_line(seen)


def test_the_extremes_are_the_most_and_the_least_likely_test_rows(digits) -> None:
    log_probs, found = digits.test_log_probs(), surprise.extremes(digits)
    assert log_probs[found["most"]].min() >= np.sort(log_probs)[-surprise.NUM_EXTREMES]
    assert log_probs[found["least"][0]] == log_probs.min()
    assert [len(numbers) for numbers in found.values()] == [8, 8]
    assert len(surprise.extreme_pictures(digits)) == 2


def test_the_nearest_row_differs_in_the_fewest_variables(monkeypatch) -> None:
    monkeypatch.setattr(surprise, "ROWS_AT_ONCE", 7)
    generator = np.random.default_rng(0)
    train, samples = generator.integers(3, size=(40, 9)), generator.integers(3, size=(5, 9))
    samples[2] = train[33]
    numbers, different = surprise.nearest(samples, train)
    whole = (samples[:, None] != train[None]).sum(axis=2)
    assert different.tolist() == whole.min(axis=1).tolist()
    assert numbers.tolist() == whole.argmin(axis=1).tolist()
    assert different[2] == 0


def test_without_the_data_it_says_so(digits, monkeypatch) -> None:
    pictures, said = surprise.neighbour_pictures(digits)
    assert len(pictures) == 2
    assert "nearest training row" in said
    monkeypatch.setattr(surprise, "local_data", lambda run: None)
    assert surprise.extremes(digits) is None
    assert surprise.extreme_pictures(digits) == []
    pictures, said = surprise.neighbour_pictures(digits)
    assert not pictures
    assert "not on this machine" in said
