"""What a window holds, in a real browser: at a desk, before a projector, on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import Browser, Locator, Page, expect
from reading import settled

expect.set_options(timeout=PATIENCE)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

DESK, LARGE, PHONE = (1280, 720), (1920, 1080), (390, 844)
RINGS, TURING = "compare?study=shipped-rings", "compare?study=shipped-turing"
NUMBERS = ("10,000", "100,000", "1,000,000", "10,000,000")


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(tmp_path_factory.mktemp("layout")) as running:
        yield running


def open_settled(browser: Browser, address: str, size: tuple[int, int]) -> Page:
    """The page once Streamlit has nothing left to do and its first picture is there."""
    page = open_page(browser, address, size=size)
    expect(page.locator(".matrix canvas, [data-testid=stImage] img").first).to_be_visible()
    return settled(page)


def assert_whole(page: Page, *parts: Locator) -> None:
    """Nothing of these lies outside of the window."""
    size = page.viewport_size
    for part in parts:
        expect(part).not_to_have_count(0)
        for place in part.all():
            box = place.bounding_box()
            assert min(box["x"], box["y"]) >= 0, place
            assert box["y"] + box["height"] <= size["height"], place
            assert box["x"] + box["width"] <= size["width"], place


def test_the_curves_are_whole_above_the_fold_with_their_axis_and_labels(browser, board):
    page = open_settled(browser, f"{board.address}/{RINGS}", DESK)
    chart = page.locator(".chart")
    assert_whole(page, chart.locator("svg"), chart.locator(".tick"), chart.locator(".label"))
    assert_whole(page, page.locator(".matrix canvas"), page.locator(".matrix .figure"))
    assert_no_exception(page)


@pytest.mark.parametrize("run", ["shipped-rings-fourier-0", "shipped-binarized-mnist"])
def test_what_a_run_draws_and_its_film_are_whole_above_the_fold(browser, board, run):
    page = open_settled(browser, f"{board.address}/samples?run={run}", DESK)
    film = page.locator(".film")
    if "rings" in run:
        assert_whole(page, film.locator(".matrix canvas"), film.locator(".slider"))
        assert_whole(page, page.locator(".js-plotly-plot"))
    else:
        assert_whole(page, page.locator("[data-testid=stImage] img"))
    assert_no_exception(page)


@pytest.mark.parametrize("size", [DESK, LARGE], ids=["desk", "large"])
def test_before_a_projector_verdict_and_matrix_fill_the_screen(browser, board, size):
    page = open_settled(browser, f"{board.address}/{TURING}&present=true", size)
    matrix = page.locator(".matrix")
    assert_whole(page, page.get_by_role("heading", level=3), matrix.locator("canvas"))
    assert_whole(page, matrix.locator(".figure"), page.locator(".slider"))
    expect(page.locator(".truth canvas")).to_have_count(1)
    expect(page.locator(".closer")).to_be_hidden()
    box = matrix.bounding_box()
    assert box["width"] > 0.8 * size[0]
    assert box["height"] > 0.6 * size[1]
    page.goto(f"{board.address}/{RINGS}&present=true")
    expect(page.locator(".chart .label")).to_have_count(6)
    assert_whole(page, matrix.locator("canvas"), page.locator(".chart .tick"))
    assert_no_exception(page)


def test_before_a_projector_all_but_the_story_is_folded(browser, board):
    page = open_settled(browser, f"{board.address}/{RINGS}&present=true", DESK)
    study = page.get_by_role("combobox", name="Study")
    tables = page.get_by_test_id("stDataFrame")
    expect(page.get_by_role("button", name="New study")).to_have_count(0)
    expect(study).to_have_count(0)
    expect(page.get_by_text("Figures", exact=True)).to_be_visible()
    expect(tables.filter(visible=True)).to_have_count(0)
    page.get_by_role("button", name="Controls").click()
    expect(study).to_be_visible()
    page.get_by_role("radio", name="Log-ratio").click()
    expect(page.locator(".scale")).to_contain_text("log p(model)")
    page.keyboard.press("Escape")
    page.get_by_text("Figures", exact=True).click()
    expect(tables.first).to_be_visible()
    page.get_by_role("button", name="Presentation mode").click()
    expect(page.get_by_role("button", name="New study")).to_be_visible()
    expect(tables.filter(visible=True)).to_have_count(2)
    assert_no_exception(page)


def test_two_settings_are_read_on_a_phone_without_scrolling_sideways(browser, board):
    page = open_settled(browser, f"{board.address}/{TURING}", PHONE)
    matrix = page.locator(".matrix")
    heads = ["Raw", "Normalized", "One-hot", "Fourier", "Bits", "Embedding"]
    expect(matrix.locator(".column b")).to_have_text(heads)
    expect(matrix.locator(".row b")).to_have_text([f"{n} samples" for n in NUMBERS])
    parts = page.locator("html, [data-testid=stMain], .board, .matrix, .matrix .figure")
    assert parts.count() > 24
    wide = parts.evaluate_all(
        "parts => parts.filter((part) => part.scrollWidth > part.clientWidth + 1).length"
    )
    assert wide == 0
    cells = matrix.locator("button.cell canvas")
    expect(cells).to_have_count(24)
    names = [f"{head}, {number} samples" for head in heads for number in NUMBERS]
    for place, name in zip(cells.all(), names, strict=True):
        box = place.bounding_box()
        assert box["width"] > 60
        assert 0 <= box["x"] <= PHONE[0] - box["width"]
        assert place.get_attribute("aria-label") == name
    matrix.locator("button.cell").first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".now b")).to_have_text("Epoch 3 of 20")
    expect(matrix.locator("button.cell").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".closer h4")).to_have_text("Raw, 10,000 samples")
