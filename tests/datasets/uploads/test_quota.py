"""Uploads are limited in number and in size, for a person or for all."""

from __future__ import annotations

import numpy as np
import pytest
from upload_files import npy

from made import datasets
from made.base.errors import MadeError
from made.datasets import delete_upload, save_upload
from made.datasets.uploads import quota
from made.views import upload_views


def keep(size: int, owner: str | None = None) -> str:
    content = npy(np.eye(size))
    return upload_views.kept(
        lambda label: save_upload("t.npy", content, kind="joint", label=label), "Mine", owner
    )[0]


def test_what_is_used_is_what_lies_there() -> None:
    assert quota.used() == quota.Used(0, 0)
    first, second = keep(4), keep(5)
    sizes = [path.stat().st_size for path in datasets.uploads_folder().iterdir()]
    assert quota.used() == quota.Used(2, sum(sizes))
    delete_upload(first)
    assert quota.used().number == 1
    delete_upload(second)
    assert quota.used() == quota.Used(0, 0)


def test_one_more_than_the_limit_is_refused_until_one_is_deleted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MADE_MAX_UPLOADS", "2")
    first, second = keep(4), keep(5)
    with pytest.raises(MadeError, match=r"no more than 2 are kept: delete one"):
        keep(6)
    assert datasets.upload_names() == [first, second]
    delete_upload(first)
    keep(6)


def test_a_size_above_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADE_MAX_UPLOADS_MB", "0")
    with pytest.raises(MadeError, match=r"take 0 bytes, and no more than 0 bytes are kept"):
        keep(4)


def test_the_limits_of_one_person_leave_others_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADE_MAX_UPLOADS", "1")
    name = keep(4, "ada")
    with pytest.raises(MadeError, match="your own datasets, and no more than 1"):
        keep(5, "ada")
    keep(5, "grace")
    quota.claim(name, "grace")
    assert [quota.used(owner).number for owner in ("ada", "grace", "nobody")] == [1, 1, 0]
    assert quota.used().number == 2
    assert datasets.load(datasets.DataConfig(dataset=name)).num_categories == 4


def test_a_limit_that_is_no_number_is_the_usual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADE_MAX_UPLOADS", "many")
    keep(4)


def test_the_library_has_no_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADE_MAX_UPLOADS", "0")
    assert save_upload("t.npy", npy(np.eye(4)), kind="joint")
