"""Every tool of Explore and every chapter of Learn can be read by everyone, in both themes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import Dashboard, assert_no_exception, dashboard, open_page
from reading import hard_to_read, settled, too_wide

from made.lessons.lesson import lessons
from pages.explore.tools import TOOLS

# A second dashboard and browser beside those of the other journeys.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-reading")]

RUNS = ("shipped-binarized-mnist", "shipped-rings-fourier-0")
ADDRESSES = [
    *(f"explore?run={run}&tool={tool}" for run in RUNS for tool in TOOLS),
    *(f"learn?lesson={name}" for name in lessons()),
]


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(tmp_path_factory.mktemp("reading")) as running:
        yield running


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_keeps_anyone_from_reading_it(browser, board, address):
    page = settled(open_page(browser, f"{board.address}/{address}"))
    found = {"light": hard_to_read(page, "light")}
    page.emulate_media(color_scheme="dark")
    settled(page)
    found["dark"] = hard_to_read(page, "dark")
    page.set_viewport_size({"width": 390, "height": 844})
    found["phone"] = too_wide(settled(page))
    assert not any(found.values()), found
    assert_no_exception(page)
