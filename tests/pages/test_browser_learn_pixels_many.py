"""The chapters of 784 pixels and of many mask sets, played through in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import Locator, Page, expect
from reading import hard_to_read, settled, too_wide

from made.lessons.agnostic_training import Agnostic
from made.lessons.many_masks import content, mixing

expect.set_options(timeout=PATIENCE)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

OURS = {"pixels": ".pixels .picture canvas", "many-masks": ".many .plot"}
FAST = 200  # milliseconds from a click to the picture that answers it, within the drawing


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(tmp_path_factory.mktemp("learn-pixels")) as running:
        yield running


def chapter(browser, board: Dashboard, name: str, **look) -> Page:
    page = open_page(browser, f"{board.address}/learn?lesson={name}", **look)
    expect(page.locator(OURS[name])).to_be_visible()
    return settled(page)


def ticked(page: Page, count: int) -> None:
    done = page.get_by_role("img", name="check_circle")
    expect(page.get_by_test_id("stMarkdown").filter(has=done)).to_have_count(count)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def click_pixel(page: Page, row: int, column: int) -> None:
    """Rows and columns are counted from 1, as the page says them."""
    canvas = page.locator(OURS["pixels"])
    size = canvas.bounding_box()["width"] / 28
    canvas.click(position={"x": (column - 0.5) * size, "y": (row - 0.5) * size})


def group_button(page: Page, name: str) -> Locator:
    return page.get_by_role("radio", name=name, exact=True).first


def step_ms(page: Page, selector: str) -> float:
    return float(page.locator(selector).get_attribute("data-step-ms"))


def test_pixels_are_asked_with_the_mouse(browser, board):
    page = chapter(browser, board, "pixels")
    said = page.locator(".pixels .said")
    click_pixel(page, 1, 1)
    expect(said).to_contain_text("It is the first one: it may see nothing.")
    assert step_ms(page, ".pixels") < FAST
    ticked(page, 1)
    page.get_by_role("combobox", name="Ordering").click()
    page.get_by_role("option", name="Spiral").click()
    click_pixel(page, 15, 14)
    expect(said).to_contain_text("It is the first one")
    ticked(page, 2)
    page.get_by_role("button", name="May see it").click()
    expect(page.locator(".pixels .colours")).to_contain_text("outputs that may see it")
    click_pixel(page, 1, 1)
    expect(said).to_contain_text("none may see it")
    ticked(page, 3)
    page.get_by_role("button", name="Along the ordering").click()
    expect(page.locator(".matrix canvas")).to_have_attribute("aria-label", re.compile("a triangle"))
    slider = page.get_by_role("slider", name="Units a layer")
    slider.focus()
    press(page, *["ArrowLeft"] * 4)
    ticked(page, 4)
    group_button(page, "Even").click()
    ticked(page, 5)
    expect(page.locator(".pixels .colours")).to_contain_text("24 inputs reach nothing")
    assert_no_exception(page)


def test_pixels_are_asked_by_keyboard_alone(browser, board):
    page = chapter(browser, board, "pixels", scheme="dark")
    picture, said = page.locator(OURS["pixels"]), page.locator(".pixels .said")
    picture.focus()
    press(page, "Home")
    expect(said).to_contain_text("Row 1, column 1 is number 1 of 784")
    ticked(page, 1)
    press(page, "ArrowDown", "ArrowRight")
    expect(said).to_contain_text("Row 2, column 2 is number 30")
    press(page, "End", "s")
    expect(said).to_contain_text("It is the last one: none may see it.")
    ticked(page, 2)
    press(page, "o")
    expect(page.get_by_role("button", name="Along the ordering")).to_have_attribute(
        "aria-pressed", "true"
    )
    press(page, "Tab", "Tab")
    expect(page.get_by_role("button", name="Along the ordering")).to_be_focused()
    assert_no_exception(page)


def click_set(page: Page, number: int) -> None:
    plot = page.locator(".many .plot")
    box = plot.bounding_box()
    plot.click(position={"x": (number - 0.5) * box["width"] / 32, "y": box["height"] / 2})


def test_mask_sets_are_mixed_with_the_mouse(browser, board):
    page = chapter(browser, board, "many-masks")
    click_set(page, 1)
    expect(page.locator(".alone")).to_contain_text("A mask set of training")
    assert step_ms(page, ".many") < FAST
    ticked(page, 1)
    click_set(page, 5)
    expect(page.locator(".alone")).to_contain_text("Training never met it")
    group_button(page, "32").click()
    expect(page.locator(".keys")).not_to_contain_text("never met")
    found = mixing(Agnostic(32))
    click_set(page, int(found.nll.argmax()) + 1)
    ticked(page, 2)
    track = page.locator(".many .track").bounding_box()
    middle = track["y"] + track["height"] / 2
    page.mouse.move(track["x"] + track["width"] / 64, middle)
    page.mouse.down()
    page.mouse.move(track["x"] + track["width"] * 7.5 / 32, middle, steps=4)
    page.mouse.up()
    expect(page.locator(".mixture")).to_contain_text("Mixture of the first 8")
    mixed = content(found, mixing(Agnostic()))["mixtures"][7]
    expect(page.locator(".mixture .figure")).to_have_text(mixed["text"])
    page.get_by_role("button", name="Average logits").click()
    expect(page.locator(".totals")).to_contain_text("1.000")
    expect(page.locator(".totals .wrong")).to_contain_text(mixed["averagedTotal"])
    ticked(page, 4 if found.next_gain(8) < 0.01 else 3)
    assert_no_exception(page)


def test_mask_sets_are_mixed_by_keyboard_alone(browser, board):
    page = chapter(browser, board, "many-masks", scheme="dark")
    page.locator(".many .plot").focus()
    press(page, "ArrowRight")
    expect(page.locator(".alone h4")).to_have_text("Mask set 1 alone")
    ticked(page, 1)
    group_button(page, "8").focus()
    press(page, "Enter")
    expect(page.locator(".keys")).to_contain_text("never met")
    expect(page.locator(".many .plot")).to_have_attribute("aria-valuenow", "1")
    page.locator(".many .plot").focus()
    press(page, "Tab")
    press(page, *["ArrowRight"] * 7)
    expect(page.get_by_role("slider", name="Mask sets that are mixed")).to_have_attribute(
        "aria-valuenow", "8"
    )
    press(page, "Tab", "Tab", "Enter")
    expect(page.locator(".totals .wrong")).to_be_visible()
    press(page, "a")
    expect(page.locator(".totals .wrong")).to_have_count(0)
    assert_no_exception(page)


@pytest.mark.parametrize("name", OURS)
def test_the_picture_stands_above_the_fold_and_within_a_phone(browser, board, name):
    page = chapter(browser, board, name)
    parts = {"pixels": (".maps", ".histograms"), "many-masks": (".chart", ".cards")}[name]
    for part in parts:
        box = page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= 720, part
    page.set_viewport_size({"width": 390, "height": 844})
    settled(page)
    expect(page.locator(OURS[name])).to_be_visible()
    assert too_wide(page) == []
    ends = page.locator(".pixels canvas, .many .plot, .pixels button, .many button")
    expect(ends.first).to_be_visible()
    assert max(ends.evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")) <= 390


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", OURS)
def test_chapters_have_no_serious_barriers(browser, board, name, scheme):
    page = chapter(browser, board, name, scheme=scheme)
    if name == "many-masks":
        page.get_by_role("button", name="Average logits").click()
        click_set(page, 1)
    else:
        page.get_by_role("button", name="May see it").click()
        click_pixel(page, 28, 28)
    ticked(page, 1)
    assert hard_to_read(page, scheme) == []
