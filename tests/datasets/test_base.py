"""Samples follow their joint, and every row goes to exactly one split."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import made
from made import datasets
from made.datasets import joints
from made.datasets.base import sample_joint, split_rows, split_sizes
from made.datasets.settings import DataConfig


@settings(deadline=None, max_examples=50)
@given(
    masses=st.lists(st.floats(0, 1), min_size=9, max_size=9).filter(lambda m: sum(m) > 1e-3),
    seed=st.integers(0, 2**32),
)
def test_samples_of_a_joint_follow_it_and_avoid_states_of_no_mass(masses, seed):
    joint = np.array(masses).reshape(3, 3)
    joint /= joint.sum()
    samples = sample_joint(joint, 20_000, seed)
    counts = np.bincount(3 * samples[:, 0].astype(int) + samples[:, 1], minlength=9)
    frequencies = counts.reshape(3, 3) / 20_000
    assert (frequencies[joint == 0] == 0).all()
    assert np.abs(frequencies - joint).max() < 6 * 0.5 / math.sqrt(20_000)


def test_the_sampled_marginals_approach_those_of_the_joint():
    joint = joints.spiral(50)
    samples = sample_joint(joint, 400_000, 3)
    for axis in (0, 1):
        frequencies = np.bincount(samples[:, axis], minlength=50) / len(samples)
        np.testing.assert_allclose(frequencies, joint.sum(axis=1 - axis), atol=0.003)


def test_more_samples_of_one_seed_begin_with_the_same_samples(monkeypatch):
    joint = joints.rings(20)
    many = sample_joint(joint, 5000, 7)
    monkeypatch.setattr("made.datasets.base.DRAWS_AT_ONCE", 1000)
    np.testing.assert_array_equal(sample_joint(joint, 1234, 7), many[:1234])
    np.testing.assert_array_equal(sample_joint(joint, 5000, 7), many)


@settings(deadline=None, max_examples=50)
@given(num_rows=st.integers(10, 500), seed=st.integers(0, 1000), train=st.sampled_from([0.7, 0.8]))
def test_every_row_goes_to_exactly_one_split(num_rows, seed, train):
    rows = np.arange(2 * num_rows).reshape(num_rows, 2)
    parts = split_rows(rows, seed, train)
    assert tuple(len(part) for part in parts) == split_sizes(num_rows, train)
    assert min(len(part) for part in parts) > 0
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)[:, 0]), rows[:, 0])
    for part, again in zip(parts, split_rows(rows, seed, train), strict=True):
        np.testing.assert_array_equal(part, again)


def test_entropy_and_independence_of_a_joint_that_is_a_product_agree():
    config = DataConfig(dataset="gaussians", grid_size=2)
    dataset = datasets.load(config)
    assert math.isclose(dataset.entropy, math.log(4), rel_tol=1e-9)
    assert math.isclose(dataset.independence, math.log(4), rel_tol=1e-9)
    assert datasets.load(DataConfig(dataset="digits8")).entropy is None


INFO = made.DatasetInfo(name="x", title="X", description="X.", num_variables=2, num_categories=3)


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (np.zeros((5, 2)), "is of type float64, not of integers"),
        ([[0, 1]], "is of type list, not of integers"),
        (np.zeros((5, 3), int), r"has the shape \(5, 3\), not \(N, 2\)"),
        (np.full((5, 2), 3), "holds the value 3, not only 0 … 2"),
        (np.full((5, 2), -1), "holds the value -1, not only 0 … 2"),
    ],
)
def test_a_dataset_is_what_its_description_says(rows: object, problem: str) -> None:
    good = np.zeros((5, 2), np.uint8)
    with pytest.raises(made.MadeError, match=f"The split 'validation' of 'x' {problem}"):
        made.Dataset(info=INFO, train=good.copy(), validation=rows, test=good.copy())
