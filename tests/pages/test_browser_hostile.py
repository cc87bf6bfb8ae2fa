"""In a browser, names that look like Markdown, HTML or links are letters: nothing is fetched."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from browser import Dashboard, assert_no_exception, dashboard, open_page
from hostile import SIGNS, Hostile, filled, visits
from playwright.sync_api import Browser, Page
from reading import settled

from made.setups.config import FIELDS

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# What a sign would have become, had it been obeyed.
OBEYED = ", ".join(
    [
        "img[src*='127.0.0.1:9']",
        "a[href*='127.0.0.1:9']",
        "a[href^='javascript:']",
        "a[href*='evil']",
        ":is(strong, b):text-is('b')",
        ":is(em, i):text-is('i')",
        "code:text-is('c')",
        ".katex:has-text('∫')",
    ]
)
JOINER = "\u2060"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Dashboard, Hostile]]:
    folder = tmp_path_factory.mktemp("runs")
    with filled(folder) as found, dashboard(folder) as board:
        yield board, found


def fetched_elsewhere(page: Page) -> list[str]:
    """From now on, what a page asks of anyone but its own server."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if ":9/" in request.url else None)
    return asked


@pytest.mark.parametrize("name", ["train", "explore", "compare", "learn", "data"])
def test_names_are_letters(browser: Browser, hostile: tuple[Dashboard, Hostile], name: str) -> None:
    board, found = hostile
    page = open_page(browser, board.address)
    asked = fetched_elsewhere(page)
    for link in visits(found)[name]:
        page.goto(f"{board.address}/{name if name != 'train' else ''}?{urlencode(link)}")
        settled(page)
        assert_no_exception(page)
        assert page.locator(OBEYED).all_inner_texts() == [], link
    assert asked == []
    page.context.close()


def test_a_link_is_letters(browser: Browser, hostile: tuple[Dashboard, Hostile]) -> None:
    board, _ = hostile
    page = open_page(browser, board.address)
    asked = fetched_elsewhere(page)
    for sign in SIGNS:
        page.goto(f"{board.address}/?{urlencode(dict.fromkeys(FIELDS, sign))}")
        settled(page)
        warning = page.get_by_test_id("stAlert").first
        warning.wait_for()
        assert sign[:60] in warning.inner_text().replace(JOINER, "")
        assert page.locator(OBEYED).all_inner_texts() == [], sign
    assert asked == []
    page.context.close()
