"""A disk that becomes read-only, or is taken away, in the middle: said, survived, gone on from.

Real ones: a file system in memory is mounted, which needs the rights of root.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from streamlit.testing.v1 import AppTest
from worker_process import (
    FAKE,
    Held,
    assert_same_outcome,
    end_all,
    hold,
    log_of,
    settings,
    undisturbed,
    wait_for,
    wait_for_end,
)

from made import runs
from made.base.errors import MadeError
from made.base.places import PROJECT
from made.commands import main
from made.runs import jobs
from made.runs.folder import Run

pytestmark = pytest.mark.usefixtures("nothing_shipped")
PAGES = ("explore", "compare", "data", "learn", "train")


def mount(*arguments: object) -> bool:
    """Whether the system has done what it was asked for."""
    try:
        done = subprocess.run([str(each) for each in arguments], capture_output=True)
    except OSError:
        return False
    return done.returncode == 0


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A disk of its own for the runs folder, and a second name under which it stays."""
    place, stays = tmp_path / "runs", tmp_path / "stays"
    for path in (place, stays):
        path.mkdir()
    if not mount("mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", stays):
        pytest.skip("nothing can be mounted here")
    assert mount("mount", "--bind", stays, place)
    monkeypatch.setenv("MADE_RUNS_DIR", str(place))
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))
    yield place
    come_back(place)
    end_all(runs.list_runs())
    while mount("umount", "-l", place):
        pass
    mount("umount", "-l", stays)


def become_read_only(place: Path) -> None:
    """What has a file open still writes to it, and nothing else can be opened to be written."""
    assert mount("mount", "--bind", place.with_name("stays"), place)
    assert mount("mount", "-o", "remount,bind,ro", place)


def be_taken_away(place: Path) -> None:
    """What has a file open still has it, and the name leads to an empty folder."""
    assert mount("umount", "-l", place)


def come_back(place: Path) -> None:
    while place.is_mount():
        assert mount("umount", "-l", place)
    assert mount("mount", "--bind", place.with_name("stays"), place)


def half_trained() -> tuple[Run, psutil.Process]:
    """A run that has written a checkpoint and stays at a step, and its process."""
    run = jobs.start(settings(epochs=4), launcher=Held(15))
    wait_for(lambda: run.status().step == 15, "step 15")
    wait_for(lambda: "last" in run.checkpoints(), "the checkpoint of the first epoch")
    return run, psutil.Process(run.recorded.pid)


def assert_all_pages_stand(run: Run) -> None:
    """Within the whole dashboard, as one page leads to another."""
    page = AppTest.from_file(str(PROJECT / "pages" / "router.py"), default_timeout=60).run()
    for name in PAGES:
        for key in ("run", "runs"):
            page.query_params[key] = run.id
        page.switch_page(f"{name}/page.py").run()
        assert not page.exception, (name, page.exception)


@pytest.mark.parametrize("befall", [become_read_only, be_taken_away])
def test_a_run_whose_disk_goes_away_ends_and_goes_on_when_it_is_back(
    disk: Path, in_process: None, befall: Callable[[Path], None], capfd: pytest.CaptureFixture[str]
) -> None:
    run, process = half_trained()
    befall(disk)
    process.wait(30)
    assert_all_pages_stand(run)
    for line in (["runs"], ["evaluate", run.id], ["resume", run.id], ["train", "--epochs", "1"]):
        capfd.readouterr()
        assert main(line) in (0, 1)
        assert "Traceback" not in capfd.readouterr().err, line
    with pytest.raises(MadeError, match="cannot be"):
        jobs.resume(run, launcher=FAKE)
    come_back(disk)
    assert "Traceback" not in log_of(run)
    assert run.state == "interrupted"
    hold(run, 0)
    jobs.resume(run, launcher=FAKE)
    assert wait_for_end(run) == "finished"
    assert_same_outcome(run, undisturbed(settings(epochs=4)))
