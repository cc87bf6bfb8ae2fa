"""What was exported is taken in again; anything else is refused, and nothing of it stays."""

from __future__ import annotations

import io
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from told_runs import told_run

from made import library, runs
from made.base.errors import MadeError
from made.commands.export import write_archive
from made.runs import archive, picture_files
from made.runs.archive import import_archive
from made.runs.folder import Run
from made.runs.loading import load_run
from made.runs.notes import Notes
from made.runs.picture_files import is_picture
from made.views.cell_pictures import Painter
from made.views.matrix import matrix
from made.views.story import tell

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
        ({"best__safetensors": None, "result__json": None}, "has no best.safetensors"),
        ({"config__json": b"torn"}, "config.json is not valid"),
        ({"best__safetensors": b"torn"}, "best.safetensors"),
        ({"extra__py": b"print()"}, "extra.py' is no part"),
        ({"../../escape/config__json": b"{}"}, "is no part"),
        ({"/etc/label__json": b"{}"}, "is no part"),
        ({"20260101-000000-abcdef/label__json": b"{}"}, "it has 2 folders"),
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
        names = {name.partition("/")[2] for name in whole.namelist()}
    assert {name for name in names if not is_picture(name)} <= archive.LIMITS.keys()


def test_a_run_comes_back_with_its_pictures_and_its_note_of_the_data(
    trained: Run, exported: Path
) -> None:
    with zipfile.ZipFile(exported) as whole:
        assert f"{trained.id}/samples/epoch-00001.npz" in whole.namelist()
    run = import_archive(exported)
    assert run.sample_epochs()
    assert all(
        {"density", "histogram"} <= run.samples(epoch).keys() for epoch in run.sample_epochs()
    )
    assert {"rows", "joint"} <= run.data_arrays().keys()


def test_a_told_run_has_the_same_pictures_in_the_matrix_of_another_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def painted() -> list[str]:
        story = tell([Run.open(id) for id in ids])
        painter = Painter(kind="density", info=story.info, known=story.reference)
        cells = matrix(story.grid, story.verdict, story.known, painter)["cells"]
        return [cell[key] for cell in cells for key in ("name", "kept", "pictures", "figures")]

    told = [told_run([0.3, 0.1], encoding=name, has_pictures=True) for name in ("raw", "bits")]
    ids = [run.id for run in told]
    for run in told:
        assert write_archive(run, tmp_path / f"{run.id}.zip") == []
    before = painted()
    assert before[1:3] == [[1, 2], before[2]]
    assert len(set(before[2])) == 2
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path / "empty"))
    for id in ids:
        import_archive(tmp_path / f"{id}.zip")
    assert painted() == before


def test_an_archive_of_the_time_before_pictures_is_taken_in(exported: Path) -> None:
    with zipfile.ZipFile(exported) as whole:
        names = [name.partition("/")[2] for name in whole.namelist()]
    pictures = [name for name in names if is_picture(name) or name == "data.npz"]
    assert len(pictures) > 1
    older = io.BytesIO()
    with zipfile.ZipFile(exported) as whole, zipfile.ZipFile(older, "w") as new:
        for name in whole.namelist():
            if name.partition("/")[2] not in pictures:
                new.writestr(name, whole.read(name))
    run = import_archive(older)
    assert run.sample_epochs() == []
    assert load_run(run).model is not None


