import json
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from made import runs
from made.base import files
from made.base.errors import MadeError
from made.runs import film_epochs, store
from made.runs.folder import ID, Run
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, nothing_shipped):
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path / "runs"))
    return tmp_path / "runs"


@pytest.fixture
def run():
    return runs.create(ExperimentConfig(), "a run")


def set_status(run, **changes):
    RunWriter(run).update(**changes)


def test_a_crash_before_the_rename_leaves_the_old_content(tmp_path, monkeypatch):
    path = tmp_path / "file"
    files.write_atomically(path, b"old")

    def crash(*arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", crash)
        with pytest.raises(KeyboardInterrupt):
            files.write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    files.write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_writer_that_fails_half_way_leaves_the_old_content(tmp_path):
    path = tmp_path / "file"
    files.write_atomically(path, b"old")

    def fill(temporary):
        temporary.write_bytes(b"ne")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        files.write_atomically(path, fill)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_json_has_no_nan_and_knows_numpy():
    text = files.to_json({"a": [np.float32(1.5), float("nan")], "b": {"c": np.inf, 1: np.int64(2)}})
    assert json.loads(text) == {"a": [1.5, None], "b": {"c": None, "1": 2}}


def test_a_new_run_reads_back(run):
    again = Run.open(run.id)
    assert again.config == ExperimentConfig()
    assert again.label == "a run"
    assert again.state == "starting"
    assert again.problem is None
    assert again.epochs() == again.checkpoints() == again.sample_epochs() == []
    assert again.losses().shape == (0,)
    assert again.samples() == {}
    assert again.result is None
    assert again.best_epoch is None


def test_a_failed_creation_leaves_nothing(folder, monkeypatch):
    def crash(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "rename", crash)
    with pytest.raises(KeyboardInterrupt):
        runs.create(ExperimentConfig())
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "id",
    [
        "",
        ".",
        "..",
        "../x",
        "/etc",
        "20261122-231501-3fa9c2/..",
        "20261122-231501-3fa9c2\n",
        "shipped-../x",
        "shipped-",
        "20261122-231501-GHIJKL",
        "20261122-231501-000000",
        None,
    ],
)
def test_only_ids_of_existing_runs_open(id, run):
    with pytest.raises(MadeError, match="choose one from the list"):
        Run.open(id)


def test_a_link_to_another_folder_is_no_run(folder, run):
    link = folder / "20260101-000000-000000"
    link.symlink_to(run.path)
    with pytest.raises(MadeError):
        Run.open(link.name)
    assert [each.id for each in runs.list_runs()] == [run.id]


def test_runs_are_listed_newest_first_and_shipped_ones_last(folder):
    shipped = runs.create(ExperimentConfig(), id="shipped-rings")
    made = [runs.create(ExperimentConfig()) for _ in range(3)]
    expected = sorted((run.id for run in made), reverse=True)
    assert [run.id for run in runs.list_runs()] == [*expected, shipped.id]


def test_ids_sort_by_time(monkeypatch):
    first = datetime(2026, 11, 22, 23, 59, 59, 999_700, UTC)
    moments = [first, first + timedelta(seconds=1 / 4096), first + timedelta(seconds=1)]
    clock = SimpleNamespace(now=lambda zone: moments[len(ids)])
    monkeypatch.setattr(store, "datetime", clock)
    ids = []
    for _ in moments:
        ids.append(store.new_id())  # noqa: PERF401
    assert ids == sorted(ids)
    assert len({id[:-3] for id in ids}) == 3
    assert all(ID.fullmatch(id) for id in ids)


def test_broken_folders_do_not_disturb_the_list(folder, run):
    (folder / "20260101-000000-000000").mkdir()
    (folder / "notes").mkdir()
    (folder / "20260101-000000-000001").write_text("a file")
    broken = runs.create(ExperimentConfig(), "broken")
    for name in ("config.json", "label.json", "status.json", "epochs.jsonl", "result.json"):
        (broken.path / name).write_bytes(b"\xff[1, 2")
    (broken.path / "samples").mkdir()
    (broken.path / "samples" / "epoch-00001.npz").write_bytes(b"PK\x03\x04 torn")
    listed = {each.id: each for each in runs.list_runs()}
    assert set(listed) == {run.id, broken.id}
    broken = listed[broken.id]
    assert "config.json is not valid: The configuration: invalid JSON" in broken.problem
    assert broken.label == broken.id
    assert broken.state == "interrupted"
    assert broken.epochs() == []
    assert broken.result is None
    assert broken.samples() == {}
    runs.delete(broken)


