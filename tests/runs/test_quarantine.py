"""A run that cannot be read is moved out of the way: all of it, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from compared_runs import make_run

from made import runs
from made.base.errors import MadeError
from made.commands import main
from made.runs.folder import Run
from made.runs.quarantine import quarantine

pytestmark = pytest.mark.usefixtures("folder")


def broken_run(label: str = "broken") -> Run:
    run = make_run(label)
    (run.path / "config.json").write_bytes(b"[1, 2")
    return run


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_it_is_moved_whole_and_is_a_run_again_once_it_is_mended_and_moved_back() -> None:
    good, run = make_run("good"), broken_run()
    mended, before = (good.path / "config.json").read_bytes(), content(run.path)
    place = quarantine(run)
    assert content(place) == before
    assert [each.id for each in runs.list_runs()] == [good.id]
    (place / "config.json").write_bytes(mended)
    place.rename(run.path)
    assert {each.id: each.problem for each in runs.list_runs()} == {good.id: None, run.id: None}


def test_a_second_one_of_that_name_is_put_beside_the_first() -> None:
    run = broken_run()
    first = quarantine(run)
    first.rename(run.path)
    (first.parent / run.id).mkdir()
    assert quarantine(run) == first.with_name(f"{run.id}-2")


def test_one_that_can_be_read_or_is_written_stays() -> None:
    with pytest.raises(MadeError, match="can be read: archive or delete"):
        quarantine(make_run("good"))
    run = broken_run()
    with run.lock(), pytest.raises(MadeError, match="still writes"):
        quarantine(run)
    assert run.path.is_dir()


def test_where_the_disk_refuses_there_is_a_sentence() -> None:
    run = broken_run()
    (run.path.parent / ".quarantine").write_bytes(b"")
    with pytest.raises(MadeError, match="cannot be moved to"):
        quarantine(run)


@pytest.mark.parametrize("odd", ["gone", "a folder", "a pipe", "a link to nothing"])
def test_a_folder_whose_configuration_is_no_file_is_told_of(odd: str) -> None:
    run = make_run("odd")
    path = run.path / "config.json"
    path.unlink()
    if odd == "a folder":
        path.mkdir()
    elif odd == "a pipe":
        os.mkfifo(path)
    elif odd == "a link to nothing":
        path.symlink_to("nowhere")
    (listed,) = runs.list_runs()
    assert "its config.json is" in (listed.problem or "")
    assert quarantine(listed).is_dir()


def test_what_was_never_a_run_is_not_told_of() -> None:
    run = make_run()
    (run.path.parent / "20260101-000000-abcdef").mkdir()
    (run.path.parent / "20260101-000000-abcdef" / "lock").touch()
    assert [each.id for each in runs.list_runs()] == [run.id]


def test_at_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    run = broken_run("its name")
    assert main(["quarantine", "its name"]) == 0
    assert capsys.readouterr().out.strip() == str(run.path.parent / ".quarantine" / run.id)
    assert main(["quarantine", run.id]) == 1
    assert "There is no run" in capsys.readouterr().err
