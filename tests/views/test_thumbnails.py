"""A thumbnail shows the data, as far as anything of them is here."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from upload_files import ROWS, TABLE, npy

from made import datasets, library
from made.datasets import Dataset, save_upload
from made.datasets.settings import DataConfig
from made.views.thumbnails import strengths, thumbnail

HERE = [name for name, family in datasets.REGISTRY.items() if family.file is None]


@pytest.fixture(autouse=True)
def runs_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))
    datasets.clear_cache()
    thumbnail.cache_clear()


def load(name: str, **settings: int) -> Dataset:
    return datasets.load(DataConfig(dataset=name, **settings))


@pytest.mark.parametrize("name", HERE)
def test_a_thumbnail_is_a_small_picture_on_a_scale_of_0_to_1(name: str) -> None:
    picture = strengths(load(name, grid_size=450))
    assert picture.ndim == 2
    assert max(picture.shape) <= 200
    assert picture.min() >= 0
    assert picture.max() == 1


def test_a_thumbnail_of_images_holds_the_first_examples() -> None:
    dataset = load("digits8-grey")
    picture = strengths(dataset)
    one_level = 1 / 255
    for place, row in ((np.s_[:8, 8:], 1), (np.s_[8:, :8], 2)):
        image = dataset.train[row].reshape(8, 8) / 16
        np.testing.assert_allclose(picture[place], image, atol=0.5001 * one_level)


@pytest.mark.parametrize("kind", ["joint", "rows"])
def test_a_thumbnail_of_an_upload_lies_between_0_and_1(kind: str) -> None:
    content = npy(TABLE) if kind == "joint" else npy(ROWS)
    picture = strengths(load(save_upload("a.npy", content, kind=kind)))
    assert picture.min() >= 0
    assert picture.max() == 1


def test_two_columns_are_drawn_as_their_histogram() -> None:
    rows = np.array([[0, 1]] * 30 + [[2, 0]] * 10)
    dataset = load(save_upload("a.npy", npy(rows), kind="rows"))
    picture = strengths(dataset)
    assert dataset.info.is_joint
    assert not dataset.info.has_truth
    assert picture.shape == (3, 3)
    assert picture[0, 1] == 1
    assert 0 < picture[2, 0] < 1


def test_thumbnails_fall_back_to_what_a_run_keeps() -> None:
    assert thumbnail("moons", False) is None
    thumbnail.cache_clear()
    small = {"grid_size": 12, "num_samples": 1000, "hidden_sizes": (8,), "epochs": 1}
    library.train("moons", **small, progress=False)
    assert thumbnail("moons", False).startswith(b"\x89PNG")
    thumbnail.cache_clear()
