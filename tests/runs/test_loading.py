"""What is known of the data of a run that was made elsewhere."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from made import runs
from made.base.errors import MadeError
from made.base.files import to_json
from made.datasets import DatasetInfo
from made.runs.folder import Run
from made.runs.loading import DATASET_FILE, dataset_info
from made.setups.config import ExperimentConfig

INFO = DatasetInfo(
    name="upload-0123456789abcdef",
    title="Elsewhere",
    description="Rows from elsewhere.",
    num_variables=6,
    num_categories=3,
    image_shape=(2, 3),
    num_train=80,
    settings=("num_samples",),
)
GOOD = asdict(INFO)


@pytest.fixture
def exported(folder: Path) -> Run:
    """A run on an upload that is not here."""
    return runs.create(ExperimentConfig.from_flat({"dataset": INFO.name}))


@pytest.mark.parametrize("info", [INFO, replace(INFO, image_shape=None, settings=())])
def test_data_made_elsewhere_are_what_was_exported_with_the_run(
    exported: Run, info: DatasetInfo
) -> None:
    (exported.path / DATASET_FILE).write_text(to_json(asdict(info)), "utf-8")
    assert dataset_info(exported) == info


WRONG = {
    "sizes in words": {"num_variables": "six"},
    "sizes below zero": {"num_variables": -6, "image_shape": None},
    "one category": {"num_categories": 1},
    "more categories than can be counted": {"num_categories": 10**400},
    "a list of sizes": {"num_train": [80]},
    "half a shape": {"image_shape": 6},
    "another shape": {"image_shape": [2, 2]},
    "a shape below zero": {"image_shape": [-2, -3]},
    "a joint of six variables": {"is_joint": True},
    "settings without names": {"settings": 3},
    "no title": {"title": None},
}
BROKEN = {
    "empty": "",
    "null": "null",
    "nothing": "{}",
    "deep": "[" * 100_000,
    "torn": '{"num_variables": 6',
    "too long": json.dumps(GOOD) + " " * 2_000_000,
    **{name: json.dumps(GOOD | changes) for name, changes in WRONG.items()},
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
def test_a_description_that_describes_no_data_is_as_good_as_none(
    exported: Run, content: str
) -> None:
    (exported.path / DATASET_FILE).write_text(content, "utf-8")
    with pytest.raises(MadeError, match="There is no upload 'upload-0123456789abcdef'"):
        dataset_info(exported)


def test_a_description_that_is_no_file_is_as_good_as_none(exported: Run) -> None:
    (exported.path / DATASET_FILE).mkdir()
    with pytest.raises(MadeError, match="There is no upload 'upload-0123456789abcdef'"):
        dataset_info(exported)
