"""Every dataset is what its description says, and its settings and seed decide it."""

import math

import numpy as np
import pytest

from made import datasets
from made.base.errors import MadeError
from made.datasets.settings import DataConfig


def embedded():
    return [name for name in datasets.REGISTRY if datasets.REGISTRY[name].file is None]


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


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(MadeError, match=r"no dataset 'mnist'.*binarized-mnist"):
        datasets.info(DataConfig(dataset="mnist"))
