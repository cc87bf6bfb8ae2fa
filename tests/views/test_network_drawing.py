"""The small drawing of a network: its dots, links, paths and sizes are those of the masks."""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from made import datasets
from made.model.masks import mask_bank
from made.runs import store
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig
from made.views import network_drawing


def drawn(**settings: Any) -> dict[str, Any]:
    config = ExperimentConfig.from_flat({"dataset": "digits8", **settings})
    return network_drawing.content(config, datasets.info(config.data), config.masks)


def masks_of(**settings: Any):
    config = ExperimentConfig.from_flat({"dataset": "digits8", **settings})
    info = datasets.info(config.data)
    return mask_bank(config.model, config.masks, info.num_variables, info.image_shape).mask_set(0)


def test_two_variables_and_six_units_are_drawn_whole() -> None:
    found = drawn(dataset="rings", hidden_sizes=(6,))
    inputs, hidden, outputs = found["columns"]
    assert inputs["names"] == ["x₁", "x₂"]
    assert hidden["names"] == ["m = 1"] * 6
    assert outputs["names"] == ["p(x₁)", "p(x₂)"]
    assert [column["isDead"] for column in (inputs, outputs)] == [[False, True], [True, False]]
    assert found["gaps"][0]["links"] == [[1, 0]] * 6
    assert found["gaps"][1]["links"] == [[0] * 6, [1] * 6]
    assert found["paths"] == [[[], []], [[0], [0, 1, 2, 3, 4, 5]]]
    assert found["says"] == ["p(x₁) sees no variable", "p(x₂ | x₁)"]


def test_the_other_ordering_turns_it_round() -> None:
    found = drawn(dataset="rings", hidden_sizes=(6,), ordering="reversed")
    assert found["columns"][0]["shares"] == [1.0, 0.0]
    assert found["says"] == ["p(x₁ | x₂)", "p(x₂) sees no variable"]


SETTINGS = [
    {"hidden_sizes": (40, 30)},
    {"hidden_sizes": (40,), "ordering": "random", "direct_connections": True},
    {"hidden_sizes": (9, 9, 9), "num_orderings": 4, "ordering": "random"},
    {"hidden_sizes": (20, 20), "autoregressive": False},
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_shares_and_lit_inputs_are_those_of_the_masks_themselves(settings) -> None:
    found, masks = drawn(**settings), masks_of(**settings)
    matrices = masks.layer_masks()
    assert [gap["kept"] for gap in found["gaps"]] == [f"{100 * m.mean():.0f} %" for m in matrices]
    shown = np.linspace(0, 63, 12).round().astype(int)
    paths = masks.paths(bool(settings.get("direct_connections")))
    for place, output in enumerate(shown):
        expected = np.flatnonzero(paths[output][shown]).tolist()
        assert found["paths"][place][0] == expected
        assert str(max(1, paths[output].sum())) in found["says"][place] or not paths[output].any()
    widths = [column["width"] for column in found["columns"]]
    assert widths == ["64", *map(str, settings["hidden_sizes"]), "64"]


def test_many_layers_are_cut_in_the_middle_and_links_only_join_neighbours() -> None:
    found = drawn(hidden_sizes=(10,) * 9)
    assert len(found["columns"]) == 6
    kept = [gap["links"] is not None for gap in found["gaps"]]
    assert kept == [True, True, False, True, True]
    assert found["gaps"][2]["kept"] == "+ 5"
    for gap, (below, above) in zip(found["gaps"], pairwise(found["columns"]), strict=True):
        if gap["links"] is not None:
            assert np.shape(gap["links"]) == (len(above["names"]), len(below["names"]))


def test_no_hidden_layer_leaves_direct_connections_or_nothing() -> None:
    found = drawn(dataset="rings", hidden_sizes=(), direct_connections=True)
    assert found["direct"]["links"] == [[0, 0], [1, 0]]
    assert found["paths"] == [[[]], [[0]]]
    assert drawn(dataset="rings", hidden_sizes=())["paths"] == [[[]], [[]]]


def test_a_baseline_is_not_drawn() -> None:
    assert drawn(dataset="rings", model="naive")["columns"] == []


@pytest.mark.parametrize("hidden_sizes", [(8000,), (512,) * 8])
def test_a_large_network_is_drawn_within_the_time_of_a_click(hidden_sizes) -> None:
    settings = {"hidden_sizes": hidden_sizes, "dataset": "binarized-mnist"}
    best = min(_seconds(mask_seed=seed, **settings) for seed in range(3))
    assert best < 0.2


def _seconds(**settings: Any) -> float:
    start = time.perf_counter()
    drawn(**settings)
    return time.perf_counter() - start


def test_the_sizes_of_a_run_of_this_network_are_a_line_each() -> None:
    config = ExperimentConfig.from_flat({"dataset": "rings", "hidden_sizes": (6,)})
    run = store.create(config)
    for epoch, size in enumerate((0.5, 1.0, 2.0)):
        place = {"epoch": epoch, "step": epoch, "is_best": True}
        RunWriter(run).append_epoch({**place, "rms_hidden_0": size, "rms_output": 0.0})
    found = network_drawing.sizes(config, run.id)
    assert found["rms_hidden_0"] == {"heights": [0.25, 0.5, 1.0], "latest": "2.0"}
    assert found["rms_output"]["heights"] == [0.0, 0.0, 0.0]
    other = ExperimentConfig.from_flat({"dataset": "rings", "hidden_sizes": (7,)})
    assert network_drawing.sizes(other, run.id) == {}
    assert network_drawing.sizes(config, None) == {}
    assert network_drawing.sizes(config, "20200101-000000-000000") == {}


def test_a_run_of_before_sizes_were_kept_has_none() -> None:
    config = ExperimentConfig.from_flat({"dataset": "rings", "hidden_sizes": (6,)})
    run = store.create(config)
    place = {"epoch": 0, "step": 0, "is_best": True}
    RunWriter(run).append_epoch({**place, "validation_nll": 7.0})
    assert network_drawing.sizes(config, run.id) == {}
