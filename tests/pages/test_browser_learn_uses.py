"""The chapter of what a density is good for, played through in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import Locator, Page, expect
from reading import hard_to_read, settled, too_wide

expect.set_options(timeout=PATIENCE)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

FIRST = re.compile(r" 0, as it is:")
FAST = 500  # milliseconds within the drawing


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(tmp_path_factory.mktemp("learn-uses")) as running:
        yield running


def chapter(browser, board: Dashboard, **look) -> Page:
    page = open_page(browser, f"{board.address}/learn?lesson=uses", **look)
    expect(tile(page, "none")).to_be_visible()
    return settled(page)


def tile(page: Page, name: str) -> Locator:
    return page.locator(f".tile[data-name={name}] button")


def bar(page: Page, name: str) -> Locator:
    return page.locator(".bars").get_by_role("button", name=re.compile(f"^{name}:"))


def ticked(page: Page, count: int) -> None:
    done = page.get_by_role("img", name="check_circle")
    expect(page.get_by_test_id("stMarkdown").filter(has=done)).to_have_count(count)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def bits(page: Page, name: str) -> float:
    return float(tile(page, name).locator(".bits").inner_text().split()[0].replace(",", ""))


def length(page: Page) -> int:
    return int(page.locator(".length").inner_text().split()[0].replace(",", ""))


def test_a_digit_is_judged_completed_and_compressed_with_the_mouse(browser, board):
    page = chapter(browser, board)
    assert 0 <= length(page) - bits(page, "none") < 2.1
    expect(page.locator(".length")).to_contain_text("decoded to the same digit")
    tile(page, "blank").click()
    expect(tile(page, "blank")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".length")).to_have_text(
        re.compile(rf"^{int(bits(page, 'blank'))}|^{int(bits(page, 'blank')) + 1}")
    )
    ticked(page, 0)
    tile(page, "invert").click()
    ticked(page, 1)
    expect(tile(page, "invert").locator(".more")).to_be_visible()
    expect(page.locator(".trust")).to_contain_text("Trust: exact.")
    page.get_by_role("button", name="Bottom half").click()
    ticked(page, 2)
    expect(page.locator(".trust")).not_to_contain_text("exact")
    bar(page, "MADE").click()
    expect(page.locator(".code .why")).to_contain_text("our own coder")
    ticked(page, 2)
    tile(page, "none").click()
    ticked(page, 3)
    assert float(page.locator(".uses").get_attribute("data-step-ms")) < FAST
    before = bits(page, "none")
    page.get_by_role("button", name="Another digit").click()
    expect(tile(page, "none")).not_to_have_attribute("aria-label", FIRST)
    assert bits(page, "none") != before
    assert_no_exception(page)


def test_a_digit_is_judged_completed_and_compressed_by_keyboard_alone(browser, board):
    page = chapter(browser, board, scheme="dark")
    tile(page, "none").focus()
    press(page, "Tab", "Tab")
    expect(page.get_by_role("slider", name="How much: Noise")).to_be_focused()
    press(page, *["ArrowRight"] * 5)
    expect(tile(page, "noise")).to_contain_text("Noise 50 %")
    expect(tile(page, "noise")).to_have_attribute("aria-pressed", "true")
    ticked(page, 1)
    page.get_by_role("button", name="Bottom half").focus()
    press(page, "Enter")
    ticked(page, 2)
    press(page, "n")
    expect(tile(page, "none")).not_to_have_attribute("aria-label", FIRST)
    tile(page, "none").focus()
    press(page, "Enter")
    expect(page.locator(".code .why")).to_contain_text("log")
    bar(page, "MADE").focus()
    press(page, "Enter")
    ticked(page, 3)
    assert_no_exception(page)


def test_the_picture_stands_above_the_fold_and_within_a_phone(browser, board):
    page = chapter(browser, board)
    for part in (".changes", ".completion", ".compression"):
        box = page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= 720, part
    page.set_viewport_size({"width": 390, "height": 844})
    settled(page)
    expect(tile(page, "none")).to_be_visible()
    assert too_wide(page) == []
    ends = page.locator(".uses canvas, .uses button, .uses input, .uses .bits")
    assert max(ends.evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")) <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_chapter_has_no_serious_barriers(browser, board, scheme):
    page = chapter(browser, board, scheme=scheme)
    tile(page, "invert").click()
    bar(page, "zlib").click()
    ticked(page, 1)
    assert hard_to_read(page, scheme) == []
