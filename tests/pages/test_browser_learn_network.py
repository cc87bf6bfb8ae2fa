"""Both chapters of the small network played through in a real browser: each step ticks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import Locator, Page, expect
from reading import settled, too_wide

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(tmp_path_factory.mktemp("learn")) as running:
        yield running


def chapter(browser, board: Dashboard, name: str, **look) -> Page:
    page = open_page(browser, f"{board.address}/learn?lesson={name}", **look)
    expect(page.locator(".badge .title")).to_be_visible(timeout=PATIENCE)
    return page


def node(page: Page, name: str) -> Locator:
    return page.locator(f".node[data-id={name}]")


def middle(page: Page, *names: str) -> tuple[float, float]:
    """Halfway between two nodes, on the weight that joins them."""
    boxes = [node(page, name).locator(".disc").bounding_box() for name in names]
    return (
        sum(box["x"] + box["width"] / 2 for box in boxes) / 2,
        sum(box["y"] + box["height"] / 2 for box in boxes) / 2,
    )


def ticked(page: Page, count: int) -> None:
    """Wait until so many steps are done."""
    done = page.get_by_role("img", name="check_circle")
    steps = page.get_by_test_id("stMarkdown").filter(has=done)
    expect(steps).to_have_count(count, timeout=PATIENCE)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_an_autoencoder_is_seen_to_copy(browser, board):
    page = chapter(browser, board, "copying")
    before = [node(page, name).text_content() for name in ("h1", "h2", "o2")]
    node(page, "x2").click()
    after = [node(page, name).text_content() for name in ("h1", "h2", "o2")]
    assert all(old != new for old, new in zip(before, after, strict=True))
    node(page, "o2").click()
    ticked(page, 1)
    node(page, "h1").click()
    expect(page.locator(".panel")).to_contain_text("tanh")
    ticked(page, 2)
    page.locator("[data-candidate=A]").click()
    expect(page.locator("[data-candidate=B]")).to_contain_text("mean 0.106")
    ticked(page, 2)
    page.locator("[data-candidate=B]").click()
    ticked(page, 3)
    for bit in "1213121":  # the reflected code: seven flips that pass through all eight inputs
        node(page, f"x{bit}").click()
    ticked(page, 4)
    assert_no_exception(page)


def test_masks_are_set_with_the_mouse(browser, board):
    page = chapter(browser, board, "masks")
    node(page, "o2").click()
    expect(page.locator(".said")).to_contain_text("two paths")
    expect(page.locator(".edge.lit")).to_have_count(4)
    ticked(page, 1)
    page.mouse.click(*middle(page, "h2", "o2"))
    expect(page.locator(".panel")).to_contain_text("would read its own answer")
    ticked(page, 2)
    node(page, "h2").click()
    node(page, "h4").click()
    ticked(page, 3)
    page.get_by_role("button", name="Reset degrees").click()
    expect(node(page, "h4")).to_contain_text("2", timeout=PATIENCE)
    page.get_by_role("radio", name="Reversed").or_(
        page.get_by_role("button", name="Reversed")
    ).click()
    expect(node(page, "o3")).to_have_text("1", timeout=PATIENCE)
    node(page, "o3").click()
    ticked(page, 4)
    page.get_by_text("Masks on").click()
    ticked(page, 5)
    expect(page.locator(".badge")).to_contain_text("Not autoregressive")
    assert_no_exception(page)


def test_masks_are_set_by_keyboard_alone(browser, board):
    page = chapter(browser, board, "masks", scheme="dark")
    node(page, "x1").focus()
    press(page, "ArrowUp", "ArrowUp", "ArrowRight")
    expect(node(page, "o2")).to_be_focused()
    press(page, "Enter")
    ticked(page, 1)
    press(page, "Tab", "Tab", "ArrowRight", "ArrowDown")
    expect(page.locator(".panel")).to_contain_text("Removed")
    press(page, "Enter")
    ticked(page, 2)
    press(page, "Shift+Tab", "Shift+Tab")
    expect(node(page, "o2")).to_be_focused()
    press(page, "ArrowDown")
    expect(node(page, "h2")).to_be_focused()
    press(page, "Enter", "ArrowRight", "ArrowRight", "Enter")
    ticked(page, 3)
    assert_no_exception(page)


def test_a_weight_and_its_cell_are_lit_together(browser, board):
    page = chapter(browser, board, "masks")
    page.get_by_role("grid", name="Mask of the second layer").get_by_role("gridcell").nth(4).hover()
    expect(page.locator(".edge.open")).to_have_attribute("data-id", "h2-o2")
    page.mouse.move(*middle(page, "x1", "h2"))
    cells = page.get_by_role("grid", name="Mask of the first layer").get_by_role("gridcell")
    expect(cells.nth(1)).to_have_class("cell open on")
    expect(page.locator(".panel")).to_contain_text("may see the first two variables")


@pytest.mark.parametrize("name", ["copying", "masks"])
def test_the_picture_stands_above_the_fold_and_within_a_phone(browser, board, name):
    page = chapter(browser, board, name)
    for part in (".stage", ".panel", ".aside", ".badge"):
        box = page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= 720
    page.set_viewport_size({"width": 390, "height": 844})
    settled(page)
    expect(page.locator(".stage")).to_be_visible()
    assert too_wide(page) == []
