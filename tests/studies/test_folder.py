"""Studies on disk: made whole or not at all, read whatever they hold, found where they ship."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from compared_runs import RINGS, make_run

from made import runs
from made.base.errors import MadeError
from made.runs.folder import Run
from made.studies import folder as studies
from made.studies.folder import Record, StoredStudy
from made.studies.study import Study

pytestmark = pytest.mark.usefixtures("folder")
STUDY = Study.make("encodings", RINGS, {"encoding": ("raw", "bits")}, (0, 1))


def test_a_study_is_found_again_as_it_was_made() -> None:
    run = make_run()
    stored = studies.create(STUDY, taken=[run.id])
    again = StoredStudy.open(stored.id)
    assert again == stored
    assert (again.study, again.title, again.problem) == (STUDY, "encodings", None)
    assert [one.id for one in again.runs()] == [run.id] == list(again.run_ids)
    assert again.record.created > 0
    assert not again.is_alive
    with stored.lock():
        assert again.is_alive


def test_studies_are_listed_newest_first_and_are_no_runs() -> None:
    first, second = studies.create(STUDY), studies.create(STUDY)
    assert studies.list_studies() == [second, first]
    assert runs.list_runs() == []


def test_runs_that_were_deleted_are_no_longer_there() -> None:
    run = make_run()
    stored = studies.create(STUDY, taken=[run.id])
    runs.delete(run)
    assert stored.run_ids == (run.id,)
    assert stored.runs() == []


@pytest.mark.parametrize("id", ["../x", "study", "", None, "20260101-000000-zzzzzz"])
def test_no_folder_is_looked_for_under_an_id_that_no_program_made(id) -> None:
    with pytest.raises(MadeError, match="choose one from the list of studies"):
        StoredStudy.open(id)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not valid"),
        (b"[]", "not valid"),
        (b"{" * 5000, "not valid"),
        (b'{"definition": {"title": "x"}}', "axes"),
        (b" " * 1_000_001, "larger than 1 MB"),
    ],
)
def test_a_broken_study_is_listed_with_its_problem_and_raises_into_no_page(content, said) -> None:
    stored = studies.create(STUDY)
    (stored.path / "study.json").write_bytes(content)
    (listed,) = studies.list_studies()
    assert said in listed.problem
    assert (listed.title, listed.run_ids, listed.runs()) == (listed.id, (), [])


def test_a_study_that_names_a_path_for_a_run_is_broken() -> None:
    stored = studies.create(STUDY)
    text = Record(definition=STUDY).to_json().replace(b'"taken": []', b'"taken": ["../../etc"]')
    assert b"../../etc" in text
    (stored.path / "study.json").write_bytes(text)
    assert "taken" in stored.problem


def ship(home: Path, name: str, *run_names: str) -> None:
    """A study with its runs, as it comes with the project."""
    stored = studies.create(STUDY, taken=run_names, id=name)
    target = home / "studies" / name
    shutil.move(stored.path, target)
    for run_name in run_names:
        shutil.move(make_run(run_name, id=run_name).path, target / run_name)


def test_a_shipped_study_and_its_runs_are_found_after_all_others(nothing_shipped: Path) -> None:
    ship(nothing_shipped, "shipped-rings", "shipped-rings-bits-0", "shipped-rings-raw-0")
    shutil.move(make_run(id="shipped-alone").path, nothing_shipped / "shipped-alone")
    own_run, own_study = make_run(), studies.create(STUDY)
    shipped = ["shipped-alone", "shipped-rings-bits-0", "shipped-rings-raw-0"]
    assert [run.id for run in runs.list_runs()] == [own_run.id, *shipped]
    found = studies.list_studies()
    assert [one.id for one in found] == [own_study.id, "shipped-rings"]
    assert [run.id for run in found[1].runs()] == shipped[1:]
    assert found[1].is_shipped
    run = Run.open("shipped-rings-raw-0")
    assert run.is_shipped
    assert run.path.parent == found[1].path
