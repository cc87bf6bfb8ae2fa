"""Two dashboards on one runs folder, as behind a balancer: what one starts the other steers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import Page, expect
from reading import settled

from made.runs.folder import Run

expect.set_options(timeout=PATIENCE)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-reading")]

LINK = (
    "dataset=rings&num_samples=20000&grid_size=60&hidden_sizes=32&device=cpu&epochs=100000"
    "&look_ahead=0"
)


@pytest.fixture
def boards(tmp_path: Path, monkeypatch) -> Iterator[tuple[Dashboard, Dashboard]]:
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))
    with dashboard(tmp_path) as one, dashboard(tmp_path) as other:
        yield one, other


def badge_is(page: Page, state: str) -> None:
    expect(page.locator(".stMarkdownBadge").first).to_contain_text(state)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def test_a_run_of_one_server_is_seen_paused_and_resumed_by_the_other(browser, boards):
    one, other = boards
    page = settled(open_page(browser, f"{one.address}/?{LINK}"))
    press(page, "Train")
    page.wait_for_url(lambda url: "run=" in url and "run=shipped" not in url)
    badge_is(page, "training")
    (id,) = parse_qs(urlparse(page.url).query)["run"]
    there = open_page(browser, f"{other.address}/?run={id}")
    badge_is(there, "training")
    press(there, "Pause")
    badge_is(there, "paused")
    badge_is(page, "paused")
    press(there, "Resume")
    badge_is(page, "training")
    one.stop()
    badge_is(there, "training")
    press(there, "Stop")
    badge_is(there, "stopped")
    assert Run.open(id).state == "stopped"
    one.start()
    page.goto(f"{one.address}/?run={id}")
    badge_is(page, "stopped")
    assert_no_exception(there)
    assert_no_exception(page)


def test_two_servers_share_one_line_for_the_device(browser, boards):
    pages = [settled(open_page(browser, f"{board.address}/?{LINK}&seed=1")) for board in boards]
    for page in pages:
        press(page, "Train")
        page.wait_for_url(lambda url: "run=" in url and "run=shipped" not in url)
    ids = {parse_qs(urlparse(page.url).query)["run"][0] for page in pages}
    assert len(ids) == 2
    for page in pages:
        expect(page.locator(".stMarkdownBadge").first).to_contain_text("training")
        press(page, "Stop")
        badge_is(page, "stopped")
