"""What is drawn by hand: a joint of ink, and rows whose distribution is known."""

from __future__ import annotations

import itertools
import json
import math

import numpy as np
import pytest

import made
from made import datasets
from made.base.errors import MadeError
from made.datasets.settings import DataConfig
from made.datasets.uploads.drawings import (
    GRIDS,
    Recipe,
    augmented,
    joint_of,
    keep_drawing,
    keep_pictures,
    levels_of,
    log_prob,
    prototypes,
)


def load(name: str, **options: int) -> datasets.Dataset:
    return datasets.load(DataConfig(dataset=name, **options))


def ink(size: int = 25) -> np.ndarray:
    """A canvas with three inked cells, of 255, 51 and 204."""
    levels = np.zeros((size, size), np.uint8)
    levels[3, 4], levels[3, 5], levels[20, 1] = 255, 51, 204
    return levels


def test_a_drawn_joint_is_known_exactly_and_rows_are_drawn_from_it_by_their_seed():
    name = keep_drawing(ink(), "Three dots")
    dataset = load(name, num_samples=1_000)
    assert dataset.info.title == "Three dots"
    assert dataset.info.has_truth
    assert dataset.num_categories == 25
    assert "drawn by hand" in dataset.info.description
    shares = np.array([0.5, 0.1, 0.4])
    assert dataset.joint[[3, 3, 20], [4, 5, 1]] == pytest.approx(shares)
    assert dataset.entropy == pytest.approx(-(shares * np.log(shares)).sum())
    assert {tuple(row) for row in dataset.train.tolist()} == {(3, 4), (3, 5), (20, 1)}
    np.testing.assert_array_equal(load(name, num_samples=1_000).train, dataset.train)
    assert (load(name, num_samples=1_000, data_seed=1).train != dataset.train).any()


def test_an_empty_canvas_is_one_sentence_and_nothing_is_kept():
    with pytest.raises(MadeError, match=r"^The canvas is empty: draw something on it first\.$"):
        keep_drawing(np.zeros((50, 50), np.uint8), "Nothing")
    assert datasets.upload_names() == []


def test_the_same_drawing_is_kept_once_under_its_latest_name():
    first, second = keep_drawing(ink(), "One"), keep_drawing(ink(), "Two")
    assert first == second
    assert load(first).info.title == "Two"
    assert datasets.upload_names() == [first]


def test_an_upload_of_before_there_were_drawings_is_read_as_ever():
    name = keep_drawing(ink(), "Old")
    path = datasets.uploads_folder() / f"{name.removeprefix('upload-')}.json"
    metadata = json.loads(path.read_text())
    del metadata["description"]
    path.write_text(json.dumps(metadata | {"file": "old.npy"}))
    datasets.clear_cache()
    assert load(name).info.description == "Your own 25 × 25 joint, from the joint 'old.npy'."


@pytest.mark.parametrize("size", GRIDS)
def test_a_joint_becomes_ink_and_the_ink_that_joint(size: int):
    levels = ink(size)
    np.testing.assert_array_equal(levels_of(joint_of(levels), size), levels)


def test_a_joint_of_fewer_cells_fills_the_canvas():
    np.testing.assert_array_equal(
        levels_of(np.eye(2) / 2, 4), 255 * np.eye(2).repeat(2, 0).repeat(2, 1)
    )


def pictures() -> np.ndarray:
    """A dot and a bar on 3 × 3 pixels, so that all states can be counted."""
    drawn = np.zeros((3, 3, 3), np.uint8)
    drawn[0, 1, 1] = 1
    drawn[1, :, 2] = 1
    return drawn


@pytest.mark.parametrize("flip", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("shift", [0, 1])
def test_the_probabilities_of_all_pictures_sum_to_one(flip: float, shift: int):
    states = np.array(list(itertools.product([0, 1], repeat=9)), np.uint8)
    recipe = Recipe(max_shift=shift, flip_probability=flip)
    total = np.exp(log_prob(states, pictures(), recipe)).sum()
    assert total == pytest.approx(1)


def test_rows_come_as_often_as_their_probability_says():
    recipe = Recipe(num_rows=200_000, flip_probability=0.05)
    train, _, _ = augmented(pictures(), recipe)
    states, counts = np.unique(train, axis=0, return_counts=True)
    expected = np.exp(log_prob(states, pictures(), recipe))
    error = np.sqrt(expected * (1 - expected) / len(train))
    assert np.abs(counts / len(train) - expected).max() < (5 * error).max()
    assert np.mean(np.abs(counts / len(train) - expected) < 2 * error + 1e-5) > 0.9


def test_without_shift_or_flip_the_rows_are_the_pictures_that_have_ink():
    recipe = Recipe(num_rows=100, max_shift=0, flip_probability=0)
    train, validation, test = augmented(pictures(), recipe)
    assert (len(train), len(validation), len(test)) == (80, 10, 10)
    expected = {tuple(row) for row in pictures()[:2].reshape(2, 9).tolist()}
    assert {tuple(row) for row in train.tolist()} == expected


def test_a_shift_moves_by_one_pixel_and_loses_what_leaves_the_edge():
    moved = prototypes(pictures()[1:2], 1).reshape(9, 3, 3)
    assert moved.sum(axis=(1, 2)).tolist() == [0, 2, 2, 0, 3, 3, 0, 2, 2]


def test_the_splits_are_independent_draws_and_their_repeats_are_named():
    name = keep_pictures(pictures(), Recipe(num_rows=1_000, flip_probability=0), "Dots")
    dataset = load(name)
    assert dataset.image_shape == (3, 3)
    assert dataset.num_categories == 2
    assert dataset.num_seen_test_rows == len(dataset.test)
    assert (dataset.train[:100] != dataset.test).any()


def test_the_truths_own_figure_stands_in_the_description():
    recipe = Recipe(num_rows=1_000, flip_probability=0.5)
    description = load(keep_pictures(pictures(), recipe, "Noise")).info.description
    assert f"test NLL of {9 * math.log(2):.2f} ± 0.00 nats" in description
    assert "2 small pictures" in description


def test_pictures_without_any_ink_are_one_sentence():
    with pytest.raises(MadeError, match=r"^All pictures are empty: draw at least one\.$"):
        keep_pictures(np.zeros((4, 8, 8), np.uint8), Recipe(), "Nothing")


@pytest.mark.parametrize("levels", [ink(), np.eye(25, dtype=np.uint8), ink() // 255])
def test_a_run_on_a_drawn_joint_is_measured_exactly_against_it(levels: np.ndarray):
    name = keep_drawing(levels, "Drawn")
    run = made.train(name, epochs=1, hidden_sizes=(8,), num_samples=1_000, device="cpu")
    figures = run.evaluate("test")
    assert figures["entropy_nats"] == pytest.approx(load(name).entropy, abs=1e-6)
    assert figures["kl_nats"] > -1e-6
    assert math.isfinite(figures["nll_nats"])
