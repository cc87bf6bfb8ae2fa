"""A joint drawn with the mouse and by the keyboard alone, in a real browser, and trained on."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator

import numpy as np
import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, dashboard, open_page
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect
from reading import hard_to_read, settled, too_wide

expect.set_options(timeout=PATIENCE)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE = (390, 844)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(tmp_path_factory.mktemp("drawing")) as running:
        yield running


def open_canvas(browser: Browser, board: Dashboard, **how: object) -> Page:
    page = open_page(browser, f"{board.address}/data?draw=joint", **how)
    expect(canvas(page)).to_be_visible()
    return settled(page)


def canvas(page: Page) -> Locator:
    return page.get_by_role("img", name="Canvas of")


def ink(page: Page) -> np.ndarray:
    """The brightness of each cell of the 50 × 50 canvas as it is seen, (50, 50)."""
    address = canvas(page).evaluate("(canvas) => canvas.toDataURL()")
    picture = Image.open(io.BytesIO(base64.b64decode(address.split(",")[1]))).convert("L")
    side = picture.width // 50
    return np.asarray(picture, int)[side // 2 :: side, side // 2 :: side][:50, :50]


def stroke(page: Page, *cells: tuple[float, float]) -> None:
    """Press at the first cell (row, column) of 50 × 50, move over the others, let go."""
    box = canvas(page).bounding_box()
    for place, (row, column) in enumerate(cells):
        x, y = (
            box["x"] + (column + 0.5) * box["width"] / 50,
            box["y"] + (row + 0.5) * box["height"] / 50,
        )
        page.mouse.move(x, y, steps=4)
        if place == 0:
            page.mouse.down()
    page.mouse.up()
    page.mouse.move(box["x"] + 5, box["y"] + box["height"] + 60)


def entropy(page: Page) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text="Entropy")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_joint_is_drawn_with_the_mouse_and_trained_on(browser, board):
    page = open_page(browser, board.address)
    page.get_by_role("button", name="Draw your own").click()
    expect(page.get_by_text("The canvas is empty")).to_be_visible()
    box = canvas(page).bounding_box()
    assert box["y"] + box["height"] <= 720
    paper = ink(page)
    assert (paper == paper[0, 0]).all()
    stroke(page, (10, 10), (10, 25))
    expect(entropy(page)).to_be_visible()
    drawn = ink(page)
    assert (drawn[10, 10:26] > paper[10, 10:26] + 60).all()
    assert (drawn[20:] == paper[20:]).all()
    press(page, "Mirror top and bottom")
    press(page, "Eraser")
    stroke(page, (10, 10))
    assert ink(page)[10, 10] < drawn[10, 10]
    press(page, "Blob")
    stroke(page, (20, 40))
    mirrored = ink(page)
    assert abs(mirrored[20, 40] - mirrored[29, 40]) <= 1
    assert mirrored[20, 40] > mirrored[20, 43] > paper[0, 0]
    for _ in range(3):
        press(page, "Undo")
    assert (ink(page) == paper).all()
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()
    expect(page.get_by_text("The canvas is empty")).to_be_visible()
    for _ in range(3):
        press(page, "Redo")
    assert (ink(page) == mirrored).all()
    expect(entropy(page)).to_be_visible()
    page.get_by_role("textbox", name="Name").fill("Mine")
    press(page, "Train on it")
    chosen = page.get_by_role("button", name="Mine", exact=True)
    expect(chosen).to_have_attribute("aria-pressed", "true")
    page.wait_for_url(lambda url: "dataset=upload-" in url)
    assert_no_exception(page)
    page.get_by_role("link", name="Data", exact=True).click()
    press(page, "Draw a joint")
    expect(canvas(page)).to_be_visible()
    assert (ink(page) == mirrored).all()


def test_a_joint_is_drawn_by_the_keyboard_alone(browser, board):
    page = open_canvas(browser, board)
    paper = ink(page)
    canvas(page).focus()
    for key in ("g", "[", "]", "+", "v", "ArrowUp", "ArrowUp", " "):
        page.keyboard.press(key)
    expect(canvas(page)).to_have_attribute(
        "aria-label", "Canvas of 50 × 50 cells, x₁ downwards, x₂ to the right. Blob at x₁ = 23, "
        "x₂ = 25: ink 55 %. Arrow keys move, Space draws.",
    )  # fmt: skip
    expect(entropy(page)).to_be_visible()
    page.keyboard.press("b")
    page.keyboard.down(" ")
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    page.keyboard.up(" ")
    canvas(page).blur()
    drawn = ink(page)
    assert drawn[23, 18] > paper[23, 18]
    assert drawn[26, 18] == drawn[23, 18]
    canvas(page).focus()
    page.keyboard.press("z")
    page.keyboard.press("Control+z")
    expect(page.get_by_text("The canvas is empty")).to_be_visible()
    page.keyboard.press("y")
    expect(entropy(page)).to_be_visible()
    assert_no_exception(page)


def test_nothing_is_sent_before_a_stroke_ends(browser, board):
    page = open_canvas(browser, board)
    box = canvas(page).bounding_box()
    page.mouse.move(box["x"] + 50, box["y"] + 50)
    page.mouse.down()
    page.evaluate(
        """() => { window.sent = 0;
            const send = WebSocket.prototype.send;
            WebSocket.prototype.send = function (...message) {
                window.sent += 1;
                return send.apply(this, message);
            }; }"""
    )
    page.mouse.move(box["x"] + 200, box["y"] + 200, steps=20)
    expect(page.get_by_text("The canvas is empty")).to_be_visible()
    assert page.evaluate("window.sent") == 0
    page.mouse.up()
    expect(entropy(page)).to_be_visible()
    assert page.evaluate("window.sent") > 0


def test_a_grid_of_more_cells_keeps_the_drawing_and_a_known_joint_can_be_drawn_on(browser, board):
    page = open_canvas(browser, board)
    page.get_by_role("combobox", name="Begin with").click()
    page.get_by_role("option", name="Checkerboard").click()
    expect(entropy(page)).to_contain_text("7.185 nats")
    press(page, "100")
    expect(canvas(page)).to_have_attribute("aria-label", re.compile("Canvas of 100 × 100"))
    expect(entropy(page)).to_contain_text("8.572 nats")
    press(page, "25")
    expect(canvas(page)).to_have_attribute("aria-label", re.compile("Canvas of 25 × 25"))
    for _ in range(2):
        press(page, "Undo")
    expect(entropy(page)).to_contain_text("7.185 nats")
    press(page, "Undo")
    expect(page.get_by_text("The canvas is empty")).to_be_visible()
    assert_no_exception(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anyone_from_drawing(browser, board, scheme):
    page = open_canvas(browser, board, scheme=scheme)
    stroke(page, (10, 10), (30, 30))
    expect(entropy(page)).to_be_visible()
    assert hard_to_read(page, scheme) == []


def test_a_phone_is_wide_enough(browser, board):
    page = open_canvas(browser, board, size=PHONE)
    box = canvas(page).bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE[0]
    assert box["width"] > 260
    assert too_wide(page) == []
