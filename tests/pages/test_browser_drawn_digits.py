"""Small digits drawn with the mouse and by the keyboard, in a real browser, and made into rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import Browser, Locator, Page, expect
from reading import hard_to_read, settled, too_wide

expect.set_options(timeout=PATIENCE)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE = (390, 844)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(tmp_path_factory.mktemp("digits")) as running:
        yield running


def sheet(page: Page) -> Locator:
    return page.get_by_role("img", name=re.compile(r"^Picture \d+ of 12"))


def open_sheets(browser: Browser, board: Dashboard, **how: object) -> Page:
    page = open_page(browser, f"{board.address}/data?draw=pictures", **how)
    expect(sheet(page)).to_be_visible()
    return settled(page)


def stroke(page: Page, first: int, last: int) -> None:
    box = sheet(page).bounding_box()
    for cell, act in ((first, page.mouse.down), (last, page.mouse.up)):
        row, column = divmod(cell, 8)
        x, y = ((place + 0.5) * box["width"] / 8 for place in (column, row))
        page.mouse.move(box["x"] + x, box["y"] + y, steps=5)
        act()


def said(page: Page) -> Locator:
    return page.locator(".under .said")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_digits_are_drawn_one_by_one_and_trained_on(browser, board):
    page = open_sheets(browser, board)
    box = sheet(page).bounding_box()
    assert box["y"] + box["height"] <= 720
    stroke(page, 11, 51)
    expect(said(page)).to_have_text("Picture 1 of 12 · 1 drawn")
    expect(page.get_by_text("each drawn by itself from 1 picture")).to_be_visible()
    press(page, "Copy")
    expect(said(page)).to_have_text("Picture 2 of 12 · 2 drawn")
    stroke(page, 11, 51)
    expect(said(page)).to_have_text("Picture 2 of 12 · 1 drawn")
    press(page, "Undo")
    expect(said(page)).to_have_text("Picture 2 of 12 · 2 drawn")
    page.get_by_role("button", name="Picture 12, empty").click()
    stroke(page, 8, 15)
    expect(page.get_by_text("each drawn by itself from 3 pictures")).to_be_visible()
    page.get_by_role("textbox", name="Name").fill("Mine")
    press(page, "Train on it")
    chosen = page.get_by_role("button", name="Mine", exact=True)
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("img", name=re.compile("^Network of 64"))).to_be_visible()
    assert_no_exception(page)


def test_a_digit_is_drawn_by_the_keyboard_alone(browser, board):
    page = open_sheets(browser, board)
    sheet(page).focus()
    for key in ("n", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    page.keyboard.down(" ")
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    page.keyboard.up(" ")
    expect(said(page)).to_have_text("Picture 2 of 12 · 1 drawn")
    expect(sheet(page)).to_have_attribute("aria-label", re.compile("At row 6, column 2: ink"))
    expect(page.get_by_text("each drawn by itself from 1 picture")).to_be_visible()
    for key, words in (
        ("c", "Picture 1 of 12 · 2 drawn"),
        ("x", "Picture 1 of 12 · 1 drawn"),
        ("z", "Picture 1 of 12 · 2 drawn"),
        ("z", "Picture 2 of 12 · 1 drawn"),
        ("y", "Picture 1 of 12 · 2 drawn"),
        ("z", "Picture 2 of 12 · 1 drawn"),
        ("y", "Picture 1 of 12 · 2 drawn"),
        ("p", "Picture 12 of 12 · 2 drawn"),
    ):
        page.keyboard.press(key)
        expect(said(page)).to_have_text(words)
    assert_no_exception(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anyone_from_drawing(browser, board, scheme):
    page = open_sheets(browser, board, scheme=scheme)
    press(page, "Begin with ten digits")
    expect(said(page)).to_have_text("Picture 1 of 12 · 10 drawn")
    assert hard_to_read(page, scheme) == []


def test_a_phone_is_wide_enough(browser, board):
    page = open_sheets(browser, board, size=PHONE)
    box = sheet(page).bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE[0]
    assert too_wide(page) == []
