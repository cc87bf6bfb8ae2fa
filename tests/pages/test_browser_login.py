"""A class whose people log in by OpenID Connect, at a provider of this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, end_workers, open_page
from playwright.sync_api import Browser, Page, expect
from provider import Provider, provider

from made import runs
from made.people import house

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
expect.set_options(timeout=PATIENCE)
LONG = "?dataset=digits8&hidden_sizes=16&epochs=5000&look_ahead=0"
PEOPLE = {
    "Ada": {"email": "ada@school.org", "email_verified": True, "name": "Ada"},
    "Ms T": {"email": "t@school.org", "email_verified": True, "name": "Ms T"},
    "Mallory": {"email": "mallory@elsewhere.org", "email_verified": True, "name": "Mallory"},
    "Somebody": {"email": "t@school.org", "email_verified": False, "name": "Ms T"},
}


@pytest.fixture
def school() -> Iterator[Provider]:
    with provider(PEOPLE) as made:
        yield made


@pytest.fixture
def board(school: Provider, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dashboard]:
    """A dashboard of a class that is let in by the school."""
    folder = tmp_path / "runs"
    folder.mkdir()
    monkeypatch.setenv("MADE_RUNS_DIR", str(folder))
    house.write(mode="class", teachers=["t@school.org"], members=["@school.org"])
    made = Dashboard(folder)
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(school.settings(made.address))
    made.command += ["--secrets.files", str(secrets)]
    try:
        made.start()
        yield made
    finally:
        made.stop()
        end_workers(folder)


def log_in(browser: Browser, board: Dashboard, name: str, link: str = "") -> Page:
    page = open_page(browser, board.address + link)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_role("link", name=name, exact=True).click()
    return page


def test_people_log_in_and_are_pupils_teachers_or_strangers(
    browser: Browser, board: Dashboard
) -> None:
    ada = log_in(browser, board, "Ada")
    train = ada.get_by_test_id("stMain").get_by_role("button", name="Train", exact=True)
    expect(train).to_be_enabled()
    ada.goto(board.address + "/" + LONG)
    train.click()
    expect(ada.get_by_role("button", name="Pause", exact=True)).to_be_enabled()
    (run,) = [run for run in runs.list_runs() if not run.is_shipped]
    assert run.owner is not None
    assert (run.owner.key, run.owner.name) == ("mail:ada@school.org", "Ada")

    teacher = log_in(browser, board, "Ms T")
    expect(teacher.get_by_test_id("stMain").get_by_role("button", name="Train")).to_be_enabled()
    teacher.goto(f"{board.address}/classroom")
    teacher.get_by_role("button", name="Pause all").click()
    expect(ada.get_by_role("button", name="Resume", exact=True)).to_be_enabled()

    # An address is shown with a sign of no width in it, so that it becomes no link.
    for name, said in (("Mallory", "mallory.?@elsewhere.org"), ("Somebody", "t.?@school.org")):
        stranger = log_in(browser, board, name)
        expect(stranger.get_by_text(re.compile(f"^{said} is not of this class"))).to_be_visible()
        expect(stranger.get_by_role("button", name=re.compile("^Train"))).to_have_count(0)

    ada.goto(f"{board.address}/classroom")
    ada.get_by_role("button", name="Leave", exact=True).click()
    expect(ada.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    ada.reload()
    expect(ada.get_by_role("button", name="Log in", exact=True)).to_be_visible()
    for page in (ada, teacher, stranger):
        assert_no_exception(page)
