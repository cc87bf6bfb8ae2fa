"""The generated joints are distributions, exact on every grid."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made.datasets import joints
from made.datasets.base import entropy

GENERATED = (
    joints.rings,
    joints.spiral,
    joints.moons,
    joints.checkerboard,
    joints.gaussians,
)


@pytest.mark.parametrize("table", GENERATED)
@settings(deadline=None, max_examples=50)
@given(num_categories=st.integers(2, 120))
def test_a_generated_joint_is_a_distribution_for_every_grid(table, num_categories):
    joint = table(num_categories)
    assert joint.shape == (num_categories, num_categories)
    assert joint.dtype == np.float64
    assert joint.min() >= 0
    assert math.isclose(joint.sum(), 1, rel_tol=1e-12)


@pytest.mark.parametrize("table", GENERATED)
def test_the_largest_grid_is_a_distribution_too(table):
    assert math.isclose(table(1000).sum(), 1, rel_tol=1e-12)


@pytest.mark.parametrize("table", GENERATED)
@settings(deadline=None, max_examples=50)
@given(num_categories=st.integers(2, 40), factor=st.integers(2, 5))
def test_a_coarse_grid_sums_the_cells_of_a_finer_one(table, num_categories, factor):
    """Masses of cells are exact, so they add up whatever the grid."""
    fine = table(num_categories * factor)
    blocks = fine.reshape(num_categories, factor, num_categories, factor).sum(axis=(1, 3))
    np.testing.assert_allclose(blocks, table(num_categories), atol=1e-13)


@settings(deadline=None, max_examples=50)
@given(centre=st.floats(0.2, 0.8), sigma=st.floats(0.01, 0.05), num_categories=st.integers(2, 50))
def test_cell_masses_are_the_integrals_of_the_normal_density(centre, sigma, num_categories):
    masses = joints.cell_masses(np.array([centre]), sigma, num_categories)[0]
    points = (np.arange(num_categories * 2000) + 0.5) / (num_categories * 2000)
    density = np.exp(-(((points - centre) / sigma) ** 2) / 2) / (sigma * math.sqrt(2 * math.pi))
    integrals = (density / len(points)).reshape(num_categories, 2000).sum(axis=1)
    np.testing.assert_allclose(masses, integrals, atol=1e-6)


def test_the_checkerboard_is_uniform_on_half_of_the_cells_and_has_uniform_marginals():
    joint = joints.checkerboard(200)
    assert (joint > 0).sum() == 20_000
    assert math.isclose(entropy(joint), math.log(20_000), rel_tol=1e-12)
    np.testing.assert_allclose(joint.sum(axis=0), 1 / 200)
    np.testing.assert_allclose(joint.sum(axis=1), 1 / 200)


def test_the_rings_are_symmetric_and_the_moons_map_onto_each_other():
    rings, moons = joints.rings(60), joints.moons(60)
    np.testing.assert_allclose(rings, rings.T, atol=1e-12)
    np.testing.assert_allclose(rings, rings[::-1], atol=1e-12)
    np.testing.assert_allclose(moons, moons[::-1, ::-1], atol=1e-12)
    assert not np.allclose(moons, moons.T, atol=1e-6)
