"""Data that are deleted come back whole within a day, and fill no disk meanwhile."""

from __future__ import annotations

import numpy as np
import pytest
from upload_files import npy

from made import datasets
from made.base import bin as base_bin
from made.base.errors import MadeError
from made.datasets import DataConfig, delete_upload, save_upload
from made.datasets.uploads import bin


def keep(size: int) -> str:
    return save_upload("t.npy", npy(np.eye(size)), kind="joint", label=f"of {size}")


def content(name: str) -> dict[str, bytes]:
    files = datasets.uploads_folder().glob(f"{name.removeprefix('upload-')}.*")
    return {path.name: path.read_bytes() for path in files}


def test_what_was_deleted_comes_back_as_it_was() -> None:
    name, other = keep(4), keep(5)
    before = content(name)
    delete_upload(name)
    assert datasets.upload_names() == [other]
    assert [(one.name, one.label) for one in bin.deleted_uploads()] == [(name, "of 4")]
    assert bin.restore(name).label == "of 4"
    assert content(name) == before
    assert len(datasets.load(DataConfig(dataset=name)).joint) == 4
    assert bin.deleted_uploads() == []
    assert list(bin.folder().iterdir()) == []


def test_a_deletion_that_was_killed_half_way_loses_nothing() -> None:
    name = keep(4)
    before = content(name)
    arrays = datasets.uploads_folder() / f"{name.removeprefix('upload-')}.npz"
    delete_upload(name)
    (thrown,) = bin.folder().iterdir()
    (thrown / arrays.name).rename(arrays)
    bin.restore(name)
    assert content(name) == before


def test_the_same_data_brought_anew_are_not_restored_over() -> None:
    name = keep(4)
    delete_upload(name)
    assert keep(4) == name
    assert bin.deleted_uploads() == []
    with pytest.raises(MadeError, match="another"):
        bin.restore(name)


@pytest.mark.parametrize(
    "name", ["", "..", "../x", "upload-0123456789abcdef", "upload-" + "g" * 16]
)
def test_what_is_not_there_is_not_restored(name: str) -> None:
    bin.folder().mkdir(parents=True)
    (bin.folder() / "1790000000000-..").mkdir()
    assert bin.deleted_uploads() == []
    with pytest.raises(MadeError, match="no deleted upload"):
        bin.restore(name)


def test_after_a_day_it_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    delete_upload(keep(4))
    later = base_bin.time.time() + base_bin.KEPT_SECONDS + 60
    monkeypatch.setattr(base_bin.time, "time", lambda: later)
    assert bin.deleted_uploads() == []
    bin.sweep()
    assert list(bin.folder().iterdir()) == []


def test_the_bin_holds_no_more_than_may_be_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [keep(size) for size in (4, 5, 6)]
    monkeypatch.setenv("MADE_MAX_UPLOADS_MB", "0")
    clock = base_bin.time.time_ns()
    for place, name in enumerate(names):
        monkeypatch.setattr(base_bin.time, "time_ns", lambda now=clock + place * 10**9: now)
        delete_upload(name)
    assert [one.name for one in bin.deleted_uploads()] == names[-1:]


def test_the_bin_is_emptied_on_demand() -> None:
    for size in (4, 5):
        delete_upload(keep(size))
    assert bin.empty() == 2
    assert list(bin.folder().iterdir()) == []
