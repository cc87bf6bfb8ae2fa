"""A draw in slow motion in a real browser: played, scrubbed, changed; by mouse and by keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import Browser, Locator, Page, expect
from reading import settled, too_wide

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TICK = "check_circle"


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(tmp_path_factory.mktemp("runs")) as running:
        yield running


def slider(page: Page) -> Locator:
    return page.get_by_role("slider", name=re.compile("log p"))


def open_lesson(browser: Browser, board: Dashboard, **keywords) -> Page:
    page = open_page(browser, f"{board.address}/learn?lesson=sampling", **keywords)
    expect(slider(page)).to_have_attribute("aria-valuenow", "376", timeout=PATIENCE)
    return page


def open_tool(browser: Browser, board: Dashboard, run: str) -> Page:
    page = open_page(browser, f"{board.address}/explore?run={run}&tool=slow-motion")
    expect(slider(page)).to_be_visible(timeout=PATIENCE)
    return page


def at(page: Page, place: int) -> None:
    expect(slider(page)).to_have_attribute("aria-valuenow", str(place), timeout=PATIENCE)


def done(page: Page, step: str) -> None:
    line = page.get_by_test_id("stMarkdownContainer").filter(has_text=step)
    expect(line.filter(has_text=TICK).last).to_be_visible(timeout=PATIENCE)


def drawn(page: Page) -> Locator:
    return page.get_by_label(re.compile("pixels drawn"))


def test_the_lesson_is_played_by_mouse(browser: Browser, board: Dashboard) -> None:
    page = open_lesson(browser, board)
    page.get_by_role("button", name="Fast").click()
    page.get_by_role("button", name="Play (space)").click()
    expect(page.get_by_role("button", name="Pause (space)")).to_be_visible()
    at(page, 784)
    done(page, "Play to the end")
    expect(page.get_by_text("All 784 pixels are drawn")).to_be_visible()
    box = drawn(page).bounding_box()
    page.mouse.click(box["x"] + 10.5 * box["width"] / 28, box["y"] + 13.5 * box["height"] / 28)
    expect(page.get_by_text(re.compile("Changed by hand at place 375"))).to_be_visible()
    done(page, "Click a drawn pixel")
    at(page, 784)
    for _ in range(8):
        before = page.get_by_text(re.compile(r"^log p\(x\) = ")).inner_text()
        page.get_by_role("button", name="Another digit").click()
        expect(page.get_by_text(before, exact=True)).to_have_count(0, timeout=PATIENCE)
        at(page, 784)
        shown = page.get_by_text(re.compile(r"^log p\(x\) = ")).inner_text()
        number = float(re.search(r"−([\d.]+)", shown)[1])
        if number < 50:
            break
    assert number < 50
    done(page, "Find a draw")
    assert_no_exception(page)


def test_the_lesson_is_played_by_the_keyboard_alone(browser: Browser, board: Dashboard) -> None:
    page = open_lesson(browser, board)
    slider(page).focus()
    for key, place in (
        ("ArrowRight", 377),
        ("ArrowLeft", 376),
        ("PageDown", 404),
        ("PageUp", 376),
        ("Home", 0),
        ("ArrowLeft", 0),
        ("End", 784),
    ):
        page.keyboard.press(key)
        at(page, place)
    page.keyboard.press("Home")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause (space)")).to_be_visible()
    expect(slider(page)).not_to_have_attribute("aria-valuenow", "0", timeout=PATIENCE)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Play (space)")).to_be_visible()
    page.keyboard.press("End")
    page.keyboard.press("Shift+Tab")
    while not drawn(page).evaluate("canvas => canvas.getRootNode().activeElement === canvas"):
        page.keyboard.press("Shift+Tab")
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_text(re.compile("Changed by hand at place 58:"))).to_be_visible()
    done(page, "Click a drawn pixel")
    page.keyboard.press("n")
    expect(page.get_by_text(re.compile("Changed by hand"))).to_have_count(0, timeout=PATIENCE)
    assert_no_exception(page)


def test_the_axis_of_the_chart_is_the_scrub_bar(browser: Browser, board: Dashboard) -> None:
    page = open_tool(browser, board, "shipped-binarized-mnist")
    box = slider(page).bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + 60, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 1, middle, steps=5)
    page.mouse.up()
    at(page, 784)
    page.mouse.click(box["x"] + 1, middle)
    at(page, 0)
    expect(page.get_by_text("784 pixels to go")).to_be_visible()
    expect(page.get_by_text("Pixel 1 of 784: row 1, column 1")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="GIF").click()
    assert Path(download.value.path()).read_bytes().startswith(b"GIF89a")
    assert_no_exception(page)


def test_a_joint_is_drawn_point_by_point(browser: Browser, board: Dashboard) -> None:
    page = open_tool(browser, board, "shipped-rings-fourier-0")
    slider(page).focus()
    page.keyboard.press("Home")
    expect(page.get_by_text("Point 1 of 400: first x₁")).to_be_visible()
    expect(page.get_by_text("p(x₁)", exact=True)).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Point 1 of 400: then x₂")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^p\(x₂ \| x₁ = \d+\)$"))).to_be_visible()
    page.keyboard.press("End")
    expect(page.get_by_text("All 400 points are drawn")).to_be_visible()
    assert_no_exception(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_of_the_picture_is_seen_without_scrolling(
    browser: Browser, board: Dashboard, scheme: str
) -> None:
    page = settled(open_lesson(browser, board, scheme=scheme))
    box = slider(page).bounding_box()
    assert box["y"] + box["height"] <= 720
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert_no_exception(page)


def test_it_fits_a_phone(browser: Browser, board: Dashboard) -> None:
    page = settled(open_lesson(browser, board, size=(390, 844)))
    for part in (drawn(page), slider(page)):
        box = part.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    assert too_wide(page) == []
    assert_no_exception(page)
