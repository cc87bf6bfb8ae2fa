"""Rows that somebody holds in memory: every form gives the same data, bad ones one sentence."""

from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path

import numpy as np
import pandas
import pytest
import torch
from torch.utils.data import Dataset as TorchDataset
from torch.utils.data import Subset, TensorDataset

import made
from made import datasets
from made.datasets.settings import DataConfig

ROWS = np.random.default_rng(0).integers(5, size=(40, 6))
SMALL = {"hidden_sizes": 8, "epochs": 1, "device": "cpu", "progress": False}
pytestmark = pytest.mark.usefixtures("folder")


class Labelled(TorchDataset):
    """Items (x, label), as those of torchvision."""

    def __init__(self, rows):
        self.rows = rows

    def __len__(self):
        return len(self.rows)

    def __getitem__(self, index):
        return self.rows[index], 7


FORMS = {
    "array": ROWS,
    "uint8": ROWS.astype(np.uint8),
    "float": ROWS.astype(np.float32),
    "list": ROWS.tolist(),
    "tensor": torch.tensor(ROWS),
    "tensor with a gradient": torch.tensor(ROWS, dtype=torch.float32, requires_grad=True),
    "frame": pandas.DataFrame(ROWS, columns=list("abcdef")),
    "frame of mixed types": pandas.DataFrame(ROWS).astype({0: "uint8", 1: "float32"}),
    "tensors": TensorDataset(torch.tensor(ROWS)),
    "part": Subset(TensorDataset(torch.tensor(ROWS)), range(40)),
    "labelled tensors": Labelled(torch.tensor(ROWS)),
    "labelled arrays": Labelled(ROWS),
}


def splits(dataset: made.Dataset) -> list[list]:
    return [getattr(dataset, name).tolist() for name in ("train", "validation", "test")]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_the_same_rows_is_the_same_data(form: str) -> None:
    dataset = made.Dataset.from_arrays(FORMS[form])
    assert splits(dataset) == splits(made.Dataset.from_arrays(ROWS))
    assert (dataset.num_variables, dataset.num_categories) == (6, 5)
    assert dataset.train.dtype == np.uint8
    assert datasets.keep(dataset) == datasets.keep(made.Dataset.from_arrays(ROWS))


def test_rows_without_splits_are_dealt_by_the_seed_each_to_one() -> None:
    rows = np.arange(80).reshape(40, 2)
    first, again, other = (made.Dataset.from_arrays(rows, seed=seed) for seed in (1, 1, 2))
    assert splits(first) == splits(again) != splits(other)
    assert [len(split) for split in splits(first)] == [32, 4, 4]
    assert sorted(row for split in splits(first) for row in split) == rows.tolist()


@pytest.mark.parametrize("form", ["tuple", "names", "arguments"])
def test_given_splits_are_kept(form: str) -> None:
    parts = ROWS[:20], ROWS[20:33], ROWS[33:]
    names = dict(zip(("train", "validation", "test"), parts, strict=True))
    given = {"tuple": [parts], "names": [names], "arguments": parts}[form]
    dataset = made.Dataset.from_arrays(*given)
    assert splits(dataset) == [part.tolist() for part in parts]


@pytest.mark.parametrize(
    "pictures",
    [
        np.zeros((20, 3, 5), int),
        torch.zeros(20, 1, 3, 5),
        Labelled(torch.zeros(20, 1, 3, 5)),
        [np.zeros((3, 5))] * 20,
    ],
    ids=["array", "channel", "dataset", "list"],
)
def test_pictures_keep_their_shape(pictures: object) -> None:
    dataset = made.Dataset.from_arrays(pictures)
    assert (dataset.image_shape, dataset.num_variables) == ((3, 5), 15)


def test_colour_is_more_variables_and_no_picture() -> None:
    assert made.Dataset.from_arrays(np.zeros((20, 3, 4, 5))).image_shape is None


def change(value: float, kind: type = float) -> np.ndarray:
    rows = ROWS.astype(kind)
    rows[3, 2] = value
    return rows


