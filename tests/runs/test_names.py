"""What runs are called that nobody has named: names tell them apart by what differs."""

from __future__ import annotations

import pytest

from made import runs
from made.runs.records import MAX_LABEL_LENGTH
from made.setups.config import ExperimentConfig

pytestmark = pytest.mark.usefixtures("folder")


def named(**settings) -> str:
    return runs.create(ExperimentConfig.from_flat({"dataset": "rings"} | settings)).label


def test_names_say_what_differs_from_the_first_run_of_that_name() -> None:
    assert named() == "rings, one-hot"
    assert named(encoding="fourier") == "rings, fourier"
    assert named(epochs=40) == "rings, one-hot, 40 epochs"
    assert named(hidden_sizes=(64,), seed=3) == "rings, one-hot, 64 units, seed 3"
    assert named() == "rings, one-hot (2)"
    assert named(epochs=40) == "rings, one-hot, 40 epochs (2)"
    assert named() == "rings, one-hot (3)"


def test_what_has_no_effect_or_only_the_device_is_not_told() -> None:
    named()
    assert named(num_connectivities=4, device="cpu") == "rings, one-hot (2)"


def test_a_long_title_leaves_room_for_what_differs() -> None:
    config = ExperimentConfig()
    labels = [runs.create(config, data="x" * 200).label for _ in range(3)]
    assert len(set(labels)) == 3
    assert max(map(len, labels)) <= MAX_LABEL_LENGTH


def test_a_name_that_someone_gave_is_left_alone() -> None:
    named()
    assert runs.create(ExperimentConfig(), "rings, one-hot").label == "rings, one-hot"
