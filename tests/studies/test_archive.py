"""A study goes out as one file and comes back with its runs; anything else is refused whole."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from told_runs import BASE, told_run

from made import runs
from made.base import places
from made.base.errors import MadeError
from made.runs.folder import Run
from made.runs.shipped import is_shipped
from made.studies import archive, control, folder
from made.studies.folder import StoredStudy
from made.studies.progress import progress
from made.studies.study import Study
from made.studies.verdict import plain_text
from made.views.cell_pictures import Painter
from made.views.matrix import matrix
from made.views.story import tell

CHECKPOINTS = Path(__file__).resolve().parents[2] / "checkpoints"
ENCODINGS = {"raw": [0.4, 0.2, 0.3], "bits": [0.3, 0.25, 0.1]}


@pytest.fixture(autouse=True)
def _here(no_worker: None) -> None:
    """A runs folder of the test's own."""


@pytest.fixture
def stored() -> StoredStudy:
    """A study with a run that was there before and one that it has started."""
    taken, started = (
        told_run(kl, encoding=name, has_pictures=True) for name, kl in ENCODINGS.items()
    )
    study = Study.make("told", BASE, {"encoding": tuple(ENCODINGS)})
    return folder.create(study, taken=[taken.id], started=[started.id])


@pytest.fixture
def exported(stored: StoredStudy, tmp_path: Path) -> Path:
    return written(stored, tmp_path / "study.zip")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Another machine, on which there are no runs; asked for once the archive is written."""
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path / "elsewhere"))
    return tmp_path / "elsewhere"


def written(stored: StoredStudy, path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        assert archive.write_study(file, stored) == []
    return path


def painted(stored: StoredStudy) -> list:
    """What the matrix shows of a study, and what is told of it."""
    story = tell(stored.runs(), stored.study.fields)
    painter = Painter(kind="density", info=story.info, known=story.reference)
    content = matrix(story.grid, story.verdict, story.known, painter)
    cells = content["cells"]
    return [
        content["truth"],
        plain_text(story.verdict.headline),
        [len(cell["pictures"]) for cell in cells],
        [cell[key] for cell in cells for key in ("name", "pictures", "figures")],
    ]


def changed(path: Path, change: Callable[[dict[str, bytes]], None]) -> io.BytesIO:
    """A copy of an archive whose files were changed."""
    with zipfile.ZipFile(path) as old:
        files = {name: old.read(name) for name in old.namelist()}
    change(files)
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w") as new:
        for name, content in files.items():
            new.writestr(name, content)
    copy.seek(0)
    return copy


def everything(place: Path) -> list[str]:
    return sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.is_file())


def test_a_study_comes_back_with_its_runs_and_their_pictures(
    stored: StoredStudy, exported: Path, elsewhere: Path
) -> None:
    ids, definition = stored.run_ids, stored.study
    found = archive.take_in(exported)
    assert (found.id, found.label, found.is_study) == (stored.id, "told", True)
    there = StoredStudy.open(found.id)
    assert (there.run_ids, there.study) == (ids, definition)
    assert there.path.is_relative_to(elsewhere)
    assert progress(there).state == "finished"
    assert painted(there)[2] == [3, 3]
    with pytest.raises(MadeError, match="study is here already, as 'told'"):
        archive.take_in(exported)
    control.delete(there)
    assert runs.list_runs() == []


def test_what_it_shows_is_the_same_there(
    stored: StoredStudy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = painted(stored)
    path = written(stored, tmp_path / "study.zip")
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path / "elsewhere"))
    assert painted(StoredStudy.open(archive.take_in(path).id)) == before


def test_a_run_that_is_here_already_is_taken_as_it_is(
    stored: StoredStudy, exported: Path, no_worker: None
) -> None:
    taken, started = stored.run_ids
    shutil.rmtree(stored.path)
    shutil.rmtree(Run.open(started).path)
    runs.rename(Run.open(taken), "as it is")
    there = StoredStudy.open(archive.take_in(exported).id)
    assert (there.record.taken, there.record.started) == ((taken,), (started,))
    control.delete(there)
    assert [run.label for run in runs.list_runs()] == ["as it is"]


def test_another_run_of_the_same_id_is_not_taken_for_it(
    stored: StoredStudy, exported: Path
) -> None:
    first = Run.open(stored.run_ids[0])
    shutil.rmtree(stored.path)
    config = first.config.replace(hidden_sizes=(5,))
    (first.path / "config.json").write_text(config.model_dump_json())
    with pytest.raises(MadeError, match="has the id of another one here"):
        archive.take_in(exported)
    assert folder.list_studies() == []


def test_a_shipped_study_becomes_one_of_ours_with_the_truth_in_each_run(
    tmp_path: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(places, "shipped_folder", lambda: CHECKPOINTS)
        shipped = StoredStudy.open("shipped-turing")
        number, before = len(shipped.run_ids), painted(shipped)
        path = written(shipped, tmp_path / "study.zip")
    found = archive.take_in(path)
    there = StoredStudy.open(found.id)
    assert not there.is_shipped
    assert not any(map(is_shipped, there.run_ids))
    assert len(set(there.run_ids)) == number == 72
    after = painted(there)
    assert after == before
    assert after[0] is not None
    assert min(after[2]) > 1


def test_a_study_leaves_out_runs_that_have_nothing_and_says_so(tmp_path: Path) -> None:
    told = told_run([0.2, 0.1], has_pictures=True)
    waiting = runs.create(BASE.replace(encoding="bits"), "waiting")
    study = Study.make("half", BASE, {"encoding": ("raw", "bits")})
    stored = folder.create(study, started=[told.id, waiting.id])
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as file:
        assert archive.write_study(file, stored) == ["waiting: nothing is trained yet"]
    shutil.rmtree(stored.path)
    shutil.rmtree(told.path)
    there = StoredStudy.open(archive.take_in(tmp_path / "study.zip").id)
    assert there.run_ids == (told.id,)


def test_a_study_that_is_too_large_is_refused_on_either_side(
    stored: StoredStudy, exported: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_BYTES", 1000)
    with pytest.raises(MadeError, match="its files are larger than"):
        archive.take_in(exported)
    assert not elsewhere.exists()


def _strange_run(files: dict[str, bytes]) -> None:
    for name in [name for name in files if name.count("/") > 1]:
        top, _, rest = name.split("/", 2)
        files[f"{top}/20260101-000000-abcdef/{rest}"] = files[name]


def _second_study(files: dict[str, bytes]) -> None:
    files["20260101-000000-abcdef/study.json"] = b"{}"


def _no_id(files: dict[str, bytes]) -> None:
    for name in list(files):
        files[f"../{name.partition('/')[2]}"] = files.pop(name)


def _torn_study(files: dict[str, bytes]) -> None:
    files[next(name for name in files if name.endswith("study.json"))] = b"torn"


def _seed_varied(files: dict[str, bytes]) -> None:
    name = next(name for name in files if name.endswith("study.json"))
    record = json.loads(files[name])
    record["definition"]["axes"][0]["field"] = "seed"
    files[name] = json.dumps(record).encode()


def _large_study(files: dict[str, bytes]) -> None:
    files[next(name for name in files if name.endswith("study.json"))] = b" " * 1_000_001


def _no_run(files: dict[str, bytes]) -> None:
    for name in [name for name in files if name.count("/") > 1]:
        del files[name]


def _stray_file(files: dict[str, bytes]) -> None:
    files[f"{next(iter(files)).partition('/')[0]}/lock"] = b""


def _last_run_broken(files: dict[str, bytes]) -> None:
    files[[name for name in files if name.endswith("data.npz") or "samples" in name][-1]] = b"torn"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (_strange_run, "20260101-000000-abcdef does not belong to its study"),
        (_second_study, "more than one study"),
        (_no_id, "is no part of a study"),
        (_torn_study, "The study of this archive cannot be read here"),
        (_seed_varied, "The study of this archive cannot be read here"),
        (_large_study, "study.json is larger than 1 MB"),
        (_no_run, "it has no run"),
        (_stray_file, "lock' is no part of one"),
        (_last_run_broken, "is not a .npz file"),
    ],
)
def test_anything_else_is_refused_and_leaves_nothing(
    exported: Path, elsewhere: Path, change: Callable, said: str
) -> None:
    with pytest.raises(MadeError, match=said):
        archive.take_in(changed(exported, change))
    assert not elsewhere.exists() or everything(elsewhere) == []
    assert folder.list_studies() == []
