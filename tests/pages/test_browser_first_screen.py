"""What meets a person first, in a real browser: first screen, phone, projector, contrast."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import Locator, Page, expect
from reading import hard_to_read, settled, too_wide

expect.set_options(timeout=PATIENCE)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE = (390, 844)
PAGES = ("", "explore", "compare", "learn", "data")


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(tmp_path_factory.mktemp("first-screen")) as running:
        yield running


def pictures(page: Page) -> Locator:
    """Those of the run, whether they stand still or go through its epochs."""
    return page.locator('[data-testid="stImage"] img, canvas[role=img]:not(.plot canvas)')


def curve(page: Page) -> Locator:
    return page.locator('[class*="st-key-curve-"] .plot canvas')


def top_of(element: Locator) -> float:
    return element.bounding_box()["y"]


def test_set_up_and_run_are_the_same_and_all_of_it_is_seen(browser, board):
    page = open_page(browser, board.address)
    expect(page.get_by_text("Choose data, then press Train.")).to_be_visible()
    expect(page.get_by_text("This run has the set-up of the controls.")).to_be_visible()
    expect(page.get_by_role("button", name="Use this set-up")).to_be_disabled()
    settled(page)
    expect(pictures(page)).not_to_have_count(0)
    for seen in (curve(page), *pictures(page).all()):
        box = seen.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 720
    assert_no_exception(page)


def test_a_run_that_differs_says_in_what_and_lends_its_set_up(browser, board):
    page = open_page(browser, f"{board.address}/?run=shipped-turing-raw-1e5-0&dataset=moons")
    expect(page.get_by_text("it has the dataset Turing portrait")).to_be_visible()
    page.get_by_role("button", name="Use this set-up").click()
    expect(page.get_by_text("This run has the set-up of the controls.")).to_be_visible()
    expect(page.get_by_role("button", name="Turing portrait")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_a_link_to_a_run_that_is_not_there_says_so(browser, board):
    page = open_page(browser, f"{board.address}/?run=nosuchrun")
    alert = page.get_by_test_id("stAlert").filter(has_text="There is no run “nosuchrun” here")
    expect(alert).to_be_visible()
    expect(curve(page)).to_be_visible()
    assert_no_exception(page)


def test_what_is_hardly_meant_is_said_beside_its_control(browser, board):
    link = "dataset=digits8&learning_rate=99&num_devices=16&device=cpu&autoregressive=false"
    page = open_page(browser, f"{board.address}/?{link}")
    for words in ("training usually runs away", "16 processes will share", "no density to sample"):
        expect(page.get_by_text(words)).to_be_visible()


def test_on_a_phone_the_run_comes_before_the_controls(browser, board):
    page = open_page(browser, board.address, size=PHONE)
    expect(page.get_by_text("This run has the set-up of the controls.")).to_be_visible()
    settled(page)
    controls = page.get_by_test_id("stSelectbox").filter(has_text="Preset")
    # Found anew at each look: once the page knows its width, it mounts everything in another order.
    page.wait_for_function(
        """() => {
            const boxes = [...document.querySelectorAll('[data-testid="stSelectbox"]')];
            const low = boxes.find((box) => box.innerText.includes("Preset"));
            const high = document.querySelector('[class*="st-key-curve-"]');
            return low && high && low.getBoundingClientRect().y > high.getBoundingClientRect().y;
        }"""
    )
    settled(page)
    assert all(top_of(picture) < top_of(controls) for picture in pictures(page).all())
    assert all(picture.bounding_box()["width"] > 300 for picture in pictures(page).all())


@pytest.mark.parametrize("path", PAGES)
def test_no_page_is_wider_than_a_phone(browser, board, path):
    page = open_page(browser, f"{board.address}/{path}", size=PHONE)
    settled(page)
    assert too_wide(page) == []


def test_a_room_sees_larger_type_and_pictures_on_every_page(browser, board):
    page = open_page(browser, board.address)
    expect(page.get_by_text("This run has the set-up of the controls.")).to_be_visible()
    settled(page)
    sizes = "() => parseFloat(getComputedStyle(document.documentElement).fontSize)"
    usual, picture = page.evaluate(sizes), pictures(page).first.bounding_box()["width"]
    switch = page.get_by_role("button", name="Presentation mode")
    switch.click()
    page.wait_for_url(lambda url: "present=true" in url)
    expect(switch).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("stSelectbox").filter(has_text="Preset")).to_have_count(0)
    settled(page)
    assert page.evaluate(sizes) > 1.2 * usual
    assert pictures(page).first.bounding_box()["width"] > 1.2 * picture
    for name, path in (("Compare", "/compare"), ("Data", "/data"), ("Train", "/")):
        page.get_by_role("link", name=name, exact=True).click()
        page.wait_for_url(lambda url, path=path: f"{path}?" in url and "present=true" in url)
        settled(page)
        assert page.evaluate(sizes) > 1.2 * usual
    page.get_by_role("button", name="Data and set-up").click()
    expect(page.get_by_test_id("stSelectbox").filter(has_text="Preset")).to_be_visible()
    assert_no_exception(page)
    elsewhere = open_page(browser, f"{board.address}/compare?present=true")
    elsewhere.get_by_role("button", name="Presentation mode").click()
    elsewhere.wait_for_url(lambda url: "present" not in url)
    again = open_page(browser, page.url)
    expect(again.get_by_role("button", name="Data and set-up")).to_be_visible()
    again.get_by_role("button", name="Presentation mode").click()
    again.wait_for_url(lambda url: "present" not in url)
    expect(again.get_by_test_id("stSelectbox").filter(has_text="Preset")).to_be_visible()


def test_a_file_is_seen_before_it_is_added_and_its_next_step_after(browser, board, tmp_path):
    file = tmp_path / "mine.npy"
    np.save(file, np.eye(12) + 0.1)
    page = open_page(browser, board.address)
    expect(page.get_by_text("This run has the set-up of the controls.")).to_be_visible()
    page.get_by_role("link", name="Data", exact=True).click()
    page.locator("input[type=file]").set_input_files(file)
    add = page.get_by_role("button", name="Add this dataset")
    expect(add).to_be_in_viewport()
    expect(page.get_by_text("A joint of 12 × 12 cells")).to_be_in_viewport()
    expect(pictures(page)).to_have_count(1)
    add.click()
    expect(page.get_by_test_id("stAlert").filter(has_text="is ready")).to_be_in_viewport()
    step = page.get_by_role("button", name="Use on the Train page")
    expect(step).to_be_in_viewport()
    step.click()
    expect(page.get_by_role("button", name="mine", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_a_paused_run_can_be_stopped(browser, tmp_path):
    link = "dataset=digits8&epochs=100000&look_ahead=0&hidden_sizes=40&device=cpu"
    with dashboard(tmp_path) as board:
        page = open_page(browser, f"{board.address}/?{link}")
        page.get_by_role("button", name="Train", exact=True).click()
        badge = page.locator(".stMarkdownBadge").first
        for name, state in (("Pause", "paused"), ("Stop", "stopped")):
            page.get_by_role("button", name=name, exact=True).click()
            expect(badge).to_contain_text(state)
        expect(page.get_by_role("button", name="Resume", exact=True)).to_be_enabled()
        expect(page.get_by_role("button", name="Stop", exact=True)).to_be_disabled()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_nothing_on_a_page_keeps_anyone_from_reading_it(browser, board, path, scheme):
    page = settled(open_page(browser, f"{board.address}/{path}", scheme))
    assert hard_to_read(page, scheme) == []
