"""What may happen to a disk or a process: it is said, nothing is left behind, the run goes on."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from worker_process import (
    BIG,
    FAKE,
    Held,
    assert_same_outcome,
    hold,
    settings,
    undisturbed,
    wait_for,
    wait_for_end,
    wait_for_state,
)

from made import runs
from made.base import files
from made.base.errors import MadeError
from made.commands import main
from made.runs import disk, ending, heartbeat, held, jobs, recorder, store, worker
from made.runs.folder import Run
from made.training.state import MEETING
from made.views import run_views

pytestmark = pytest.mark.usefixtures("folder")
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_lets_the_last_status_through_and_the_run_resumes(
    in_process: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = settings(epochs=5, hidden_sizes="16")
    calm = undisturbed(config)
    run = runs.create(config)
    write, save = Path.write_bytes, recorder.save_tensors

    def written(path: Path, content: bytes) -> int:
        """Nothing fits any more, but into the room that was kept."""
        if ".status.json" in path.name and len(run.epochs()) >= 3:
            assert (run.path / disk.RESERVE).exists() is is_kept
            if is_kept:
                raise FULL
        return write(path, content)

    def saved(path: Path, *content: object) -> None:
        if len(run.epochs()) >= 3:
            write(path, b"half")
            raise RuntimeError(f"I/O error: {FULL.strerror} (os error 28)")
        save(path, *content)

    release, is_kept = disk.release, True

    def released(of: Run) -> None:
        nonlocal is_kept
        release(of)
        is_kept = False

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", written)
        patch.setattr(recorder, "save_tensors", saved)
        patch.setattr(disk, "release", released)
        status = worker.execute(run)
    assert (status.state, status.cause) == ("failed", "disk full")
    assert status.message.startswith("The disk is full: 1 MB are needed and ")
    assert "Free some space, then resume the run. The checkpoint of step 20 is kept." in (
        status.message
    )
    assert not list(run.path.glob(".*.tmp"))
    assert worker.execute(run).state == "finished"
    assert_same_outcome(run, calm)
    assert not (run.path / disk.RESERVE).exists()


def test_what_a_checkpoint_takes_is_known_from_the_network() -> None:
    small, large = (runs.create(settings(hidden_sizes=size)) for size in ("16", "2000, 2000"))
    assert disk.needed_bytes(small) == disk.LEAST_BYTES
    weights = 4 * (2000 * 2000)
    assert 5 * weights < disk.needed_bytes(large) < 6 * weights


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EACCES])
@pytest.mark.parametrize("place", ["folder", "status"])
def test_a_start_that_the_disk_refuses_is_a_sentence(
    code: int, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runs.create(settings())

    def refuse(*arguments: object, **named: object) -> None:
        raise OSError(code, os.strerror(code), "a file")

    said = "is full: free some space" if code == errno.ENOSPC else "cannot be written"
    monkeypatch.setattr(store, "new_folder" if place == "folder" else "write_atomically", refuse)
    for act in (
        lambda: jobs.start(settings(), launcher=FAKE),
        lambda: held.start(settings(), launcher=FAKE),
        lambda: jobs.create(settings()),
    ):
        with pytest.raises(MadeError, match=said):
            act()
    assert [each.id for each in runs.list_runs()] == [run.id]


def test_what_is_done_with_a_run_says_what_the_disk_refuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = runs.create(settings())

    def refuse(*arguments: object, **named: object) -> None:
        raise FULL

    monkeypatch.setattr(store, "write_atomically", refuse)
    monkeypatch.setattr(jobs, "write_atomically", refuse)
    for act in (
        lambda: runs.rename(run, "another"),
        lambda: runs.annotate(run, runs.Notes(words="a")),
        lambda: jobs.stop(run),
        lambda: jobs.pause(run),
    ):
        with pytest.raises(MadeError, match="is full: free some space"):
            act()


def test_what_a_killed_worker_left_half_written_is_swept(in_process: None) -> None:
    run = runs.create(settings())
    (run.path / "samples").mkdir()
    left = [
        ".status.json.0badcafe.tmp",
        ".data.npz.0badcafe.tmp",
        ".last.safetensors.0badcafe.tmp",
        ".tmpAbC123",
        "samples/.epoch-00003.npz.0badcafe.tmp",
        f"{MEETING}0badcafe/job.json",
    ]
    theirs = ".notes.json.0badcafe.tmp"
    for name in (*left, theirs):
        (run.path / name).parent.mkdir(exist_ok=True)
        (run.path / name).write_bytes(b"half")
    assert worker.execute(run).state == "finished"
    there = {path.relative_to(run.path).as_posix() for path in run.path.rglob("*")}
    assert there.isdisjoint(left)
    assert f"{MEETING}0badcafe" not in there
    assert theirs in there, "somebody may be writing it just now"


@pytest.fixture
def stopped() -> Iterator[Callable[[], Run]]:
    """A run whose process is there, and was stopped by a signal 40 seconds ago."""
    made: list[psutil.Process] = []

    def stop() -> Run:
        run = jobs.start(settings(epochs=3), launcher=Held(15))
        wait_for(lambda: run.status().step == 15 and run.recorded.pid, "step 15")
        process = psutil.Process(run.recorded.pid)
        made.append(process)
        process.send_signal(signal.SIGSTOP)
        wait_for(lambda: process.status() == psutil.STATUS_STOPPED, "the stop")
        past = time.time() - 40
        os.utime(run.path / heartbeat.FILE, (past, past))
        return run

    yield stop
    for process in made:
        if process.is_running():
            process.kill()


def test_a_process_that_does_not_answer_is_told_of_and_ended_and_its_run_resumes(
    in_process: None, stopped: Callable[[], Run], capsys: pytest.CaptureFixture[str]
) -> None:
    run = stopped()
    assert run.state == "training"
    assert run.silent_seconds == pytest.approx(40, abs=20)
    assert run_views.progress_line(run, run.status(), 0).startswith("not answering for 4")
    assert main(["runs"]) == 0
    assert "training, silent for 4" in capsys.readouterr().out
    ending.end_process(run)
    assert run.state == "interrupted"
    assert run.silent_seconds is None
    ending.end_process(run)
    hold(run, 0)
    jobs.resume(run, launcher=FAKE)
    assert wait_for_end(run) == "finished"
    assert_same_outcome(run, undisturbed(settings(epochs=3)))


def test_one_that_answers_is_not_ended() -> None:
    run = jobs.start(settings(epochs=3), launcher=Held(5))
    wait_for(lambda: run.status().step == 5, "step 5")
    assert (run.path / heartbeat.FILE).exists()
    with pytest.raises(MadeError, match="answers: pause or stop"):
        ending.end_process(run)
    assert run.is_alive
    hold(run, 0)
    assert wait_for_end(run) == "finished"
    assert not (run.path / heartbeat.FILE).exists()


def test_no_process_is_ended_but_the_one_that_has_the_lock() -> None:
    run = runs.create(settings())
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with run.lock():
        content = files.to_json({"state": "training", "pid": other.pid, "created": 1.0})
        (run.path / "status.json").write_text(content)
        (run.path / "launch.json").write_text(files.to_json({"pid": os.getpid()}))
        (run.path / heartbeat.FILE).touch()
        os.utime(run.path / heartbeat.FILE, (1e9, 1e9))
        with pytest.raises(MadeError, match="not on this machine, or is another person's"):
            ending.end_process(run)
        assert other.poll() is None
    other.kill()
    other.communicate()


def test_a_sign_of_life_is_given_while_a_run_waits_or_trains(
    in_process: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.001)
    run = runs.create(settings())
    path = run.path / heartbeat.FILE
    with run.lock(), heartbeat.beating(run.path):
        os.utime(path, (1e9, 1e9))
        wait_for(lambda: path.stat().st_mtime > 1.1e9, "a sign of life")
        path.unlink()
    assert not path.exists()


def test_a_queued_worker_whose_folder_was_removed_ends(two_cores: None) -> None:
    first = jobs.start(settings(**BIG), launcher=Held(5))
    wait_for_state(first, "training")
    second = jobs.start(settings(**BIG), launcher=FAKE)
    wait_for_state(second, "queued")
    wait_for(lambda: second.recorded.pid, "its process")
    pid = second.recorded.pid
    shutil.rmtree(second.path)
    wait_for(lambda: not psutil.pid_exists(pid), "its end")
    assert not second.path.exists()
    hold(first, 0)
    assert wait_for_end(first) == "finished"