def npz(**arrays: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    return content.getvalue()


def bomb(size: int) -> bytes:
    """A density of so many bytes that are packed in a few."""
    return npz(density=np.zeros((1, size // 4), np.float32))


TABLE = np.full((4, 4), 1 / 16, np.float32)
UNFIT_PICTURES = {
    "pickle": (npz(density=np.array([{}], dtype=object)), "pickle"),
    "no npz": (b"PK torn", "is not a .npz file"),
    "of another grid": (npz(density=np.ones((5, 5), np.float32)), "no picture of these data"),
    "negative": (npz(density=-TABLE), "no picture of these data"),
    "not finite": (npz(density=TABLE * np.nan), "no picture of these data"),
    "of another name": (npz(density=TABLE, code=TABLE), "'code', which is no picture"),
    "of more variables": (npz(samples=np.zeros((8, 3), np.uint8)), "no picture of these data"),
    "of more categories": (npz(samples=np.full((8, 2), 4, np.uint8)), "no picture of these data"),
    "a bomb": (bomb(2**30 + 2**20), "would unpack to"),
}


@pytest.mark.parametrize("name", ["samples/epoch-00001.npz", "data.npz"])
@pytest.mark.parametrize("what", UNFIT_PICTURES)
def test_pictures_of_other_data_or_of_no_data_are_refused(
    exported: Path, folder: Path, trained: Run, what: str, name: str
) -> None:
    content, said = UNFIT_PICTURES[what]
    before = left_behind(folder)
    with pytest.raises(MadeError, match=said):
        import_archive(with_picture(exported, trained.id, name, content))
    assert left_behind(folder) == before


def with_picture(path: Path, id: str, name: str, content: bytes) -> io.BytesIO:
    """A copy of an archive in which a picture has other content, or a new one has come."""
    copy, wanted = io.BytesIO(), f"{id}/{name}"
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(copy, "w") as new:
        for one in old.namelist():
            if one != wanted:
                new.writestr(one, old.read(one))
        new.writestr(wanted, content)
    copy.seek(0)
    return copy


@pytest.mark.parametrize(
    "name",
    [
        "samples/epoch-1.npz",
        "samples/epoch-000012.npz",
        "samples/epoch-0001².npz",
        "samples/../epoch-00001.npz",
        "samples/epoch-00001.npz/x",
        "samples/deeper/epoch-00001.npz",
        "samples/epoch-00001.npy",
        "samples\\epoch-00001.npz",
    ],
)
def test_a_picture_of_another_name_is_no_part_of_a_run(
    exported: Path, trained: Run, folder: Path, name: str
) -> None:
    before = left_behind(folder)
    with pytest.raises(MadeError, match="is no part of one"):
        import_archive(with_picture(exported, trained.id, name, npz(density=TABLE)))
    assert left_behind(folder) == before


def test_pictures_have_their_bounds_in_number_and_in_size(
    exported: Path, trained: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = left_behind(folder)
    more = with_picture(exported, trained.id, "samples/epoch-00002.npz", npz(density=TABLE))
    for bound, most, said in (
        ("MAX_FILES", 1, "pictures of more than 1 epochs"),
        ("MAX_BYTES", 900, "its pictures are larger than"),
        ("MAX_UNPACKED", 100, "would unpack to"),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(picture_files, bound, most)
            with pytest.raises(MadeError, match=said):
                import_archive(more)
        assert left_behind(folder) == before


def test_an_archive_that_would_be_too_large_says_which_pictures_it_leaves_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = told_run([0.5, 0.4, 0.1, 0.2, 0.3, 0.35], has_pictures=True)
    sizes = [path.stat().st_size for path in (run.path / "samples").iterdir()]
    monkeypatch.setattr(picture_files, "MAX_BYTES", 3 * max(sizes))
    (left_out,) = write_archive(run, tmp_path / "run.zip")
    assert left_out.startswith("the pictures of 3 epochs")
    with zipfile.ZipFile(tmp_path / "run.zip") as whole:
        assert left_out in whole.read(f"{run.id}/README.txt").decode()
    shutil.rmtree(run.path)
    assert import_archive(tmp_path / "run.zip").sample_epochs() == [1, 3, 6]


def test_a_broken_picture_is_left_out_and_named(tmp_path: Path) -> None:
    run = told_run([0.2, 0.1], has_pictures=True)
    (run.path / "samples" / "epoch-00001.npz").write_bytes(b"torn")
    (left_out,) = write_archive(run, tmp_path / "run.zip")
    assert "'epoch-00001.npz' is not a .npz file" in left_out
    shutil.rmtree(run.path)
    assert import_archive(tmp_path / "run.zip").sample_epochs() == [2]


def test_a_run_without_weights_needs_its_figures_and_pictures(tmp_path: Path) -> None:
    with pytest.raises(MadeError, match="no checkpoint 'best'"):
        write_archive(told_run([0.1]), tmp_path / "run.zip")
