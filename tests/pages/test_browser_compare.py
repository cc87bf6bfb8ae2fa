"""The matrix of a comparison in a real browser: through time, from cell to cell, and taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Dashboard, assert_no_exception, dashboard, open_page
from playwright.sync_api import Browser, Locator, Page, expect
from told_runs import told_run

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MEMORISING = [0.4, 0.2, 0.3, 0.5, 0.7, 0.9], [8.5, 8.2, 8.0, 1.8, 1.6, 1.4]
CURVES = {
    "fourier": ([0.5, 0.3, 0.2, 0.1], None),
    "raw": ([0.6, 0.55, 0.5, 0.49], None),
    "one-hot": MEMORISING,
}


@pytest.fixture
def board(tmp_path: Path, no_worker: None) -> Iterator[Dashboard]:
    with dashboard(tmp_path) as running:
        yield running


def make_runs(**values) -> str:
    """Two seeds an encoding, each with its pictures; their ids as a link has them."""
    ids = [
        told_run(
            [value + 0.001 * seed for value in kl],
            train,
            encoding=encoding,
            seed=seed,
            data_seed=seed,
            has_pictures=True,
            **values,
        ).id
        for encoding, (kl, train) in CURVES.items()
        for seed in (0, 1)
    ]
    return ",".join(ids)


def compare(browser: Browser, board: Dashboard, ids: str) -> Page:
    page = open_page(browser, f"{board.address}/compare?runs={ids}")
    expect(page.locator(".matrix button.cell").first).to_be_visible(timeout=60_000)
    return page


def cell(page: Page, name: str) -> Locator:
    return page.locator("button.cell").filter(has_text=name)


def picture(page: Page, name: str) -> str:
    """The address of what a cell shows."""
    return cell(page, name).locator("canvas").get_attribute("data-address") or ""


def test_the_verdict_and_the_best_picture_are_seen_without_scrolling(browser, board):
    page = compare(browser, board, make_runs())
    expect(page.get_by_role("heading", level=3).first).to_contain_text("Fourier is best")
    best = page.locator("button.cell.best")
    expect(best).to_have_count(1)
    expect(best).to_contain_text("Fourier")
    for place in page.locator(".matrix canvas").all():
        box = place.bounding_box()
        assert box["y"] + box["height"] < 720
    assert_no_exception(page)


def test_one_slider_moves_all_cells_by_mouse_keys_and_as_a_film(browser, board):
    page = compare(browser, board, make_runs())
    now, slider = page.locator(".now b"), page.locator(".slider")
    expect(now).to_have_text("Best epochs")
    expect(cell(page, "One-hot").locator(".figure b")).to_have_text(re.compile(r"^0\.20"))
    page.get_by_role("button", name="Last", exact=True).click()
    expect(now).to_have_text("Epoch 6 of 6")
    expect(cell(page, "One-hot").locator(".figure b")).to_have_text(re.compile(r"^0\.90"))
    expect(cell(page, "Fourier").locator(".figure b")).to_have_text(re.compile(r"^0\.10"))
    last = picture(page, "One-hot")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(now).to_have_text("Epoch 5 of 6")
    assert picture(page, "One-hot") != last
    page.keyboard.press("Home")
    expect(now).to_have_text("Epoch 1 of 6")
    cursor = page.locator(".chart .cursor")
    first = float(cursor.get_attribute("x1"))
    page.get_by_role("button", name="Play through the epochs").click()
    expect(now).to_have_text("Epoch 6 of 6")
    assert float(cursor.get_attribute("x1")) > first
    expect(page.get_by_role("button", name="Play through the epochs")).to_be_visible()
    assert_no_exception(page)


def test_where_a_person_stands_in_time_stays_when_the_pictures_change(browser, board):
    page = compare(browser, board, make_runs())
    page.get_by_role("button", name="Last", exact=True).click()
    density = picture(page, "Raw")
    page.get_by_role("radio", name="Log-ratio").click()
    expect(page.locator(".scale")).to_contain_text("log p(model)")
    expect(page.locator(".now b")).to_have_text("Epoch 6 of 6")
    assert picture(page, "Raw") != density
    page.get_by_role("radio", name="mean").click()
    expect(page.locator(".now b")).to_have_text("Epoch 6 of 6")
    assert_no_exception(page)


def test_a_cell_opens_to_its_best_and_its_last_epoch(browser, board):
    page = compare(browser, board, make_runs())
    closer = page.locator(".closer")
    expect(closer).to_be_hidden()
    cell(page, "One-hot").click()
    expect(closer).to_contain_text("It has learned its samples by heart")
    expect(closer.locator("svg .curve")).to_have_count(2)
    cell(page, "One-hot").click()
    expect(closer).to_be_hidden()


def test_two_settings_are_a_matrix_that_opens_with_what_is_telling(browser, board):
    ids = ",".join(make_runs(num_samples=number) for number in (1_000, 10_000))
    page = compare(browser, board, ids)
    expect(page.locator(".matrix .row")).to_have_count(2)
    expect(page.locator(".matrix .column")).to_have_text(["Raw", "One-hot", "Fourier"])
    expect(page.locator(".matrix button.cell")).to_have_count(6)
    expect(page.locator(".closer h4")).to_contain_text("One-hot")
    page.locator("button.cell").first.click()
    expect(page.locator(".closer h4")).to_contain_text("Raw, 1,000 samples")
    assert_no_exception(page)


def test_two_cells_are_wiped_and_subtracted_and_conditionals_follow_a(browser, board):
    page = compare(browser, board, make_runs())
    page.get_by_role("radio", name="Two side by side").click()
    frame = page.locator(".wipe .frame")
    expect(frame.locator("img")).to_have_count(2)
    page.get_by_role("button", name="Difference").click()
    expect(frame.locator("img")).to_have_count(1)
    page.get_by_role("radio", name=re.compile("x₁ = a")).click()
    panels = page.locator(".slices figure")
    expect(panels).to_have_count(3)
    model = panels.first.locator(".model")
    before, curve = panels.first.inner_text(), model.get_attribute("d")
    page.locator(".slices input").focus()
    page.keyboard.press("Home")
    expect(page.locator(".slices .under b")).to_have_text("a = 0")
    assert panels.first.inner_text() != before
    assert model.get_attribute("d") != curve
    assert_no_exception(page)


def test_the_run_on_the_train_and_the_samples_page_goes_through_its_epochs(browser, board):
    run = told_run(*MEMORISING, encoding="one-hot", has_pictures=True)
    for path in ("", "samples"):
        page = open_page(browser, f"{board.address}/{path}?run={run.id}")
        now = page.locator(".film .now b")
        expect(now).to_have_text("Best epoch, 2", timeout=60_000)
        page.locator(".film .slider").focus()
        page.keyboard.press("End")
        expect(now).to_have_text("Epoch 6 of 6")
        assert_no_exception(page)


def test_the_report_is_of_the_epoch_on_which_the_slider_stands(browser, board, tmp_path):
    page = compare(browser, board, make_runs())
    page.locator(".slider").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".now b")).to_have_text("Epoch 3 of 6")
    shown = picture(page, "One-hot")
    page.get_by_role("button", name="Take away, after epoch 3").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="Report", exact=True).click()
    download.value.save_as(tmp_path / "report.html")
    html = (tmp_path / "report.html").read_text()
    assert "Learned by epoch 3" in html
    assert "After epoch 3 of 6" in html
    assert shown in html
    page.get_by_role("radio", name="Log-ratio").click()
    expect(page.locator(".scale")).to_contain_text("log p(model)")
    expect(page.locator(".now b")).to_have_text("Epoch 3 of 6")
    expect(page.get_by_role("button", name="Take away, after epoch 3")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Best", exact=True).click()
    expect(page.get_by_role("button", name="Take away", exact=True)).to_be_visible()
    assert_no_exception(page)
