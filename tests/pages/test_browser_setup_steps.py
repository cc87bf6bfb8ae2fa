"""Undo and redo of the set-up by their keys, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import expect

expect.set_options(timeout=PATIENCE)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(tmp_path_factory.mktemp("steps")) as running:
        yield running


def test_keys_take_back_a_change_and_leave_what_is_typed_alone(browser, board):
    page = open_page(browser, f"{board.address}/?dataset=rings")
    page.get_by_role("button", name="Moons").click()
    moons = page.get_by_role("button", name="Moons")
    expect(moons).to_have_attribute("aria-pressed", "true")
    undo = page.get_by_role("button", name="Undo").first
    expect(undo).to_be_enabled()
    page.keyboard.press("z")
    expect(page.get_by_role("button", name="Rings", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.wait_for_url(lambda url: "dataset=rings" in url)
    page.keyboard.press("y")
    expect(moons).to_have_attribute("aria-pressed", "true")
    page.locator("summary").filter(has_text="Network").click()
    units = page.get_by_role("textbox", name="Hidden units per layer")
    units.fill("12z")
    units.press("z")
    expect(units).to_have_value("12zz")
    expect(moons).to_have_attribute("aria-pressed", "true")
    assert_no_exception(page)
