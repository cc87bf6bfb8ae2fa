"""Two people and a teacher in one class, each in a browser of their own; and an exhibit."""

from __future__ import annotations

import re

import pytest
from browser import PATIENCE, Dashboard, assert_no_exception, open_page
from compared_runs import make_run
from playwright.sync_api import Browser, Locator, Page, expect

from made import runs
from made.people import house
from made.runs import jobs
from made.runs.folder import Run
from made.runs.notes import Notes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

expect.set_options(timeout=PATIENCE)
JOIN, TEACH = "blue heron", "grey owl"
LONG = "?dataset=digits8&hidden_sizes=16&epochs=5000&look_ahead=0"


def button(page: Page, name: str) -> Locator:
    return page.get_by_test_id("stMain").get_by_role("button", name=name, exact=True)


def come(browser: Browser, address: str, code: str, name: str, word: str = "sesame") -> Page:
    page = open_page(browser, address)
    for label, text in (
        ("Code of the class", code),
        ("Your name", name),
        ("A word of your own", word),
    ):
        page.get_by_label(label, exact=True).fill(text)
    button(page, "Join").click()
    expect(button(page, "Join")).to_have_count(0)
    return page


def press_what_is_off(found: Locator) -> None:
    """Send what a browser would not: the press of a button that is off."""
    expect(found).to_be_disabled()
    found.evaluate(
        """element => {
          const name = Object.keys(element).find(key => key.startsWith("__reactProps"));
          element[name].onClick(new MouseEvent("click"));
        }"""
    )


def test_two_people_and_a_teacher(browser: Browser, board: Dashboard) -> None:
    house.write(
        mode="class", join_code=JOIN, teacher_code=TEACH, limits={"minutes": 600, "runs": 1}
    )
    ada = come(browser, board.address + LONG, JOIN, "Ada")
    button(ada, "Train").click()
    expect(button(ada, "Pause")).to_be_enabled()
    (run,) = [run for run in runs.list_runs() if not run.is_shipped]
    assert run.owner is not None
    assert run.owner.name == "Ada"
    expect(ada.get_by_text("as many as one may have here at once")).to_be_visible()
    ada.reload()  # the browser is known again
    expect(button(ada, "Pause")).to_be_enabled()

    ben = come(browser, f"{board.address}/?dataset=rings&run={run.id}", JOIN, "Ben")
    expect(ben.get_by_text(re.compile("step [0-9]")).first).to_be_visible()
    for key in ("pause", "stop", "hold", "step", "reset"):
        expect(ben.locator(f".st-key-{key}-{run.id} button").first).to_be_disabled()
    expect(button(ben, "Manage")).to_be_disabled()
    press_what_is_off(button(ben, "Stop"))
    button(ben, "Use this set-up").click()
    expect(button(ben, "Use this set-up")).to_be_disabled()  # it is the set-up now
    assert run.state == "training"
    assert jobs.requested(run) is None
    button(ben, "Train").click()
    expect(button(ben, "Pause")).to_be_enabled()
    bens = next(one for one in runs.list_runs() if one.owner and one.owner.name == "Ben")
    assert bens.config == run.config

    teacher = come(browser, f"{board.address}/classroom", TEACH, "Ms T", word="")
    expect(button(teacher, "Pause all")).to_be_enabled()
    button(teacher, "Pause all").click()
    expect(teacher.get_by_text("Nothing waits or trains.")).to_be_visible()
    assert [Run.open(one.id).state for one in (run, bens)] == ["paused", "paused"]
    expect(button(ada, "Resume")).to_be_enabled()

    button(ada, "Manage").click()
    ada.get_by_role("button", name="Yes, delete it").click()
    expect(ada).not_to_have_url(re.compile(run.id))
    assert not run.path.exists()
    ben.goto(f"{board.address}/compare")
    expect(ben.get_by_text("Tick the rows to compare")).to_be_visible()
    expect(ben.get_by_role("button", name=re.compile("^Deleted"))).to_have_count(0)
    ada.get_by_role("link", name="Compare").click()
    ada.get_by_role("button", name=re.compile("^Deleted")).click()
    ada.get_by_role("button", name="Restore").click()
    expect(ada.get_by_role("button", name=re.compile("^Deleted"))).to_have_count(0)
    assert run.state == "paused"
    for page in (ada, ben, teacher):
        assert_no_exception(page)


def test_an_exhibit_shows_and_plays(browser: Browser, board: Dashboard) -> None:
    hidden, pinned = make_run("zebra hidden"), make_run("zebra shown")
    runs.annotate(pinned, Notes(tags=("pinned",)))
    house.write(mode="exhibit")
    page = open_page(browser, board.address)
    expect(page.get_by_text("This is an exhibit")).to_be_visible()
    press_what_is_off(button(page, "Train"))
    page.get_by_role("link", name="Compare").click()
    expect(page.get_by_text("Tick the rows to compare")).to_be_visible()
    page.get_by_placeholder(re.compile("^Search")).fill("zebra")
    expect(page.get_by_text(re.compile("^1 of"))).to_be_visible()
    page.get_by_role("link", name="Explore").click()
    expect(page.get_by_test_id("stMain").get_by_role("radio").first).to_be_visible()
    page.get_by_role("link", name="Learn").click()
    expect(page.get_by_test_id("stMain").get_by_role("heading").first).to_be_visible()
    assert_no_exception(page)
    page.goto(f"{board.address}/?run={hidden.id}")
    expect(page.get_by_text("There is no run")).to_be_visible()
    assert len([run for run in runs.list_runs() if not run.is_shipped]) == 2
