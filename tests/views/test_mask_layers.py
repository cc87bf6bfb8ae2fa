"""Masks as pictures: the share that is open is drawn, and what is dead is marked and said."""

from __future__ import annotations

import numpy as np
import pytest

from made import runs
from made.model.masks import MaskSet
from made.model.orderings import Ordering
from made.plots.mask_layers import CLOSED, DEAD, OPEN, Edge, block_mean, mask_layer
from made.setups.config import ExperimentConfig
from made.views import mask_layers


def test_a_mask_of_few_weights_is_drawn_weight_by_weight() -> None:
    mask = np.array([[True, False], [True, True], [False, False]])
    down = Edge(np.array([1, 2, 1]), np.array([False, False, True]))
    picture, sides = mask_layer(mask, down, Edge(np.array([1, 2]), np.zeros(2, bool)), 3)
    assert sides == (1, 1)
    cell, edge = 130, picture.shape[0] - 3 * 130
    centres = picture[edge + cell // 2 :: cell, edge + cell // 2 :: cell]
    # Sorted by degree: rows 0, 2, 1.
    expected = [[OPEN, CLOSED], [CLOSED, CLOSED], [OPEN, OPEN]]
    assert centres.tolist() == [[list(colour) for colour in line] for line in expected]
    marks = picture[edge + cell // 2 :: cell, 0]
    assert [tuple(mark) == DEAD for mark in marks] == [False, True, False]


def test_blocks_keep_the_share_that_is_open() -> None:
    mask = np.random.default_rng(0).random((500, 300)) < 0.3
    blocks = block_mean(block_mean(mask.astype(float), 0, 4), 1, 4)
    assert blocks.mean() == pytest.approx(mask.mean())
    edges = (Edge(np.ones(size), np.zeros(size, bool)) for size in mask.shape)
    assert mask_layer(mask, *edges, 2)[1] == (3, 2)


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
    titles = [picture.title.partition(":")[0] for picture in shown.pictures]
    assert titles == [
        "Hidden layer 1",
        "Hidden layer 2",
        "Output layer",
        "Direct connections",
        "All paths together",
    ]
    assert "as drawn" in shown.pictures[0].alt
    # Direct connections leave nothing unseen: 64 * 63 / 2 of 64 * 64 paths.
    assert "49.2% open" in shown.pictures[-1].title
    plain = runs.create(ExperimentConfig.from_flat({"dataset": "digits8", "autoregressive": False}))
    assert "no masks" in (mask_layers.why_none(plain) or "")
