"""Small pictures drawn by hand: what was sent is what is kept, and what is said of it is true."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from made import datasets
from made.base.errors import MadeError
from made.datasets.settings import DataConfig
from made.datasets.uploads.drawings import Recipe, augmented
from made.views import drawn_pictures


def pictures() -> np.ndarray:
    drawn = drawn_pictures.blank()
    drawn[0, 2:6, 3] = 1
    drawn[5, 4, 1:7] = 1
    return drawn


def test_what_is_sent_to_the_sheets_comes_back_as_it_was() -> None:
    sent = drawn_pictures.content(pictures(), 0)
    np.testing.assert_array_equal(drawn_pictures.heard({"pixels": sent["pixels"]}), pictures())
    assert (sent["count"], sent["side"]) == (12, 8)


@pytest.mark.parametrize("pixels", [None, 3, "01", "2" * 768, "é" * 768, ["0"] * 768])
def test_what_is_no_set_of_pictures_is_refused(pixels: Any) -> None:
    for said in (pixels, {"pixels": pixels}, {}):
        with pytest.raises(MadeError, match="did not arrive whole"):
            drawn_pictures.heard(said)


def test_the_line_names_the_rows_that_splits_share_and_the_figure_of_the_truth() -> None:
    recipe = Recipe(num_rows=1_000, max_shift=0, flip_probability=0)
    line = drawn_pictures.split_line(pictures(), recipe)
    assert "800 / 100 / 100 rows" in line
    assert "2 pictures" in line
    assert "100 test rows equal a training row" in line
    assert "0.6931" in line or "0.693" in line


def test_the_line_says_what_the_kept_data_say() -> None:
    recipe = Recipe(num_rows=1_000)
    name = drawn_pictures.keep(pictures(), recipe, "Two bars")
    dataset = datasets.load(DataConfig(dataset=name))
    seen = f"{dataset.num_seen_test_rows} test rows equal"
    assert seen in drawn_pictures.split_line(pictures(), recipe)
    np.testing.assert_array_equal(dataset.train, augmented(pictures(), recipe)[0])
    picture = drawn_pictures.preview(pictures(), recipe)
    assert picture.title == "The first 60 of 800 training rows"


def test_the_examples_leave_room_to_draw() -> None:
    has_ink = drawn_pictures.examples().any(axis=(1, 2))
    assert has_ink.tolist() == [True] * 10 + [False] * 2