BAD = {
    "fraction": (change(0.5), "holds 0.5, which is not a whole number, at variable 2: round or"),
    "nan": (change(np.nan), "holds NaN or infinity at variable 2: fill or remove"),
    "negative": (change(-1, int), "holds the negative value -1 at variable 2: number the categ"),
    "large": (change(5000, int), "holds the value 5000, which makes too many categories, at var"),
    "column": (
        pandas.DataFrame(change(-1, int), columns=list("abcdef")),
        "holds the negative value -1 at variable 2 ('c')",
    ),
    "text": (
        pandas.DataFrame({"age": range(20), "town": ["x"] * 20}),
        "in column 'town', not numbers: number them, for instance with pandas.factorize",
    ),
    "objects": (np.array([["a", "b"]] * 20), "holds values of type <U1, not plain numbers"),
    "complex": (ROWS * 1j, "holds values of type complex128, not plain numbers"),
    "split": ((ROWS, ROWS, change(0.5)), "holds 0.5, which is not a whole number, at variable 2"),
    "widths": ((ROWS, ROWS, ROWS[:, 1:]), "splits of different widths [5, 6]"),
    "names": ({"train": ROWS, "val": ROWS}, "has the parts 'train', 'val': name them train"),
    "half": ({"train": ROWS, "validation": ROWS, "test": None}, "is of type NoneType in 'test'"),
    "few": (ROWS[:9], "has 9 rows: bring at least 10"),
    "none": (ROWS[:0], "has no rows"),
    "one column": (ROWS[:, :1], "has D = 1 columns: bring 2 to"),
    "numbers": (ROWS[:, 0], "is an array of shape (40,), not a table of rows"),
    "shapes": ([[1, 2], [1, 2, 3]] * 9, "has examples of different shapes, such as (2,) and (3,)"),
    "iterator": (iter(ROWS), "give an array (N, D), a tensor, a DataFrame, a torch Dataset"),
    "number": (7, "is of type int: give an array (N, D)"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_data_are_refused_in_one_sentence_and_leave_nothing(case: str, folder: Path) -> None:
    data, sentence = BAD[case]
    with pytest.raises(made.MadeError) as caught:
        made.train(data, **SMALL)
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("'data' ")
    assert not folder.exists()


def test_categories_can_be_more_than_the_rows_show_but_not_fewer() -> None:
    wide = made.Dataset.from_arrays(ROWS, num_categories=9)
    assert wide.num_categories == 9
    kept = {datasets.keep(wide), datasets.keep(made.Dataset.from_arrays(ROWS))}
    assert len(kept) == 2
    assert sorted(made.load_dataset(name).num_categories for name in kept) == [5, 9]
    with pytest.raises(made.MadeError, match=r"holds the value 4, but has 3 .*num_categories=5"):
        made.Dataset.from_arrays(ROWS, num_categories=3)


JOINT = np.array([[0.5, 0.1], [0.1, 0.3]])


def test_a_known_joint_stays_with_its_rows() -> None:
    rows = datasets.sample_joint(JOINT, 200, 0)
    dataset = made.Dataset.from_arrays(rows, joint=JOINT, label="Two bits")
    loaded = made.train(dataset, **SMALL)
    assert loaded.info.has_truth
    assert loaded.info.title == "Two bits"
    assert np.array_equal(loaded.dataset.joint, JOINT)
    assert splits(loaded.dataset) == splits(dataset)
    assert loaded.evaluate()["kl_nats"] == pytest.approx(loaded.run.result["kl_nats"])


@pytest.mark.parametrize("joint", [JOINT * 2, -JOINT, np.ones((3, 2)) / 6, np.ones(4) / 4])
def test_a_joint_that_is_none_is_refused(joint: np.ndarray) -> None:
    rows = datasets.sample_joint(JOINT, 200, 0)
    with pytest.raises(made.MadeError, match=r"The joint of 'own' .*correct it or leave it out"):
        made.Dataset.from_arrays(rows, joint=joint, num_categories=2)


def test_data_of_the_registry_are_trained_under_their_own_name() -> None:
    dataset = made.load_dataset("gaussians", grid_size=8, num_samples=1000, data_seed=3)
    loaded = made.train(dataset, **SMALL)
    wanted = {"dataset": "gaussians", "grid_size": 8, "num_samples": 1000, "data_seed": 3}
    assert loaded.config.data == DataConfig(**wanted)
    assert not datasets.upload_names()


def test_data_of_which_something_was_replaced_are_no_longer_those_of_the_registry() -> None:
    dataset = made.load_dataset("digits8")
    fewer = dataclasses.replace(dataset, train=dataset.train[:50])
    loaded = made.train(fewer, **SMALL)
    assert datasets.upload_names() == [loaded.config.data.dataset]
    assert len(loaded.dataset.train) == 50
    assert loaded.info.image_shape == (8, 8)


def test_a_run_on_rows_is_one_like_any_other() -> None:
    loaded = made.train(ROWS, **SMALL)
    assert loaded.run.label == "Own data, one-hot"
    assert made.train(ROWS, label="again", **SMALL).config == loaded.config
    found = made.load_run("again")
    assert found.info.num_categories == 5
    assert splits(found.dataset) == splits(made.Dataset.from_arrays(ROWS))
    assert made.train(loaded.config.data.dataset, **SMALL).config == loaded.config


def test_the_same_rows_keep_the_title_that_they_have() -> None:
    names = {datasets.keep(made.Dataset.from_arrays(ROWS, label=label)) for label in "ab"}
    assert len(names) == 1
    assert datasets.info(DataConfig(dataset=names.pop())).title == "a"


def test_data_and_a_dataset_are_not_both_taken() -> None:
    with pytest.raises(made.MadeError, match="Data are given twice"):
        made.train(ROWS, dataset="rings", num_samples=1000, **SMALL)
    assert made.train(dataset=ROWS, **SMALL).info.num_variables == 6


def test_uploads_of_before_still_load(folder: Path) -> None:
    """The name that an older version gave to these rows, and the description that it wrote."""
    rows = io.BytesIO()
    np.save(rows, np.arange(320).reshape(20, 16) % 3)
    name = datasets.save_upload("rows.npy", rows.getvalue(), kind="rows")
    assert name == "upload-b2a1fba649919824"
    loaded = splits(made.load_dataset(name))
    path = datasets.uploads_folder() / f"{name.removeprefix('upload-')}.json"
    old = json.loads(path.read_text("utf-8"))
    del old["has_truth"]
    path.write_text(json.dumps(old), "utf-8")
    datasets.clear_cache()
    assert splits(made.load_dataset(name)) == loaded
