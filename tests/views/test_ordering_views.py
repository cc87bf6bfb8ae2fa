"""What is seen of orderings before a run: pictures, what cannot be, and the grid to paint on."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from made import datasets, plots
from made.datasets import DatasetInfo
from made.model.orderings import ORDERINGS
from made.plots.palette import PLACES
from made.setups.config import ExperimentConfig
from made.setups.orderings import found_sequence
from made.views import ordering_views
from made.views.ordering_views import ordering_line, ordering_tiles


def set_up(dataset: str, **values) -> tuple[ExperimentConfig, DatasetInfo]:
    config = ExperimentConfig.from_flat({"dataset": dataset} | values)
    return config, datasets.info(config.data)


def pixels(png: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))


def colour(hexadecimal: str) -> list[int]:
    return [int(hexadecimal[start : start + 2], 16) for start in (1, 3, 5)]


def test_the_first_place_is_light_and_the_last_is_dark() -> None:
    image = pixels(plots.ordering_png(np.arange(64)[::-1], (8, 8)))
    assert image.shape == (96, 96, 3)
    assert image[-1, -1].tolist() == colour(PLACES[0])
    assert image[0, 0].tolist() == colour(PLACES[-1])
    brightness = pixels(plots.ordering_png(np.arange(6), (2, 3))).sum(axis=2, dtype=np.int64)
    assert (np.diff(brightness[0]) <= 0).all()
    stripes = pixels(plots.ordering_png(np.array([1, 0])))
    assert stripes.shape == (96, 96, 3)
    assert stripes[50, 0].tolist() == colour(PLACES[-1])
    assert "64 variables" in plots.ordering_alt("Snake", 64)


def test_images_can_have_every_ordering_and_each_has_its_picture() -> None:
    tiles = list(ordering_tiles(*set_up("digits8")))
    assert [tile.name for tile in tiles] == list(ORDERINGS)
    assert all(tile.reason is None and tile.picture for tile in tiles)
    pictures = {tile.name: tile.picture for tile in tiles}
    assert len({*pictures.values()}) == len(pictures) - 2
    # Nothing is given yet, and of two categories the variance says what the entropy says.
    assert pictures["given"] == pictures["natural"]
    assert pictures["variance"] == pictures["entropy"]


def test_of_two_variables_the_rest_stands_aside_with_its_reason() -> None:
    tiles = list(ordering_tiles(*set_up("rings")))
    fitting = [(tile.title, tile.places) for tile in tiles if tile.reason is None]
    assert fitting[:2] == [("x₁ first", (1, 2)), ("x₂ first", (2, 1))]
    assert [title for title, _ in fitting[2:]] == ["Random", "Given"]
    aside = tiles[len(fitting) :]
    assert {tile.limits for tile in aside} == {"for images only", "for 3 variables and more"}
    assert all(tile.reason for tile in aside)


def test_what_is_not_here_is_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    config, info = set_up("binarized-mnist", ordering="chow-liu")
    away = DatasetInfo(**{**vars(info), "needs_download": True})
    monkeypatch.setattr(datasets, "load", lambda data: pytest.fail("loaded"))
    tiles = {tile.name: tile for tile in ordering_tiles(config, away)}
    assert tiles["chow-liu"].picture is None
    assert tiles["spiral"].picture
    assert "once the data are here" in ordering_line(config, away)
    assert ordering_views.masks_of(config, away).ordering == "natural"


def test_the_masks_of_a_set_up_are_those_of_the_ordering_that_will_be_found() -> None:
    config, info = set_up("digits8", ordering="information")
    masks = ordering_views.masks_of(config, info)
    assert masks.permutation == found_sequence(config, datasets.load(config.data))


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"ordering": "snake"}, "Row by row, there and back."),
        ({"ordering": "entropy"}, "Found in the training rows"),
        ({"ordering": "given"}, "Nothing is in the list yet"),
        ({"ordering": "given", "permutation": "5, 3"}, "2 come first; the other 62 follow"),
        ({"ordering": "given", "permutation": tuple(range(64))}, "All 64 variables have"),
    ],
)
def test_the_chosen_ordering_is_said_in_words(values: dict, line: str) -> None:
    assert line in ordering_line(*set_up("digits8", **values))


def test_the_grid_to_paint_on_has_the_shape_of_the_image() -> None:
    grid = ordering_views.canvas(*set_up("digits8", ordering="given", permutation=(5, 99, 3)))
    assert (grid.height, grid.width, grid.first) == (8, 8, (5, 3))
    assert ordering_views.canvas(*set_up("digits8", ordering="spiral")) is None
    rows = ordering_views.canvas(*set_up("dna", ordering="given"))
    assert (rows.height, rows.width, rows.num_variables) == (12, 16, 180)
