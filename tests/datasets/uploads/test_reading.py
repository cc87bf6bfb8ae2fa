"""A file read by a process of its own gives what the library gives, and harms nobody."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest
from upload_files import ROWS, TABLE, bomb, npy, npz, png

from made import datasets
from made.base.errors import MadeError
from made.datasets import save_upload
from made.datasets.uploads import reading
from made.datasets.uploads.reading import Reading, ReadUpload

CSV = b"a,b,c\n" + b"0,1,2\n2,1,0\n" * 30
CLEAR = np.stack([np.arange(144).reshape(12, 12)] * 3 + [np.tri(12) * 255], axis=2)
ONLY_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits memory")


def read(filename: str, content: bytes) -> ReadUpload:
    return Reading(filename, content).result()


def refusal(filename: str, content: bytes) -> str:
    (sentence,) = set(read(filename, content).refusals.values())
    assert sentence is not None
    return sentence


@pytest.mark.parametrize(
    ("filename", "content", "kind", "options"),
    [
        ("rows.npy", npy(ROWS), "rows", {}),
        ("rows.npz", npz(train=ROWS[:30], valid=ROWS[30:40], test=ROWS[40:]), "rows", {}),
        ("rows.csv", CSV, "rows", {"image_shape": (1, 3)}),
        ("joint.npy", npy(TABLE), "joint", {}),
        ("clear.png", png(CLEAR), "picture", {"grid_size": 5}),
        ("clear.png", png(CLEAR), "picture", {"mass": "brightness"}),
        ("black.png", png(np.zeros((9, 9))), "picture", {}),
        ("white.png", png(np.full((9, 9), 255)), "picture", {"mass": "brightness"}),
    ],
)
def test_what_is_read_apart_is_what_the_library_reads(
    filename: str, content: bytes, kind: str, options: dict
) -> None:
    upload = read(filename, content)
    assert upload.refusals[kind] is None
    name = upload.keep(kind, "Mine", **options)
    stored = {path.name: path.read_bytes() for path in datasets.uploads_folder().iterdir()}
    assert save_upload(filename, content, kind=kind, label="Mine", **options) == name
    for file, content_before in stored.items():
        if file.endswith(".json"):
            assert (datasets.uploads_folder() / file).read_bytes() == content_before


def test_a_file_that_cannot_be_one_kind_may_be_another() -> None:
    upload = read("t.npy", npy(ROWS))
    assert upload.refusals["rows"] is None
    assert "not a square table" in (upload.refusals["joint"] or "")
    with pytest.raises(MadeError, match="not a square table"):
        upload.keep("joint", "Mine")
    with pytest.raises(MadeError, match="do not make 5 × 5 pixels"):
        upload.keep("rows", "Mine", (5, 5))


def test_an_archive_that_unpacks_to_much_is_refused_unread() -> None:
    assert "would unpack to 1.07 GB, more than the 210 MB allowed" in refusal("r.npz", bomb())
    packed = npz(np.savez_compressed, rows=np.zeros((70_000, 784 * 2), np.int64)[:14_000])
    assert len(packed) < 1 << 20
    assert read("r.npz", packed).refusals["rows"] is None


def test_a_line_of_millions_of_columns_is_refused_by_its_width() -> None:
    assert "has D = 2,000,000 columns" in refusal("wide.csv", b"0," * 1_999_999 + b"1\n")


def instead(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Let the child do something else."""
    code = f"from made.datasets.uploads import child\nimport sys, json\n{code}"
    monkeypatch.setattr(reading, "COMMAND", (sys.executable, "-c", code))


@ONLY_LINUX
def test_a_file_that_takes_too_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "child.MAX_READING_SECONDS = 1\nchild.limit()\nwhile True: pass")
    assert "takes more than 60 s to read: bring fewer values" in refusal("rows.csv", CSV)


@ONLY_LINUX
def test_a_file_that_takes_too_much_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "child.MAX_READING_BYTES = 40 << 20\nchild.main(sys.argv[1:])")
    rows = np.zeros((30_000, 100), np.int64)
    sentence = read("rows.npy", npy(rows)).refusals["rows"]
    assert sentence is not None
    assert "of memory to be read: bring fewer values" in sentence


@pytest.mark.parametrize("code", ["sys.exit(1)", "import os; os.abort()", "sys.exit(0)"])
def test_a_reader_that_dies_leaves_a_sentence(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    instead(monkeypatch, code)
    assert refusal("rows.csv", CSV).startswith("'rows.csv' made its reader fail: save it again")


def test_a_system_without_room_leaves_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reading.tempfile, "TemporaryFile", full)
    assert "(No space left on device): free some space" in refusal("rows.csv", CSV)


def test_a_reading_that_nobody_holds_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    instead(monkeypatch, "import signal\nprint('{\"share\": 0.5}', flush=True)\nsignal.pause()")
    held = Reading("rows.csv", CSV)
    assert next(share for share in held.follow() if share) == 0.5
    work = held._work
    child = psutil.Process(work._process.pid)
    del held
    gc.collect()
    assert work.is_done.wait(30)
    assert not child.is_running()


def test_what_was_read_outlives_its_reading_and_lies_under_no_name(tmp_path: Path) -> None:
    upload = read("rows.npy", npy(ROWS))
    gc.collect()
    (train, _, _), num_categories = upload.rows()
    assert (train.shape, num_categories) == ((40, 6), 3)
    assert list(tmp_path.rglob("*")) == []


def test_a_picture_keeps_one_copy_unless_paper_shows() -> None:
    content = png(np.arange(100).reshape(10, 10))
    assert set(read("a.png", content)._of("picture")) == {"dark"}
    assert set(read("a.png", png(CLEAR))._of("picture")) == {"dark", "bright"}
