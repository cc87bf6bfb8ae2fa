"""Journeys through the table of runs on Compare, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browser import Dashboard, assert_no_exception, open_page
from compared_runs import make_run
from playwright.sync_api import Browser, Page, TimeoutError, expect

from made import library, runs
from made.commands.export import write_archive
from made.runs.folder import Run

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

ROW = 33  # pixels, of which the head is the first


def compare(browser: Browser, board: Dashboard) -> Page:
    page = open_page(browser, f"{board.address}/compare")
    expect(page.get_by_text(re.compile("Tick the rows to compare"))).to_be_visible(timeout=60_000)
    return page


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def listed(page: Page, number: int) -> None:
    expect(page.get_by_text(re.compile(rf"^{number} runs? listed"))).to_be_visible()


def filtered(page: Page, text: str) -> None:
    page.get_by_placeholder(re.compile("^Search")).fill(text)


def test_many_runs_are_tagged_archived_and_deleted_at_once(
    browser: Browser, board: Dashboard
) -> None:
    made = [make_run(f"mine {number}", seed=number) for number in range(3)]
    page = compare(browser, board)
    filtered(page, "mine")
    expect(page.get_by_text(re.compile("^3 of"))).to_be_visible()
    for action in ("tag", "archive", "delete"):
        press(page, "Manage …")
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("radio", name=re.compile(r"^Listed")).click()
        expect(dialog.get_by_role("radio", name="Listed (3)")).to_be_checked()
        if action == "tag":
            dialog.get_by_label("Tag for all of them").fill("kept")
            dialog.get_by_label("Tag for all of them").press("Enter")
            dialog.get_by_role("button", name="Add").click()
            expect(page.get_by_text("Tagged 3 runs.")).to_be_visible()
            assert [run.notes.tags for run in made] == [("kept",)] * 3
        elif action == "archive":
            dialog.get_by_role("button", name="Archive").click()
            expect(page.get_by_text("No run matches the filter.")).to_be_visible()
            assert all(run.notes.archived for run in made)
            page.get_by_text("Archived", exact=True).click()
            expect(page.get_by_text(re.compile("^3 of"))).to_be_visible()
        else:
            dialog.get_by_role("button", name="Delete …").click()
            press(page, "Yes, delete them")
            expect(page.get_by_text("No run matches the filter.")).to_be_visible()
            assert not [run for run in runs.list_runs() if not run.is_shipped]
    assert_no_exception(page)


def test_a_row_opens_its_run_on_the_train_page(browser: Browser, board: Dashboard) -> None:
    wanted, _ = make_run("mine, older"), make_run("mine, newer")
    page = compare(browser, board)
    filtered(page, "mine")
    expect(page.get_by_text(re.compile("^2 of"))).to_be_visible()
    table = page.get_by_test_id("stDataFrame").last
    table.scroll_into_view_if_needed()
    for across in range(120, 400, 40):  # past the name, as wide as it may be
        table.click(position={"x": across, "y": 2.5 * ROW})
        try:
            page.wait_for_url(lambda url: "/compare" not in url, timeout=4000)
        except TimeoutError:
            continue
        break
    page.wait_for_url(re.compile(rf"run={wanted.id}"))
    assert_no_exception(page)


def test_an_exported_run_is_imported_and_a_wrong_file_is_refused(
    browser: Browser, board: Dashboard, tmp_path_factory: pytest.TempPathFactory
) -> None:
    away = tmp_path_factory.mktemp("away")
    settings = {"grid_size": 4, "num_samples": 1000, "hidden_sizes": (3,), "epochs": 1}
    loaded = library.train("rings", label="from afar", progress=False, **settings)
    write_archive(loaded.run, away / "run.zip")
    id = loaded.run.id
    runs.delete(loaded.run)
    (away / "wrong.zip").write_text("no archive")
    page = compare(browser, board)
    for name, said in (("wrong.zip", "no zip archive"), ("run.zip", "Imported “from afar”")):
        press(page, "Import")
        page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(away / name)
        expect(page.get_by_text(re.compile(said)).first).to_be_visible()
        page.keyboard.press("Escape")
    assert Run.open(id).label == "from afar"
    assert_no_exception(page)


def test_a_comparison_is_taken_away_as_a_report_that_opens_by_itself(
    browser: Browser, board: Dashboard, tmp_path: Path
) -> None:
    page = compare(browser, board)
    press(page, "Take away")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Report", exact=True).click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    context = browser.new_context(offline=True, viewport={"width": 794, "height": 1123})
    report = context.new_page()
    asked: list[str] = []
    report.on("request", lambda request: asked.append(request.url))
    report.goto(path.as_uri())
    expect(report.get_by_role("heading", name="What each has learned")).to_be_visible()
    assert all(
        report.locator("img").evaluate_all("images => images.map(image => image.naturalWidth > 0)")
    )
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert_no_exception(page)
    context.close()
