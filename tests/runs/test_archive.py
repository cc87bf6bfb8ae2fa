"""What was exported is taken in again; anything else is refused, and nothing of it stays."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import pytest

from made import library, runs
from made.base.errors import MadeError
from made.commands.export import write_archive
from made.runs import archive
from made.runs.archive import import_archive
from made.runs.folder import Run
from made.runs.loading import load_run
from made.runs.notes import Notes

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def trained(folder: Path, same_threads: None) -> Run:
    settings = {"grid_size": 4, "num_samples": 1000, "hidden_sizes": (3,)}
    loaded = library.train("rings", label="rings, raw", epochs=1, progress=False, **settings)
    runs.annotate(loaded.run, Notes(tags=("kept",)))
    return loaded.run


@pytest.fixture
def exported(trained: Run, tmp_path: Path) -> Path:
    """An archive of a run that is here no more."""
    path = tmp_path / "run.zip"
    write_archive(trained, path)
    shutil.rmtree(trained.path)
    return path


def changed(path: Path, **files: bytes | None) -> io.BytesIO:
    """A copy of an archive with other content, None for none; a name with / is a path of its own.

    Names are written with __ for a dot.
    """
    copy, named = io.BytesIO(), {name.replace("__", "."): files[name] for name in files}
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        folder = old.namelist()[0].partition("/")[0]
        for name in old.namelist():
            if name.partition("/")[2] not in named:
                new.writestr(name, old.read(name))
        for name, content in named.items():
            if content is not None:
                new.writestr(name if "/" in name else f"{folder}/{name}", content)
    copy.seek(0)
    return copy


def left_behind(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_exported_run_comes_back_as_it_was(trained: Run, tmp_path: Path) -> None:
    write_archive(trained, tmp_path / "run.zip")
    before = (trained.config, trained.result, trained.epochs(), trained.state, trained.notes)
    shutil.rmtree(trained.path)
    with (tmp_path / "run.zip").open("rb") as file:
        run = import_archive(file)
    assert (run.id, run.label) == (trained.id, "rings, raw")
    assert (run.config, run.result, run.epochs(), run.state, run.notes) == before
    assert load_run(run).model is not None
    with pytest.raises(MadeError, match=r"here already, as 'rings, raw'"):
        import_archive(tmp_path / "run.zip")


def moved(path: Path, folder: str) -> io.BytesIO:
    """A copy of an archive whose folder has another name."""
    copy = io.BytesIO()
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            new.writestr(f"{folder}/{name.partition('/')[2]}", old.read(name))
    return copy


@pytest.mark.parametrize("name", ["..", ".", "", "notes", "20260101-000000-ABCDEF"])
def test_a_folder_that_is_named_by_no_id_is_no_run(exported: Path, name: str) -> None:
    with pytest.raises(MadeError, match="is no part"):
        import_archive(moved(exported, name))
    assert runs.list_runs() == []


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_stands_in_it_twice_is_refused(exported: Path) -> None:
    twice = changed(exported)
    with zipfile.ZipFile(twice, "a") as archive:
        archive.writestr(archive.namelist()[0], b"")
    with pytest.raises(MadeError, match="stands in it twice"):
        import_archive(twice)


def test_a_run_that_shipped_elsewhere_becomes_one_of_ours(exported: Path) -> None:
    run = import_archive(moved(exported, "shipped-elsewhere"))
    assert not run.is_shipped
    runs.rename(run, "mine")
    runs.delete(run)


def test_a_run_that_was_alive_when_it_was_exported_is_stopped_here(exported: Path) -> None:
    run = import_archive(changed(exported, status__json=b'{"state": "training", "pid": 1}'))
    assert (run.state, run.recorded.pid) == ("stopped", None)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"config__json": None}, "has no config.json"),
        ({"best__safetensors": None}, "has no best.safetensors"),
        ({"config__json": b"torn"}, "config.json is not valid"),
        ({"best__safetensors": b"torn"}, "best.safetensors"),
        ({"extra__py": b"print()"}, "extra.py' is no part"),
        ({"../../escape/config__json": b"{}"}, "is no part"),
        ({"/etc/label__json": b"{}"}, "is no part"),
        ({"20260101-000000-abcdef/label__json": b"{}"}, "stands in it twice"),
        ({"label__json": b" " * 1_000_001}, "label.json is larger than 1 MB"),
    ],
)
def test_anything_else_is_refused_and_leaves_nothing(
    exported: Path, folder: Path, files: dict, said: str
) -> None:
    before = left_behind(folder)
    with pytest.raises(MadeError, match=said):
        import_archive(changed(exported, **files))
    assert left_behind(folder) == before


def test_weights_of_another_configuration_are_refused(exported: Path, folder: Path) -> None:
    with zipfile.ZipFile(exported) as whole:
        config = whole.read(next(name for name in whole.namelist() if name.endswith("config.json")))
    other = config.replace(b'"grid_size": 4', b'"grid_size": 5')
    assert other != config
    with pytest.raises(MadeError, match="do not fit its config"):
        import_archive(changed(exported, config__json=other))
    assert runs.list_runs() == []


def test_what_is_no_zip_file_or_a_damaged_one_is_refused(exported: Path) -> None:
    content = exported.read_bytes()
    middle = len(content) // 2
    damaged = content[:middle] + b"\0" * 200 + content[middle + 200 :]
    for wrong in (b"", b"PK", b"some text", content[:-40], damaged):
        with pytest.raises(MadeError, match=r"zip archive that can be read|safetensors"):
            import_archive(io.BytesIO(wrong))
    assert runs.list_runs() == []


def test_every_file_that_is_exported_may_be_imported(trained: Run, tmp_path: Path) -> None:
    write_archive(trained, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as whole:
        assert {name.partition("/")[2] for name in whole.namelist()} <= archive.LIMITS.keys()
