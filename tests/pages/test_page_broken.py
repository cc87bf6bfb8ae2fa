"""What goes wrong on a page stays where it is: a sentence, and everything else as before."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from compared_runs import make_run
from streamlit.testing.v1 import AppTest
from train_page import ROUTER, checked, open_page, sentences
from worker_process import Held, settings, wait_for

from made import runs
from made.runs import heartbeat, jobs
from made.views import comparison, run_views
from pages.shared import pulse

SAID = "Something went wrong here that was not foreseen (KeyError)."
SECRET = "a path that is nobody's business"


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[object, str], None]:
    """Lets a function of a module raise what nobody foresaw."""

    def fail(*arguments: object) -> None:
        raise KeyError(SECRET)

    return lambda module, name: monkeypatch.setattr(module, name, fail)


def test_a_part_that_fails_says_so_and_the_rest_of_the_page_is_there(
    no_worker: None, failing: Callable, unforeseen: list[str]
) -> None:
    make_run()
    before = open_page()
    failing(run_views, "figure_line")
    page = open_page()
    assert SAID in page.error[0].value
    assert SECRET not in sentences(page)
    assert [SECRET in said for said in unforeseen] == [True]
    unforeseen.clear()
    assert [button.key for button in page.button[:3]] == [each.key for each in before.button[:3]]
    assert page.selectbox(key="train-run").value == before.selectbox(key="train-run").value


def test_a_page_that_fails_leaves_the_way_to_the_others(
    no_worker: None, failing: Callable, unforeseen: list[str]
) -> None:
    make_run()
    failing(comparison, "read_rows")
    page = open_page()
    checked(page.switch_page("compare/page.py").run())
    assert len(page.error) == 1
    assert SAID in page.error[0].value
    assert len(unforeseen) == 1
    unforeseen.clear()
    checked(page.switch_page("data/page.py").run())
    assert not page.error


def test_what_follows_a_run_goes_on_following_it_after_a_failure(
    no_worker: None, failing: Callable, monkeypatch: pytest.MonkeyPatch, unforeseen: list[str]
) -> None:
    make_run(state="starting")
    failing(run_views, "curve")
    beats: list[str] = []
    monkeypatch.setattr(pulse, "_component", lambda **given: beats.append(given["key"]))
    open_page()
    assert "pulse-panel" in beats
    unforeseen.clear()


COMPARE = str(ROUTER.parent / "compare" / "page.py")


def test_runs_that_cannot_be_read_are_moved_away_by_a_button(no_worker: None) -> None:
    good, first, second = make_run("good"), make_run("first"), make_run("second")
    for run in (first, second):
        (run.path / "config.json").write_bytes(b"{")
    page = checked(AppTest.from_file(COMPARE, default_timeout=60).run())
    aside = next(one for one in page.multiselect if one.label == "Runs to put aside")
    assert aside.value == [second.id, first.id]
    aside.set_value([first.id])
    checked(page.run())
    checked(page.button(key="compare_quarantine").click().run())
    assert "Moved 1 run to" in page.toast[0].value
    assert (good.path.parent / ".quarantine" / first.id).is_dir()
    assert second.path.is_dir()
    checked(page.button(key="compare_quarantine").click().run())
    assert not page.multiselect or page.multiselect[-1].label != "Runs to put aside"
    assert [run.id for run in runs.list_runs()] == [good.id]


def test_why_one_stays_is_said(no_worker: None) -> None:
    run = make_run()
    (run.path / "config.json").write_bytes(b"{")
    page = checked(AppTest.from_file(COMPARE, default_timeout=60).run())
    with run.lock():
        checked(page.button(key="compare_quarantine").click().run())
    assert "still writes the run" in page.error[0].value


def test_a_process_that_does_not_answer_is_ended_by_a_button(folder: Path) -> None:
    run = jobs.start(settings(epochs=3), launcher=Held(15))
    wait_for(lambda: run.status().step == 15 and run.recorded.pid, "step 15")
    process = psutil.Process(run.recorded.pid)
    process.send_signal(signal.SIGSTOP)
    wait_for(lambda: process.status() == psutil.STATUS_STOPPED, "the stop")
    past = time.time() - 40
    os.utime(run.path / heartbeat.FILE, (past, past))
    page = open_page(run=run.id)
    assert page.warning[0].value.startswith("Its process is not answering for 4")
    checked(page.button(key=f"end-{run.id}").click().run())
    assert run.state == "interrupted"
    assert page.button(key=f"resume-{run.id}")
