"""What goes wrong with one run, or for a moment, takes no other run out of the line or down."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from worker_process import BIG, FAKE, Nothing, settings, undisturbed

from made import runs
from made.base import files
from made.base.errors import MadeError
from made.runs import calls, changing, jobs, line, tickets, worker
from made.runs.folder import Run
from made.runs.writer import RunWriter

pytestmark = pytest.mark.usefixtures("folder", "in_process")


def of(run: Run, error: int, patch: pytest.MonkeyPatch) -> None:
    """The disk refuses to say what is in the folder of a run."""
    opens, read, is_file = Path.open, files.read_bytes, Path.is_file

    def refuse(path: Path) -> None:
        if path.parent == run.path:
            raise OSError(error, os.strerror(error), str(path))

    def opened(path: Path, *arguments, **named):
        refuse(path)
        return opens(path, *arguments, **named)

    def read_bytes(path: Path, limit: int) -> bytes:
        refuse(path)
        return read(path, limit)

    def is_a_file(path: Path) -> bool:
        refuse(path)
        return is_file(path)

    patch.setattr(Path, "open", opened)
    patch.setattr(Path, "is_file", is_a_file)
    patch.setattr(files, "read_bytes", read_bytes)


@pytest.mark.parametrize("error", [errno.EIO, errno.EMFILE, errno.EACCES])
def test_who_cannot_be_read_for_a_moment_keeps_the_place_in_line(error: int, monkeypatch) -> None:
    first, second, third = (jobs.start(settings(**BIG), launcher=Nothing()) for _ in range(3))
    with monkeypatch.context() as patch:
        of(second, error, patch)
        assert line.waiting("cpu") == [first.id, third.id]
        calls.call_next(FAKE)
    assert line.waiting("cpu") == [first.id, second.id, third.id]


def test_a_run_trains_beside_one_that_cannot_be_read(monkeypatch) -> None:
    other = jobs.start(settings(**BIG), launcher=Nothing())
    mine = runs.create(settings())
    of(other, errno.EIO, monkeypatch)
    assert worker.execute(mine).state == "finished"


def test_tickets_of_a_device_that_is_gone_are_looked_at() -> None:
    place = tickets.folder(runs.runs_folder(), "cuda:3")
    place.mkdir(parents=True)
    (place / f"{1:020}_20260101-000000-abcdef").touch()
    (place.parent / "strange").mkdir()
    assert line.devices() == ["cuda:3"]
    calls.call_next(FAKE)
    assert line.devices() == []


class Begun:
    """Launches a run that begins, and tells that it could not."""

    def __init__(self) -> None:
        self.hold = None

    def launch(self, run: Run) -> None:
        self.hold = run.lock()
        self.hold.acquire()
        RunWriter(run).update(state="training")
        raise OSError("no answer")


def test_who_was_begun_all_the_same_is_not_told_to_have_failed() -> None:
    launcher = Begun()
    with pytest.raises(MadeError, match="no answer"):
        jobs.start(settings(), launcher=launcher)
    (run,) = runs.list_runs()
    assert run.state == "training"
    launcher.hold.release()


def test_what_is_asked_for_while_a_change_is_noted_comes_next() -> None:
    run = jobs.start(settings(), launcher=Nothing())
    changing.change(run, {"learning_rate": 0.5})
    assert changing.take(run) == {"learning_rate": 0.5}
    changing.change(run, {"weight_decay": 0.1})
    assert changing.wanted(run) == {"learning_rate": 0.5, "weight_decay": 0.1}
    changing.taken(run)
    assert changing.take(run)["weight_decay"] == 0.1
    changing.taken(run)
    assert changing.wanted(run) is None


def test_a_change_that_was_taken_by_one_that_died_is_taken_again() -> None:
    run = jobs.start(settings(), launcher=Nothing())
    changing.change(run, {"learning_rate": 0.5})
    changing.take(run)
    assert changing.take(run) == {"learning_rate": 0.5}
    (run.path / changing.TAKING).write_text("torn")
    assert changing.take(run) is None


def test_a_finished_run_that_cannot_go_on_stays_finished(monkeypatch) -> None:
    run = undisturbed(settings())

    class Full:
        class queue:
            is_endless = True

            @staticmethod
            def require_place(config) -> None:
                raise MadeError("There is no place.")

    with pytest.raises(MadeError, match="no place"):
        changing.go_on(run, 99, launcher=Full())
    assert run.state == "finished"
    assert run.changes() == ()