def test_a_status_of_wrong_types_keeps_the_defaults(run):
    garbage = {"state": "starting", "launched": "x", "step": [1], "message": 3, "unknown": 1}
    (run.path / "status.json").write_text(json.dumps(garbage))
    status = run.status()
    assert (status.state, status.step) == ("interrupted", 0)
    for state in ([], None, 7, "dancing"):
        (run.path / "status.json").write_text(json.dumps({"state": state}))
        assert run.state == "interrupted"


def test_the_engine_path_is_kept_and_an_older_run_has_none(run):
    set_status(run, state="finished")
    assert run.status().engine == ""
    set_status(run, state="finished", engine="cpu · float32 · fresh mask sets · no graph")
    assert run.status().engine == "cpu · float32 · fresh mask sets · no graph"
    set_status(run, state="finished", engine=["cpu"])
    assert run.status().engine == ""


def watched(function, calls):
    """The function, which notes the first argument of every call."""

    def noting(first, *others, **named):
        calls.append(first)
        return function(first, *others, **named)

    return noting


def make_old(folder):
    """Let every file have been written long ago, as far as its signature tells."""
    for path in folder.rglob("*"):
        os.utime(path, (1e9, 1e9))


def test_hundreds_of_runs_are_read_once_and_then_remembered(folder, monkeypatch):
    first = runs.create(ExperimentConfig())
    set_status(first, state="finished")
    files_of_first = {path.name: path.read_bytes() for path in first.path.iterdir()}
    for number in range(300):
        copy = folder / f"20260101-000000-{number:06x}"
        copy.mkdir()
        for name, content in files_of_first.items():
            (copy / name).write_bytes(content)
    make_old(folder)
    looked_into = []
    monkeypatch.setattr(files, "read_bytes", watched(files.read_bytes, looked_into))
    for _ in range(2):
        states = [(run.config, run.state) for run in runs.list_runs()]
        assert len(states) == 301
        assert {state for _, state in states} == {"finished"}
    assert len(looked_into) == 2 * 301


def test_a_status_file_that_changes_within_a_clock_tick_is_read_anew(run):
    for number in range(200):
        set_status(run, step=number)
        assert run.status().step == number


def test_logs_with_a_torn_end_are_read_up_to_it(run):
    writer = RunWriter(run)
    writer.append_losses(np.arange(5, dtype=np.float32))
    writer.append_epoch({"epoch": 1, "step": 5, "is_best": True})
    with (run.path / "losses.f32").open("ab") as file:
        file.write(b"\x00\x01\x02")
    with (run.path / "epochs.jsonl").open("ab") as file:
        file.write(b'{"epoch": 2, "st')
    np.testing.assert_array_equal(run.losses(), [0, 1, 2, 3, 4])
    np.testing.assert_array_equal(run.losses(first=3), [3, 4])
    np.testing.assert_array_equal(run.losses(first=9), [])
    assert run.epochs() == [{"epoch": 1, "step": 5, "is_best": True}]
    assert run.best_epoch["epoch"] == 1


def test_truncation_cuts_what_runs_ahead_of_the_checkpoint(run):
    writer = RunWriter(run)
    writer.append_losses(np.arange(25, dtype=np.float32))
    for epoch in (1, 2):
        writer.append_epoch({"epoch": epoch, "step": 10 * epoch})
        writer.write_samples(epoch, {"samples": np.full((2, 2), epoch)})
    writer.write("result.json", b"{}")
    with (run.path / "losses.f32").open("ab") as file:
        file.write(b"\x00")
    torn = run.path / ".last.safetensors.00000000.tmp"
    torn.write_bytes(b"half")
    writer.sweep()
    writer.truncate(steps=12, epochs=1)
    np.testing.assert_array_equal(run.losses(), np.arange(12))
    assert [record["epoch"] for record in run.epochs()] == [1]
    assert run.sample_epochs() == [1]
    assert run.result is None
    assert not torn.exists()
    writer.append_losses(np.array([12.0]))
    np.testing.assert_array_equal(run.losses(), np.arange(13))


def test_truncation_fills_losses_that_were_lost(run):
    writer = RunWriter(run)
    writer.append_losses(np.ones(3))
    writer.truncate(steps=5, epochs=0)
    np.testing.assert_array_equal(run.losses(), [1, 1, 1, np.nan, np.nan])


