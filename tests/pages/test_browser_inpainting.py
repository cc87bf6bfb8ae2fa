"""Inpainting with the mouse and by the keyboard alone, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MNIST, RINGS = "shipped-binarized-mnist", "shipped-rings-fourier-0"


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(tmp_path_factory.mktemp("runs")) as running:
        yield running


def opened(browser, board: Dashboard, run: str, scheme: str = "light") -> Page:
    return open_page(browser, f"{board.address}/explore?run={run}&tool=inpainting", scheme)


def sheet(page: Page) -> Locator:
    return page.get_by_role("application", name="Sheet of 28 × 28 pixels")


def tells(page: Page, num_given: int) -> None:
    """Wait until the completions are those of a sheet with so many given pixels."""
    tiles = page.get_by_role("img", name=f"of which {num_given} are given")
    expect(tiles).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_mask_and_a_stroke_are_completed(browser, board, scheme: str) -> None:
    page = opened(browser, board, MNIST, scheme)
    tells(page, 784 - 100)
    expect(page.get_by_role("img", name="Effective sample size along")).to_be_visible()
    expect(page.get_by_role("button", name="Exact", exact=True)).to_be_disabled()
    last = page.get_by_role("button", name="Complete again").bounding_box()
    assert last["y"] + last["height"] <= 720
    page.get_by_role("button", name="Bottom half").click()
    tells(page, 392)
    expect(page.get_by_text("Trust: exact")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    tells(page, 784)
    box = sheet(page).bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"], steps=4)
    expect(page.get_by_text("unknown: 0 pixels")).to_have_count(0)
    tells(page, 784)  # nothing was sent before the stroke has ended
    page.mouse.up()
    expect(page.get_by_role("img", name="of which 784 are given")).to_have_count(0)
    assert_no_exception(page)
    page.context.close()


def test_by_the_keyboard_alone(browser, board) -> None:
    page = opened(browser, board, MNIST)
    tells(page, 684)
    page.get_by_role("button", name="Clear").press("Enter")
    tells(page, 784)
    sheet(page).focus()
    for key in ("[", "[", "ArrowRight", "ArrowDown", "h", "Space"):
        page.keyboard.press(key)
    tells(page, 783)
    page.keyboard.press("g")
    page.keyboard.press("Space")
    tells(page, 784)
    assert_no_exception(page)
    page.context.close()


def test_a_place_of_a_density_gives_both_conditionals(browser, board) -> None:
    page = opened(browser, board, RINGS)
    density = page.get_by_role("application", name="Density of the model, 50 × 50")
    expect(density).to_be_visible(timeout=PATIENCE)
    box = density.bounding_box()
    page.mouse.click(box["x"] + 20.5 / 50 * box["width"], box["y"] + 10.5 / 50 * box["height"])
    expect(page.get_by_role("heading", name="p(x₂ | x₁ = 10)")).to_be_visible()
    expect(page.get_by_role("heading", name="p(x₁ | x₂ = 20)")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("heading", name="p(x₂ | x₁ = 11)")).to_be_visible()
    assert_no_exception(page)
    page.context.close()
