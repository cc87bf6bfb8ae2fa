"""Datasets: the joints are distributions, the samples follow them, and no split leaks."""

import hashlib
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from made import datasets
from made.base.errors import MadeError
from made.datasets import joints
from made.datasets.base import entropy, sample_joint, split_rows, split_sizes
from made.datasets.mnist import HASHES
from made.datasets.settings import DataConfig

GENERATED = (
    joints.rings,
    joints.spiral,
    joints.moons,
    joints.checkerboard,
    joints.gaussians,
)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))
    datasets.clear_cache()


def at_hand(name, **settings):
    if not datasets.is_available(name):
        pytest.skip(f"the file of '{name}' is neither in MADE_DATA_DIR nor in the cache")
    return datasets.load(DataConfig(dataset=name, **settings))


def embedded():
    return [name for name in datasets.REGISTRY if datasets.REGISTRY[name].file is None]


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


@pytest.mark.parametrize("name", embedded())
def test_a_dataset_is_what_its_description_says(name):
    config = DataConfig(dataset=name, num_samples=2000, grid_size=30)
    info, dataset = datasets.info(config), datasets.load(config)
    assert dataset.info == info
    assert info.name == name
    assert not info.needs_download
    splits = (dataset.train, dataset.validation, dataset.test)
    sizes = (info.num_train, info.num_validation, info.num_test)
    for split, size in zip(splits, sizes, strict=True):
        assert split.shape == (size, info.num_variables)
        assert split.dtype == np.uint8
        assert split.max() < info.num_categories
    assert info.has_truth == (dataset.joint is not None)
    if info.image_shape:
        assert math.prod(info.image_shape) == info.num_variables


@pytest.mark.parametrize("name", embedded())
def test_a_dataset_cannot_be_written_to(name):
    dataset = datasets.load(DataConfig(dataset=name, num_samples=1000))
    with pytest.raises(ValueError, match="read-only"):
        dataset.train[0, 0] = 1


def test_a_large_grid_needs_a_larger_type():
    assert datasets.load(DataConfig(dataset="moons", grid_size=256)).train.dtype == np.uint8
    assert datasets.load(DataConfig(dataset="moons", grid_size=257)).train.dtype == np.uint16


def test_the_same_seed_gives_the_same_data_and_another_seed_other_data():
    config = DataConfig(dataset="rings", num_samples=5000, data_seed=1)
    first = datasets.load(config)
    datasets.clear_cache()
    np.testing.assert_array_equal(first.train, datasets.load(config).train)
    other = datasets.load(config.model_copy(update={"data_seed": 2}))
    assert not np.array_equal(first.train, other.train)


def test_a_run_on_more_samples_never_trains_on_what_a_run_on_fewer_is_tested_on():
    few = datasets.load(DataConfig(dataset="rings", num_samples=2000))
    many = datasets.load(DataConfig(dataset="rings", num_samples=20_000))
    np.testing.assert_array_equal(few.test, many.test[: len(few.test)])
    np.testing.assert_array_equal(few.train, many.train[: len(few.train)])
    assert not np.array_equal(few.test, many.train[: len(few.test)])


def test_only_the_settings_that_a_dataset_names_change_it():
    changed = {"num_samples": 2000, "grid_size": 30, "data_seed": 5}
    for name in embedded():
        plain = datasets.load(DataConfig(dataset=name))
        for field, value in changed.items():
            other = datasets.load(DataConfig(dataset=name, **{field: value}))
            same = np.array_equal(plain.train, other.train)
            assert same != (field in datasets.settings(name)), (name, field)


def test_the_cache_returns_the_same_object_and_stays_within_its_bounds(monkeypatch):
    config = DataConfig(dataset="digits8")
    first = datasets.load(config)
    assert datasets.load(config.model_copy(update={"num_samples": 5000})) is first
    monkeypatch.setattr("made.datasets.registry.CACHE_BYTES", first.num_bytes)
    datasets.load(DataConfig(dataset="digits8-grey"))
    assert datasets.load(config) is not first


def test_the_black_and_white_digits_are_the_grey_ones_at_half_scale():
    grey = datasets.load(DataConfig(dataset="digits8-grey"))
    binary = datasets.load(DataConfig(dataset="digits8"))
    np.testing.assert_array_equal(grey.train >= 8, binary.train == 1)
    np.testing.assert_array_equal(grey.test >= 8, binary.test == 1)
    assert grey.train.max() == 16
    assert len(grey.train) + len(grey.validation) + len(grey.test) == 1797


def test_entropy_and_independence_of_a_joint_that_is_a_product_agree():
    config = DataConfig(dataset="gaussians", grid_size=2)
    dataset = datasets.load(config)
    assert math.isclose(dataset.entropy, math.log(4), rel_tol=1e-9)
    assert math.isclose(dataset.independence, math.log(4), rel_tol=1e-9)
    assert datasets.load(DataConfig(dataset="digits8")).entropy is None


def test_the_portrait_has_the_figures_of_the_exercise():
    dataset = at_hand("turing-joint", num_samples=100_000)
    assert dataset.joint.shape == (200, 200)
    assert math.isclose(dataset.joint.sum(), 1, rel_tol=1e-12)
    assert round(2 * math.log(dataset.num_categories), 4) == 10.5966
    assert round(dataset.independence, 4) == 10.5524
    assert round(dataset.entropy, 4) == 10.5198
    assert len(dataset.train) == 80_000


def test_binarized_mnist_is_the_fixed_split():
    dataset = at_hand("binarized-mnist")
    splits = (dataset.train, dataset.validation, dataset.test)
    assert [split.shape for split in splits] == [(50_000, 784), (10_000, 784), (10_000, 784)]
    for split, expected in zip(splits, HASHES, strict=True):
        assert split.dtype == np.uint8
        assert hashlib.sha256(np.packbits(split, axis=1)).hexdigest() == expected


@pytest.mark.parametrize(
    "name", ["dna", "adult", "connect4", "mushrooms", "nips", "ocr_letters", "web"]
)
def test_the_uci_sets_have_the_shapes_of_the_paper(name):
    dataset = at_hand(name)
    info = dataset.info
    assert dataset.train.shape == (info.num_train, info.num_variables)
    assert dataset.test.shape == (info.num_test, info.num_variables)
    assert dataset.train.max() == 1


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(MadeError, match=r"no dataset 'mnist'.*binarized-mnist"):
        datasets.info(DataConfig(dataset="mnist"))