def test_pictures_are_kept_of_the_first_the_best_the_newest_and_a_series_between():
    run = runs.create(ExperimentConfig.from_flat({"grid_size": 101}))
    writer, density = RunWriter(run), np.full((101, 101), 1 / 101**2)
    for epoch in range(101):
        writer.append_epoch({"epoch": epoch, "step": epoch, "is_best": epoch == 33})
        writer.write_samples(epoch, {"samples": np.full((2, 2), epoch), "density": density})
        kept = run.sample_epochs()
        assert (kept[0], kept[-1]) == (0, epoch)
    assert kept == [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 19, 24, 30, 33, 38, 48, 60, 75, 94, 100]
    assert run.samples()["samples"][0, 0] == 100
    assert run.samples(0)["density"].dtype == np.float32
    assert run.samples(99) == {}


def test_pictures_of_a_run_stay_within_their_size(run, monkeypatch):
    monkeypatch.setattr(film_epochs, "MAX_BYTES", 50_000)
    writer = RunWriter(run)
    noise = np.random.default_rng(0)
    for epoch in range(30):
        writer.append_epoch({"epoch": epoch, "step": epoch, "is_best": epoch == 3})
        writer.write_samples(epoch, {"density": noise.random((40, 40))})
        size = sum(path.stat().st_size for path in (run.path / "samples").iterdir())
        assert size <= 50_000
    kept = run.sample_epochs()
    assert {0, 3, 29} <= set(kept)
    assert len(kept) > 3


def test_pickles_are_not_read(run):
    (run.path / "samples").mkdir()
    np.savez(run.path / "samples" / "epoch-00001.npz", a=np.array([{}], dtype=object))
    assert run.samples() == {}


def test_200_000_losses_are_read_in_one_piece(run, monkeypatch):
    losses = 5 + np.random.default_rng(0).normal(size=200_000).astype(np.float32)
    RunWriter(run).append_losses(losses)
    pieces = []
    monkeypatch.setattr(np, "fromfile", watched(np.fromfile, pieces))
    np.testing.assert_array_equal(run.losses(), losses)
    assert len(pieces) == 1


def test_a_living_state_counts_only_while_the_lock_is_held(run):
    for state in ("queued", "training"):
        set_status(run, state=state)
        assert run.state == "interrupted"
        assert "ended without a word" in run.status().message
        with run.lock():
            assert run.is_alive
            assert run.state == state
        assert not run.is_alive


def test_a_start_counts_for_a_while_without_the_lock(run):
    assert run.state == "starting"
    set_status(run, launched=time.time() - 3600)
    assert run.state == "interrupted"


def test_a_start_ends_with_the_process_that_was_launched(run):
    files.write_atomically(run.path / "launch.json", files.to_json({"pid": os.getpid()}).encode())
    assert run.state == "starting"
    files.write_atomically(run.path / "launch.json", files.to_json({"pid": 2**30}).encode())
    assert run.state == "interrupted"


def test_many_may_ask_at_once_whether_a_run_lives(run):
    import fcntl

    with (run.path / "lock").open() as other_question:
        fcntl.flock(other_question, fcntl.LOCK_SH)
        assert not run.is_alive


def test_rename(run):
    runs.rename(run, "  größer, 2. Versuch ")
    assert Run.open(run.id).label == "größer, 2. Versuch"
    for bad in ("", "   ", "x" * 81, "a\nb", "\x1b[31m"):
        with pytest.raises(MadeError, match="printable characters"):
            runs.rename(run, bad)
    assert run.label == "größer, 2. Versuch"


def test_delete_refuses_a_living_run_and_removes_a_dead_one(folder, run):
    with pytest.raises(MadeError, match="stop it first"):
        runs.delete(run)
    set_status(run, state="training")
    with run.lock(), pytest.raises(MadeError, match="stop it first"):
        runs.delete(run)
    runs.delete(run)
    assert [path.name for path in folder.iterdir()] == [".bin"]
    with pytest.raises(MadeError):
        Run.open(run.id)


def test_shipped_runs_stay_as_they_are():
    shipped = runs.create(ExperimentConfig(), "as shipped", id="shipped-rings")
    set_status(shipped, state="finished")
    with pytest.raises(MadeError, match="ships with the project"):
        runs.delete(shipped)
    with pytest.raises(MadeError, match="ships with the project"):
        runs.rename(shipped, "mine")
    assert Run.open("shipped-rings").label == "as shipped"


def test_a_missing_checkpoint_is_named(run):
    with pytest.raises(MadeError, match="no checkpoint 'best'"):
        run.checkpoint_path("best")
    (run.path / "last.safetensors").write_bytes(b"\xff" * 40)
    assert run.checkpoints() == ["last"]
    with pytest.raises(MadeError, match="broken"):
        run.checkpoint_metadata("last")
    with pytest.raises(MadeError, match="it has 'last'"):
        run.checkpoint_path("../config")
