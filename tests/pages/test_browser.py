"""Journeys of a person through the dashboard, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import numpy as np
import pytest
from browser import (
    PROJECT,
    Dashboard,
    assert_no_exception,
    dashboard,
    open_page,
    workers,
)
from playwright.sync_api import Browser, Locator, Page, expect

from made import plots

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

SMALL = "hidden_sizes=40&batch_size=200&device=cpu"
LONG = f"dataset=digits8&epochs=100000&look_ahead=0&{SMALL}"


@pytest.fixture
def board(tmp_path: Path) -> Iterator[Dashboard]:
    with dashboard(tmp_path) as running:
        yield running


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def is_own(url: str) -> bool:
    """Whether a run is shown that does not come with the project."""
    return "run=" in url and "run=shipped" not in url


def run_id(page: Page) -> str:
    page.wait_for_url(is_own)
    return parse_qs(urlparse(page.url).query)["run"][0]


def status_is(page: Page, state: str) -> None:
    """Wait until the badge of the run that is shown, an own one, says so."""
    page.wait_for_url(is_own)
    expect(page.locator(".stMarkdownBadge").first).to_contain_text(state, timeout=60_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_trained_model_is_on_screen_before_any_click(browser, tmp_path, scheme):
    with dashboard(tmp_path) as board:
        page = open_page(browser, board.address, scheme)
        expect(page.get_by_text(re.compile("^Test NLL"))).to_be_visible(timeout=60_000)
        expect(page.locator(".plot canvas[role=img]")).to_be_visible()
        expect(page.get_by_role("group", name="Datasets").get_by_role("button")).not_to_have_count(
            0
        )
        pictures = page.locator("canvas[role=img]:not(.plot canvas)")
        expect(pictures).to_have_count(3, timeout=60_000)
        assert all(picture.get_attribute("aria-label") for picture in pictures.all())
        assert_no_exception(page)


@pytest.mark.parametrize(
    ("link", "pictures", "figure"),
    [
        (f"dataset=digits8&epochs=3&{SMALL}", 2, "bits/dim"),
        (f"dataset=rings&grid_size=20&num_samples=2000&epochs=3&{SMALL}", 3, "exact KL"),
    ],
    ids=["digits8", "2-D joint"],
)
def test_from_a_link_to_a_trained_model(browser, board, link, pictures, figure):
    page = open_page(browser, f"{board.address}/?{link}")
    press(page, "Train")
    status_is(page, "finished")
    expect(page.get_by_text(re.compile("^Test NLL"))).to_contain_text(figure)
    expect(page.locator(".film canvas")).to_have_count(pictures)
    assert_no_exception(page)


def test_the_gallery_chooses_and_the_link_reproduces_the_set_up(browser, board):
    page = open_page(browser, board.address)
    page.get_by_role("button", name="Moons").click()
    page.wait_for_url(lambda url: "dataset=moons" in url)
    box = page.get_by_test_id("stSelectbox").filter(has_text="Input encoding")
    box.locator("input").click()
    page.get_by_role("option", name="Normalized", exact=True).click()
    page.wait_for_url(lambda url: "encoding=normalized" in url)
    copy = open_page(browser, page.url)
    pressed = copy.get_by_role("button", name="Moons")
    expect(pressed).to_have_attribute("aria-pressed", "true")
    assert_no_exception(copy)


def test_what_a_link_holds_that_is_invalid_is_corrected_and_said(browser, board):
    page = open_page(browser, f"{board.address}/?dataset=nowhere&epochs=-3&encoding=morse")
    alert = page.get_by_test_id("stAlert").first
    for word in ("nowhere", "Epochs", "morse"):
        expect(alert).to_contain_text(word)
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled()
    assert_no_exception(page)


def test_a_run_outlives_reload_second_tab_and_server(browser, board):
    page = open_page(browser, f"{board.address}/?{LONG}")
    press(page, "Train")
    status_is(page, "training")
    mine = run_id(page)
    page.reload()
    status_is(page, "training")
    assert run_id(page) == mine
    second = open_page(browser, board.address)
    status_is(second, "training")
    assert run_id(second) == mine
    before = [process.pid for process in workers(board.log.parent)]
    board.stop()
    board.start()
    page.goto(f"{board.address}/?run={mine}")
    status_is(page, "training")
    assert [process.pid for process in workers(board.log.parent)] == before
    assert_no_exception(page)


def test_stop_resume_pause_and_a_killed_worker(browser, board):
    page = open_page(browser, f"{board.address}/?{LONG}")
    press(page, "Train")
    status_is(page, "training")
    press(page, "Stop")
    status_is(page, "stopped")
    press(page, "Resume")
    status_is(page, "training")
    press(page, "Pause")
    status_is(page, "paused")
    press(page, "Resume")
    status_is(page, "training")
    (worker,) = workers(board.log.parent)
    worker.kill()
    status_is(page, "interrupted")
    expect(page.get_by_text("Resume goes on from the last checkpoint")).to_be_visible()
    press(page, "Resume")
    status_is(page, "training")
    assert_no_exception(page)


def test_a_double_click_starts_one_run(browser, board):
    page = open_page(browser, f"{board.address}/?{LONG}")
    page.get_by_role("button", name="Train", exact=True).dblclick()
    status_is(page, "training")
    assert len(list(board.log.parent.glob("*/config.json"))) == 1


GROWN = """(canvas, before) => new Promise((done) => {
    const look = () => {
        const drawn = canvas.ariaLabel?.match(/over ([0-9,]+) minibatches/)?.[1] ?? '0';
        const count = Number(drawn.replaceAll(',', ''));
        if (count > before) done(count); else requestAnimationFrame(look);
    };
    look();
})"""


def growing_curve(browser: Browser, board: Dashboard) -> tuple[Page, Locator]:
    """A page with a run that trains for long, and the canvas of its curve."""
    page = open_page(browser, f"{board.address}/?{LONG}")
    press(page, "Train")
    status_is(page, "training")
    return page, page.locator("canvas[role=img]")


def test_the_curve_keeps_its_canvas_and_its_zoom_while_it_grows(browser, board):
    page, canvas = growing_curve(browser, board)
    before = canvas.evaluate(GROWN, 20)
    canvas.evaluate("canvas => { canvas.dataset.mark = 'mine' }")
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 150, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + 350, box["y"] + 90, steps=5)
    page.mouse.up()
    zoom = canvas.get_attribute("data-zoom")
    assert zoom
    canvas.evaluate(GROWN, before)
    assert canvas.get_attribute("data-mark") == "mine"
    assert canvas.get_attribute("data-zoom") == zoom
    press(page, "Show all")
    expect(canvas).to_have_attribute("data-zoom", "")


def test_of_a_growing_curve_only_its_end_travels(browser, board):
    page, canvas = growing_curve(browser, board)
    count = canvas.evaluate(GROWN, 600)
    frames = []
    page.on(
        "websocket",
        lambda socket: socket.on("framereceived", lambda frame: frames.append(len(frame))),
    )
    page.reload()
    for _ in range(10):
        count = canvas.evaluate(GROWN, count)
    # A message holds the drawing's own code as well.
    code = sum(
        (PROJECT / "pages" / "train" / f"live_chart{part}.js").stat().st_size
        for part in ("", "_drawing")
    )
    curves = [size for size in frames if size > code]
    assert min(curves) < code + 8_000
    assert max(curves) > code + 15_000
    points, drawn = canvas.evaluate("one => [Number(one.dataset.points), one.ariaLabel]")
    count = int(re.search("over ([0-9,]+)", drawn)[1].replace(",", ""))
    assert points == len(plots.thin(np.zeros(count)).buckets().step)
    assert_no_exception(page)


def test_six_encodings_are_trained_and_compared(browser, board):
    query = f"dataset=gaussians&grid_size=16&num_samples=2000&epochs=2&{SMALL}"
    page = open_page(browser, f"{board.address}/?{query}")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled(timeout=60_000)
    page.get_by_role("link", name="Compare").click()
    page.get_by_role("button", name="New study").click()
    page.get_by_role("spinbutton", name="Seeds").fill("1")
    page.get_by_role("spinbutton", name="Seeds").press("Enter")
    expect(page.get_by_text(re.compile("^6 runs"))).to_be_visible()
    press(page, "Start")
    page.wait_for_url(re.compile(r"study=\d"))
    # The address changes before the matrix does: until then the study that ships stands there.
    expect(page.locator(".measure")).not_to_contain_text("seeds", timeout=60_000)
    expect(page.locator("button.cell .figure b")).to_have_text(
        [re.compile(r"^0\.")] * 6, timeout=240_000
    )
    expect(page.get_by_role("heading", level=3).first).to_contain_text("KL to the truth")
    expect(page.get_by_role("progressbar")).to_have_count(0, timeout=240_000)
    assert len(list(board.log.parent.glob("*/result.json"))) == 6
    assert_no_exception(page)


def test_a_bad_upload_says_what_to_mend_and_leaves_nothing(browser, board, tmp_path):
    bad = tmp_path / "mass.npy"
    bad.write_bytes(b"\x93NUMPY\x01\x00 cut off")
    page = open_page(browser, f"{board.address}/data")
    page.locator("input[type=file]").set_input_files(bad)
    expect(page.get_by_test_id("stAlert").filter(has_text="mass.npy").first).to_be_visible()
    assert not list(board.log.parent.glob("uploads/*.npz"))
    assert_no_exception(page)
