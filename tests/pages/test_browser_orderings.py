"""Orderings with the mouse, a finger and the keyboard, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import Locator, Page, expect
from reading import settled

import made
from made.runs.folder import Run

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

GIVEN = "dataset=digits8&epochs=1&hidden_sizes=16&device=cpu&ordering=given"
DIAGONAL = [0, 9, 18, 27]


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Dashboard]:
    with dashboard(tmp_path) as running:
        yield running


def grid(page: Page) -> Locator:
    return page.get_by_role("img", name="Order of 64 variables")


def middle(page: Page, cell: int) -> tuple[float, float]:
    """The middle of a cell of the 8 × 8 grid on the screen."""
    box = grid(page).bounding_box()
    row, column = divmod(cell, 8)
    return (
        box["x"] + (column + 0.5) * box["width"] / 8,
        box["y"] + (row + 0.5) * box["height"] / 8,
    )


def stroke(page: Page, first: int, last: int) -> None:
    grid(page).scroll_into_view_if_needed()
    page.mouse.move(*middle(page, first))
    page.mouse.down()
    page.mouse.move(*middle(page, last), steps=abs(last - first))
    page.mouse.up()


def listed(page: Page, cells: list[int]) -> None:
    """Wait until the page has heard of just these cells."""
    field = page.get_by_role("textbox", name="Variables in order")
    expect(field).to_have_value(", ".join(map(str, cells)), timeout=PATIENCE)


def test_a_painted_ordering_reaches_the_run(browser, board):
    page = open_page(browser, f"{board.address}/?{GIVEN}")
    settled(page)
    stroke(page, DIAGONAL[0], DIAGONAL[-1])
    listed(page, DIAGONAL)
    stroke(page, 63, 61)
    listed(page, [*DIAGONAL, 63, 62, 61])
    page.get_by_role("button", name="Undo", exact=True).click()
    listed(page, DIAGONAL)
    page.wait_for_url(lambda url: "permutation=0%2C9%2C18%2C27" in url or "0,9,18,27" in url)
    page.get_by_role("button", name="Train", exact=True).click()
    page.wait_for_url(lambda url: "run=" in url and "run=shipped" not in url)
    expect(page.locator(".stMarkdownBadge").first).to_contain_text("finished", timeout=60_000)
    id = parse_qs(urlparse(page.url).query)["run"][0]
    loaded = made.load_run(Run(id, board.log.parent / id))
    sequence = loaded.network.bank.mask_set(0).ordering.sequence.tolist()
    assert sequence[:4] == DIAGONAL
    assert sequence[4:] == [cell for cell in range(64) if cell not in DIAGONAL]
    page.get_by_role("button", name="Clear", exact=True).click()
    listed(page, [])
    assert_no_exception(page)


def test_a_list_is_seen_on_the_grid_and_goes_on_by_the_keyboard(browser, board):
    page = open_page(browser, f"{board.address}/?{GIVEN}&permutation=5,4")
    settled(page)
    painted = page.get_by_role("status").filter(has_text="2 of 64 painted")
    expect(painted).to_be_visible(timeout=PATIENCE)
    grid(page).focus()
    for key in ("ArrowRight", "ArrowDown", "Space"):
        page.keyboard.press(key)
    listed(page, [5, 4, 9])
    page.keyboard.press("Backspace")
    listed(page, [5, 4])
    assert_no_exception(page)


def test_a_finger_paints_too(browser, board):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{board.address}/?{GIVEN}")
    settled(page)
    grid(page).scroll_into_view_if_needed()
    page.touchscreen.tap(*middle(page, 20))
    listed(page, [20])
    page.touchscreen.tap(*middle(page, 3))
    listed(page, [20, 3])
    context.close()


def test_a_tile_chooses_and_what_cannot_be_says_why(browser, board):
    page = open_page(browser, f"{board.address}/?dataset=digits8")
    tiles = page.get_by_role("group", name="Ordering")
    tiles.get_by_role("button", name="Hilbert").click()
    page.wait_for_url(lambda url: "ordering=hilbert" in url)
    expect(tiles.get_by_role("button", name="Hilbert")).to_have_attribute(
        "aria-pressed", "true", timeout=PATIENCE
    )
    page.get_by_role("button", name="Moons").click()
    aside = page.get_by_role("group", name="for images only")
    off = aside.get_by_role("button", name="Hilbert")
    expect(off).to_be_disabled(timeout=PATIENCE)
    expect(off).to_have_attribute("title", "Hilbert. The ordering 'Hilbert' is a way over the "
        "pixels of an image, and these data are no images: choose another.")  # fmt: skip
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_disabled(timeout=PATIENCE)
    tiles.get_by_role("button", name="x₂ first").click()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled(timeout=PATIENCE)
    assert_no_exception(page)
