"""X-ray and Surprise in a real browser: by mouse and by keyboard alone, on a run that ships."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser import Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(tmp_path_factory.mktemp("runs")) as running:
        yield running


def tool(browser: Browser, board: Dashboard, name: str, run: str) -> Page:
    return open_page(browser, f"{board.address}/explore?run={run}&tool={name}")


def test_a_click_or_a_key_opens_another_pixel(browser, board) -> None:
    page = tool(browser, board, "xray", "shipped-binarized-mnist")
    name = page.locator(".xray .name")
    expect(name).to_have_text(re.compile(r"^Pixel \d+$"))
    for canvas in page.locator(".xray canvas").all():
        box = canvas.bounding_box()
        assert box["y"] + box["height"] < 720
    canvas = page.locator(".xray .row canvas")
    side = canvas.bounding_box()["width"] / 28
    canvas.click(position={"x": 10.5 * side, "y": 4.5 * side})
    expect(name).to_have_text(f"Pixel {4 * 28 + 10 + 1}")
    expect(page.locator(".xray .may p")).to_contain_text("the 122 earlier pixels")
    canvas.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(name).to_have_text(f"Pixel {5 * 28 + 11 + 1}")
    title = page.locator(".xray .title")
    page.keyboard.press("f")
    expect(title).to_contain_text("changed")
    page.keyboard.press("n")
    expect(title).to_have_text(re.compile(r"row 1$"))
    assert_no_exception(page)


def test_a_point_of_a_density_opens_its_conditional(browser, board) -> None:
    page = tool(browser, board, "xray", "shipped-rings-fourier-0")
    formula = page.locator(".xray .bars .of")
    expect(formula).to_have_text(re.compile(r"^p\(x₂ \| x₁ = \d+\)$"))
    canvas = page.locator(".xray .row canvas")
    side = canvas.bounding_box()["width"] / 50
    canvas.click(position={"x": 20.5 * side, "y": 30.5 * side})
    expect(formula).to_have_text("p(x₂ | x₁ = 30)")
    expect(page.locator(".xray .surprise")).to_contain_text("Here it is 20")
    assert_no_exception(page)


def test_what_is_drawn_by_hand_is_a_surprise(browser, board) -> None:
    page = tool(browser, board, "surprise", "shipped-binarized-mnist")
    total = page.locator(".surprise .total")
    expect(total).to_contain_text("The map sums to")
    page.locator("[data-do=clear]").click()
    # The blank page: rounding pixel by pixel gives it, likelier than every test digit.
    expect(total).to_contain_text("sums to 18.47 nats")
    page.locator(".surprise .paper").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press(" ")
    expect(total).not_to_contain_text("18.47")
    page.locator("[data-do=back]").click()
    expect(page.locator(".surprise .title")).not_to_contain_text("changed")
    assert_no_exception(page)


def test_the_surprise_of_a_place_is_the_sum_of_two_terms(browser, board) -> None:
    page = tool(browser, board, "surprise", "shipped-rings-one-hot-0")
    cells = page.locator(".words td:last-child")
    expect(cells).to_have_count(3)
    expect(page.locator(".memorised")).to_contain_text("of the true mass")
    canvas = page.locator(".joint canvas")
    side = canvas.bounding_box()["width"] / 50
    canvas.click(position={"x": 20.5 * side, "y": 30.5 * side})
    expect(page.locator(".words .title")).to_have_text("Place 30, 20")
    canvas.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".words .title")).to_have_text("Place 31, 20")
    first, rest, total = (float(text.split()[0]) for text in cells.all_inner_texts())
    assert abs(first + rest - total) < 0.002
    page.get_by_role("button", name="Least likely test row").click()
    assert float(cells.nth(2).inner_text().split()[0]) > 8
    assert_no_exception(page)


def test_a_cell_of_a_mask_says_whom_it_joins_and_why(browser, board) -> None:
    page = tool(browser, board, "masks", "shipped-rings-fourier-0")
    canvas = page.locator("canvas[aria-label^='Mask of output layer']")
    said = page.locator(".masks .said")
    canvas.focus()
    expect(said).to_have_text(
        re.compile(r"^Output layer: x₁ \(degree 1\) does not read unit .*: 1 ≤ 1$")
    )
    page.keyboard.press("ArrowDown")
    expect(said).to_contain_text("2 > 1")
    every = page.locator("canvas[aria-label^='Mask of all paths']")
    box = every.bounding_box()
    every.hover(position={"x": box["width"] - 5, "y": box["height"] - 5})
    expect(said).to_have_text("All paths together: x₂ (degree 2) may not depend on x₂ (degree 2)")
    assert_no_exception(page)
