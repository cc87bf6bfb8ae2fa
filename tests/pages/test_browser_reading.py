"""Every tool of Explore and every chapter of Learn can be read by everyone, in both themes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import expect
from reading import hard_to_read, settled, too_wide

from made.lessons.lesson import lessons
from pages.explore.tools import TOOLS

# A second dashboard and browser beside those of the other journeys.
expect.set_options(timeout=PATIENCE)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-reading")]

# Each tool on one kind of run in one theme, on the other in the other; each chapter in both.
LOOKS = [
    *((f"explore?run=shipped-binarized-mnist&tool={tool}", "light") for tool in TOOLS),
    *((f"explore?run=shipped-rings-fourier-0&tool={tool}", "dark") for tool in TOOLS),
    *((f"learn?lesson={name}", scheme) for name in lessons() for scheme in ("light", "dark")),
]


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(tmp_path_factory.mktemp("reading")) as running:
        yield running


@pytest.mark.parametrize(("address", "scheme"), LOOKS)
def test_nothing_keeps_anyone_from_reading_it(browser, board, address, scheme):
    page = settled(open_page(browser, f"{board.address}/{address}", scheme))
    assert hard_to_read(page, scheme) == []
    page.set_viewport_size({"width": 390, "height": 844})
    assert too_wide(settled(page)) == []
    assert_no_exception(page)


@pytest.mark.parametrize(
    ("address", "drawing"),
    [
        ("learn?lesson=masks", ".board"),
        ("learn?lesson=sampling", ".track"),
        ("explore?run=shipped-rings-fourier-0&tool=surprise", ".joint"),
        ("explore?run=shipped-binarized-mnist&tool=masks", ".masks"),
    ],
)
def test_before_a_room_a_drawing_grows_and_stays_above_the_fold(browser, board, address, drawing):
    page = open_page(browser, f"{board.address}/{address}&present=true", size=(1920, 1080))
    settled(page)
    # The growth follows the type of the page, which its own script sets.
    expect(page.locator(drawing)).to_be_visible()
    handle = page.locator(drawing).element_handle()
    page.wait_for_function("(element) => element.currentCSSZoom > 1.1", arg=handle)
    box = page.locator(drawing).bounding_box()
    assert box["y"] + box["height"] <= 1080
    if "surprise" in address:
        canvas = page.locator(f"{drawing} canvas")
        side = canvas.bounding_box()["width"] / 50
        canvas.click(position={"x": 20.5 * side, "y": 30.5 * side})
        assert page.locator(".words .title").inner_text() == "Place 30, 20"
    assert_no_exception(page)
