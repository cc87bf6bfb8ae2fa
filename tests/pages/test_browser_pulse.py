"""A pulse asks for its part of the page at its pace, and no longer than it is there and seen."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser-reading")]
SHARED = Path(__file__).parents[2] / "pages" / "shared"

MOUNT = """() => {
  window.beats = [];
  window.host = document.body.appendChild(document.createElement("div"));
  const parentElement = window.host.attachShadow({ mode: "open" });
  window.draw = (seconds) => window.component({
    data: { seconds }, parentElement, setTriggerValue: (name) => window.beats.push(name),
  });
  window.end = window.draw(2);
}"""
HIDE = """(isHidden) => {
  Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def page(browser: Browser) -> Page:
    page = browser.new_page()
    page.clock.install(time=0)
    page.clock.pause_at(1000)  # it goes on by itself otherwise
    sources = [(SHARED / name).read_text("utf-8") for name in ("keeper.js", "pulse.js")]
    code = "\n".join(sources).replace("export default", "window.component =")
    page.add_script_tag(content=code)
    page.evaluate(MOUNT)
    return page


def beats_after(page: Page, seconds: float) -> int:
    page.clock.run_for(round(1000 * seconds))
    return page.evaluate("window.beats.length")


def test_it_beats_once_and_waits_for_what_is_drawn_then(page: Page) -> None:
    assert beats_after(page, 1.9) == 0
    assert beats_after(page, 0.2) == 1
    assert beats_after(page, 10) == 1
    page.evaluate("window.draw(1)")
    assert beats_after(page, 1.1) == 2


def test_an_answer_that_is_lost_is_asked_for_again(page: Page) -> None:
    assert beats_after(page, 2.1) == 1
    assert beats_after(page, 20) == 2


def test_it_asks_nothing_while_the_server_draws(page: Page) -> None:
    page.evaluate("document.body.dataset.testScriptState = 'running'")
    assert beats_after(page, 5) == 0
    page.evaluate("document.body.dataset.testScriptState = 'notRunning'")
    assert beats_after(page, 0.1) == 1


def test_a_drawing_whose_end_is_never_heard_is_asked_for_again(page: Page) -> None:
    page.evaluate("document.body.dataset.testScriptState = 'running'")
    assert beats_after(page, 2 + 10 * 2 + 0.5) == 1


def test_it_rests_while_nobody_looks(page: Page) -> None:
    page.evaluate(HIDE, True)
    assert beats_after(page, 60) == 0
    page.evaluate(HIDE, False)
    assert beats_after(page, 0.1) == 1


def test_it_ends_with_its_place(page: Page) -> None:
    page.evaluate("() => { window.host.remove(); window.end(); }")
    assert beats_after(page, 60) == 0
