"""In a browser: what nobody foresaw becomes a sentence, and one goes on with everything else."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Dashboard, dashboard, open_page
from compared_runs import make_run
from playwright.sync_api import Browser, expect
from reading import settled

pytestmark = pytest.mark.browser
SAID = "Something went wrong here that was not foreseen (KeyError)"
SECRET = "not for visitors"
ODD = f"""
from made import runs
from made.views import run_views

def fail(*arguments):
    raise KeyError({SECRET!r})

run_views.figure_line = runs.rename = fail
"""


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    """A dashboard in which two functions fail: one of the live panel, one behind a button."""
    folder = tmp_path_factory.mktemp("runs")
    (folder / "odd_views.py").write_text(ODD)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MADE_RUNS_DIR", str(folder))
        patch.setenv("MADE_EXTENSIONS", "odd_views")
        patch.setenv("PYTHONPATH", os.pathsep.join([str(folder), str(Path.cwd())]))
        make_run("a run")
        with dashboard(folder) as running:
            yield running


def test_a_part_that_fails_leaves_the_page_and_all_others(
    board: Dashboard, browser: Browser
) -> None:
    page = settled(open_page(browser, board.address))
    expect(page.get_by_text(SAID)).to_be_visible()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled()
    assert SECRET not in page.inner_text("body")
    assert SECRET in board.log.read_text()
    page.get_by_role("link", name="Data").click()
    expect(page.get_by_text(SAID)).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)


def test_a_button_that_fails_says_so_and_the_next_click_works(
    board: Dashboard, browser: Browser
) -> None:
    page = settled(open_page(browser, board.address))
    page.get_by_role("button", name="Manage").click()
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_text(SAID).first).to_be_visible()
    expect(page.get_by_test_id("stException")).to_have_count(0)
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_role("button", name="New study")).to_be_visible()
    expect(page.get_by_text(SAID)).to_have_count(0)
