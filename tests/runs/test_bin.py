"""What is deleted comes back whole within a day, and is gone after it."""

from __future__ import annotations

import json

import numpy as np
import pytest
from compared_runs import make_run
from upload_files import npy

from made import datasets, runs
from made.base import bin as base_bin
from made.base.errors import MadeError
from made.commands import main
from made.runs import bin
from made.runs.folder import Run
from made.studies import bin as study_bin
from made.studies import control, folder
from made.studies.study import Study

pytestmark = pytest.mark.usefixtures("no_worker")


def files(run: Run) -> dict[str, bytes]:
    return {
        str(path.relative_to(run.path)): path.read_bytes()
        for path in run.path.rglob("*")
        if path.is_file()
    }


def test_a_restored_run_is_the_one_that_was_deleted() -> None:
    run = make_run()
    before = files(run)
    runs.delete(run)
    assert runs.list_runs() == []
    (deleted,) = bin.deleted_runs()
    assert (deleted.run.id, deleted.run.label) == (run.id, "a run")
    assert bin.restore(run.id) == run
    assert files(run) == before
    assert bin.deleted_runs() == []


def test_after_a_day_it_is_gone(monkeypatch) -> None:
    old, new = make_run(), make_run()
    now = base_bin.time.time_ns()
    later = now + int((base_bin.KEPT_SECONDS + 60) * 1e9)
    runs.delete(old)
    monkeypatch.setattr(base_bin.time, "time", lambda: later / 1e9)
    assert bin.deleted_runs() == []
    monkeypatch.setattr(base_bin.time, "time_ns", lambda: later)
    assert old.id in str(list(bin.folder().iterdir()))
    runs.delete(new)
    assert [path.name.partition("-")[2] for path in bin.folder().iterdir()] == [new.id]
    with pytest.raises(MadeError, match="no deleted run"):
        bin.restore(old.id)


def test_nothing_is_restored_over_another_nor_from_a_strange_name(tmp_path) -> None:
    run = make_run()
    runs.delete(run)
    make_run(id=run.id)
    with pytest.raises(MadeError, match="another"):
        bin.restore(run.id)
    for id in ("", "..", "../x", "shipped-x", "20260101-000000-abcdef"):
        with pytest.raises(MadeError, match="no deleted run"):
            bin.restore(id)
    (bin.folder() / "1790000000000-..").mkdir()
    (bin.folder() / "9999999999999-20260101-000000-abcdef").symlink_to(tmp_path)
    assert [one.run.id for one in bin.deleted_runs()] == [run.id]


def test_what_is_deleted_twice_comes_back_once() -> None:
    run = make_run()
    before = files(run)
    other_tab = Run.open(run.id)
    runs.delete(run)
    with pytest.raises(MadeError, match="just been deleted"):
        runs.delete(other_tab)
    assert not run.path.exists()
    bin.restore(run.id)
    assert files(run) == before
    stored = folder.create(Study.make(None, run.config, {"encoding": ["raw", "bits"]}, [0], "both"))
    control.delete(stored)
    with pytest.raises(MadeError, match="just been deleted"):
        control.delete(stored)
    assert study_bin.restore(stored.id).study == stored.study


def test_a_folder_that_is_nothing_but_a_lock_is_no_deleted_run() -> None:
    run = make_run()
    runs.delete(run)
    husk = bin.folder() / f"9999999999999-{run.id}"
    husk.mkdir()
    (husk / "lock").touch()
    assert [one.run.path for one in bin.deleted_runs()] != [husk]
    assert bin.restore(run.id).config == run.config


def test_the_bin_is_emptied_on_demand() -> None:
    for _ in range(2):
        runs.delete(make_run())
    assert bin.empty() == 2
    assert list(bin.folder().iterdir()) == []


def test_a_study_comes_back_with_the_runs_deleted_with_it() -> None:
    run = make_run()
    study = Study.make(None, run.config, {"encoding": ["raw", "one-hot"]}, [0], "both")
    stored = folder.create(study, started=[run.id])
    control.delete(stored)
    assert runs.list_runs() == folder.list_studies() == []
    assert [one.study.title for one in study_bin.deleted_studies()] == [study.title]
    assert study_bin.restore(stored.id) == stored
    assert stored.runs() == runs.list_runs() == [run]


def test_commands_delete_list_and_restore(capsys) -> None:
    run = make_run("to go")
    assert main(["delete", run.id]) == 0
    assert main(["restore"]) == 0
    assert run.id in capsys.readouterr().out
    assert main(["restore", run.id]) == 0
    assert runs.list_runs() == [run]
    assert main(["restore", run.id]) == 1
    assert "no deleted run" in capsys.readouterr().err
    assert main(["delete", run.id]) == 0
    assert main(["restore", "--empty"]) == 0
    assert "Removed 1 run for good" in capsys.readouterr().out
    assert bin.deleted_runs() == []


def test_commands_list_restore_and_remove_datasets(capsys) -> None:
    name = datasets.save_upload("t.npy", npy(np.eye(4)), kind="joint", label="Four")
    datasets.delete_upload(name)
    assert main(["restore", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["id"], row["name"], row["kind"]) == (name, "Four", "dataset")
    assert main(["restore", name]) == 0
    assert datasets.upload_names() == [name]
    datasets.delete_upload(name)
    assert main(["restore", "--empty"]) == 0
    assert main(["restore", name]) == 1
    assert "no deleted upload" in capsys.readouterr().err
