"""Masks as pictures: the share that is open is drawn, and what is dead is marked and said."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from made import runs
from made.model.masks import MaskSet
from made.model.orderings import Ordering
from made.setups.config import ExperimentConfig
from made.views import mask_layers
from made.views.mask_layers import Edge, block_mean, layer


def edge(*degrees: int, dead: tuple[int, ...] = ()) -> Edge:
    names = [f"unit {index + 1}" for index in range(len(degrees))]
    return Edge(names, np.array(degrees), np.isin(np.arange(len(degrees)), dead))


def levels(content: dict) -> np.ndarray:
    return np.frombuffer(base64.b64decode(content["share"]), np.uint8).reshape(content["shape"])


def test_a_mask_of_few_weights_is_drawn_weight_by_weight() -> None:
    mask = np.array([[True, False], [True, True], [False, False]])
    shown = layer("Layer", mask, edge(1, 2, 1, dead=(2,)), edge(1, 2), "≥", True)
    # Sorted by degree: rows 0, 2, 1.
    assert levels(shown).tolist() == [[255, 0], [0, 0], [255, 255]]
    assert shown["down"] == {
        "side": 1,
        "names": ["unit 1", "unit 3", "unit 2"],
        "degrees": [1, 1, 2],
        "dead": [1],
    }
    drawn = layer("Layer", mask, edge(1, 2, 1, dead=(2,)), edge(1, 2), "≥", False)
    assert levels(drawn).tolist() == [[255, 0], [255, 255], [0, 0]]


def test_a_block_is_empty_or_full_only_if_all_of_it_is() -> None:
    mask = np.ones((601, 601), bool)
    mask[:3, :3] = False
    mask[0, 0] = True
    mask[600, 600] = False
    shown = layer("Layer", mask, edge(*[1] * 601), edge(*[1] * 601), "≥", False)
    assert shown["down"]["side"] == 3
    assert 0 < levels(shown)[0, 0] < 255
    assert levels(shown)[-1, -1] == 0
    assert (levels(shown)[1:-1] == 255).all()


def test_blocks_keep_the_share_that_is_open() -> None:
    mask = np.random.default_rng(0).random((500, 300)) < 0.3
    blocks = block_mean(block_mean(mask.astype(float), 0, 4), 1, 4)
    assert blocks.mean() == pytest.approx(mask.mean())
    shown = layer("Layer", mask, edge(*[1] * 500), edge(*[1] * 300), ">", False)
    assert (shown["down"]["side"], shown["across"]["side"]) == (2, 2)


def test_dead_units_are_those_without_a_path() -> None:
    ordering = Ordering(np.arange(4))
    # The second unit of the second layer sees nothing, as no unit below has so low a degree.
    mask_set = MaskSet(ordering, (np.array([2, 3]), np.array([3, 1])))
    dead = mask_set.dead_units()
    assert [layer.tolist() for layer in dead] == [[False, False], [False, True]]
    assert mask_set.report().dead_units == (0, 1)


def test_every_layer_of_a_run_has_its_picture(folder) -> None:
    config = {"dataset": "digits8", "hidden_sizes": (5, 6), "direct_connections": True}
    run = runs.create(ExperimentConfig.from_flat(config))
    shown = mask_layers.mask_layers(run, 0, is_sorted=False)
    titles = [layer["title"] for layer in shown.content["layers"]]
    assert titles == [
        "Hidden layer 1",
        "Hidden layer 2",
        "Output layer",
        "Direct connections",
        "All paths together",
    ]
    assert [layer["rule"] for layer in shown.content["layers"]] == ["≥", "≥", ">", ">", ""]
    assert "as drawn" in shown.content["layers"][0]["alt"]
    # Direct connections leave nothing unseen: 64 * 63 / 2 of 64 * 64 paths.
    assert "49.2% open" in shown.content["layers"][-1]["said"]
    plain = runs.create(ExperimentConfig.from_flat({"dataset": "digits8", "autoregressive": False}))
    assert "no masks" in (mask_layers.why_none(plain) or "")
