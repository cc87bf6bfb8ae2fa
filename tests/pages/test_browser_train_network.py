"""The network drawn beside the controls of the Train page, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import Locator, Page, expect
from reading import hard_to_read, settled

expect.set_options(timeout=PATIENCE)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SMALL = "dataset=rings&grid_size=20&num_samples=1000&hidden_sizes=6&device=cpu"


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(tmp_path_factory.mktemp("network")) as running:
        yield running


def network(page: Page) -> Locator:
    drawing = page.get_by_role("img", name="Network of")
    expect(drawing).to_be_visible()
    settled(page)
    return drawing


def words(page: Page) -> Locator:
    return page.locator('[class*="st-key-network"] .words, .words').first


def test_links_are_kept_or_cut_and_pointing_at_an_output_lights_its_paths(browser, board):
    page = open_page(browser, f"{board.address}/?{SMALL}")
    drawing = network(page)
    box = drawing.bounding_box()
    assert box["y"] + box["height"] <= 720
    expect(drawing.locator(".link.kept")).to_have_count(12)
    expect(drawing.locator(".link.cut")).to_have_count(12)
    expect(words(page)).to_have_text("6 hidden units")
    drawing.locator(".output").last.hover()
    expect(words(page)).to_have_text("p(x₂ | x₁)")
    expect(drawing.locator(".link.lit")).to_have_count(12)
    page.mouse.move(700, 60)
    expect(drawing.locator(".link.lit")).to_have_count(0)
    assert_no_exception(page)


def test_the_keys_light_one_output_after_another(browser, board):
    page = open_page(browser, f"{board.address}/?{SMALL}")
    drawing = network(page)
    drawing.focus()
    page.keyboard.press("ArrowDown")
    expect(words(page)).to_have_text("p(x₁) sees no variable")
    expect(drawing.locator(".link.lit")).to_have_count(0)
    page.keyboard.press("ArrowDown")
    expect(words(page)).to_have_text("p(x₂ | x₁)")
    expect(drawing).to_have_attribute("aria-label", re.compile(r"^p\(x₂ \| x₁\)\. Network of"))
    expect(drawing.locator(".link.lit")).to_have_count(12)
    page.keyboard.press("Escape")
    expect(words(page)).to_have_text("6 hidden units")


def test_the_drawing_follows_the_controls(browser, board):
    page = open_page(browser, f"{board.address}/?{SMALL}")
    expect(network(page).locator(".dot.hidden")).to_have_count(6)
    page.get_by_role("group", name="Ordering").get_by_role("button", name="x₂ first").click()
    drawing = network(page)
    drawing.focus()
    page.keyboard.press("ArrowDown")
    expect(words(page)).to_have_text("p(x₁ | x₂)")
    page.get_by_role("button", name="8 × 8 digits", exact=True).click()
    expect(page.get_by_role("img", name="Network of 64 – 6 – 64 units")).to_be_visible()
    assert_no_exception(page)


def test_it_grows_while_its_run_trains(browser, board):
    link = SMALL.replace("num_samples=1000", "num_samples=20000")
    page = open_page(browser, f"{board.address}/?{link}&epochs=2000&look_ahead=0")
    drawing = network(page)
    expect(drawing).to_be_visible()
    expect(page.locator(".grown polyline")).to_have_count(0)
    page.get_by_role("button", name="Train", exact=True).click()
    lines = page.locator(".grown polyline")
    expect(lines).to_have_count(2)
    first = lines.last.get_attribute("points")
    expect(lines.last).not_to_have_attribute("points", first)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.locator(".stMarkdownBadge").first).to_contain_text("stopped")
    expect(lines).to_have_count(2)
    assert_no_exception(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_anyone_from_reading_it(browser, board, scheme):
    page = open_page(browser, f"{board.address}/?{SMALL}", scheme)
    network(page)
    assert hard_to_read(page, scheme) == []
