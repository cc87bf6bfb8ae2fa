"""The chapter on encodings is played through by mouse and by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import Page, expect
from reading import settled

from made.lessons import encodings

expect.set_options(timeout=PATIENCE)
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-reading")]


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    with dashboard(tmp_path_factory.mktemp("encodings")) as running:
        yield running


def ticked(page: Page, count: int) -> None:
    """Wait until so many steps are done."""
    done = page.get_by_role("img", name="check_circle")
    expect(page.get_by_test_id("stMarkdown").filter(has=done)).to_have_count(count)


def test_one_slider_moves_strips_and_curves_and_every_step_ticks(browser, board) -> None:
    page = settled(open_page(browser, f"{board.address}/learn?lesson=encodings"))
    charts = page.locator(".charts button")
    expect(charts).to_have_count(6)
    for chart in charts.all():
        box = chart.bounding_box()
        assert box["y"] + box["height"] < 720
    cut = (
        "all => all.filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.innerText)"
    )
    assert page.locator(".vector span").evaluate_all(cut) == []
    ticked(page, 0)
    first = charts.first.locator(".line span").last.inner_text()
    page.get_by_label("The value a of x₁").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".formula")).to_have_text("p(x₂ | x₁ = 29)")
    expect(page.locator(".vector.first", has_text="the number itself")).to_contain_text("29")
    expect(charts.first.locator(".line span").last).not_to_have_text(first)
    ticked(page, 1)
    beaten = next(
        value
        for value in range(30, 200)
        if encodings.facts("1e5", "best", {"value": value, "moved": True, "picked": ""})[
            "one_hot_beats"
        ]
    )
    for _ in range(beaten - 29):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".value")).to_have_text(str(beaten))
    ticked(page, 2)
    page.get_by_role("radio", name="Last").click()
    one_hot = page.get_by_role("button", name=re.compile("^One-hot, epoch 20"))
    one_hot.focus()
    page.keyboard.press("Enter")
    expect(one_hot).to_have_attribute("aria-pressed", "true")
    ticked(page, 3)
    page.get_by_role("radio", name="10⁷").click()
    ticked(page, 4)
    assert_no_exception(page)
