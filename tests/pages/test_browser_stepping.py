"""A run is played by keys alone, in a real browser, and followed minibatch by minibatch."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import Page, expect
from reading import hard_to_read, settled, too_wide

expect.set_options(timeout=PATIENCE)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LINK = (
    "dataset=rings&num_samples=20000&grid_size=60&hidden_sizes=32&device=cpu&epochs=100000"
    "&look_ahead=0"
)
PHONE = (390, 844)


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(tmp_path_factory.mktemp("stepping")) as running:
        yield running


def badge_is(page: Page, state: str) -> None:
    expect(page.locator(".stMarkdownBadge").first).to_contain_text(state)


def step_is(page: Page, step: int) -> None:
    expect(page.get_by_text(f"· step {step} ·")).to_be_visible()


def held_page(browser, board, scheme: str = "light") -> Page:
    """A run of one's own, started held by its key."""
    page = open_page(browser, f"{board.address}/?{LINK}", scheme)
    expect(page.get_by_role("button", name="Step Shortcut N")).to_be_enabled()
    settled(page)
    page.keyboard.press("n")
    badge_is(page, "held")
    step_is(page, 0)
    return page


def test_by_keys_alone_a_run_is_held_stepped_played_and_begun_again(browser, board):
    page = held_page(browser, board)
    for step in (1, 2, 3):
        page.keyboard.press("s")
        step_is(page, step)
        expect(page.get_by_text(f"minibatch {step} of epoch 1 · 128 points")).to_be_visible()
    page.keyboard.press("e")
    step_is(page, 125)
    badge_is(page, "held")
    page.keyboard.press("s")
    expect(page.get_by_text("minibatch 1 of epoch 2")).to_be_visible()
    page.keyboard.press("p")
    badge_is(page, "training")
    page.keyboard.press("p")
    badge_is(page, "held")
    before = page.url
    page.keyboard.press("0")
    page.wait_for_url(lambda url: url != before)
    badge_is(page, "held")
    step_is(page, 0)
    expect(page.get_by_text("stays in the list with its checkpoint")).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    badge_is(page, "stopped")
    assert_no_exception(page)


def test_a_key_typed_into_a_field_is_a_letter_and_no_step(browser, board):
    page = held_page(browser, board)
    page.get_by_role("combobox", name="Preset").first.focus()
    page.keyboard.type("sep0")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("s")
    step_is(page, 1)
    badge_is(page, "held")
    page.get_by_role("button", name="Stop", exact=True).click()
    badge_is(page, "stopped")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pictures_of_a_step_are_whole_and_can_be_read(browser, board, scheme):
    page = held_page(browser, board, scheme)
    page.keyboard.press("s")
    expect(page.get_by_text("Its change: blue less, orange more, ±")).to_be_visible()
    settled(page)
    pictures = page.locator('[data-testid="stImage"] img')
    expect(pictures).to_have_count(3)
    for picture in pictures.all():
        box = picture.bounding_box()
        assert box["y"] + box["height"] <= 720
        assert picture.get_attribute("alt")
    assert hard_to_read(page, scheme) == []
    phone = open_page(browser, page.url, scheme, PHONE)
    expect(phone.get_by_text("minibatch 1 of epoch 1")).to_be_visible()
    settled(phone)
    assert too_wide(phone) == []
    page.get_by_role("button", name="Stop", exact=True).click()
    badge_is(page, "stopped")
    assert_no_exception(page)
