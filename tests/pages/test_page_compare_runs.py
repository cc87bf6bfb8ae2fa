"""The table of runs on Compare: what it lists, in single rows and in groups."""

from __future__ import annotations

from pathlib import Path

import pytest
from compared_runs import RINGS, make_run
from streamlit.testing.v1 import AppTest

from made import runs
from made.runs.notes import Notes
from made.studies import folder
from made.studies.study import Study
from made.views.run_groups import SEEDS
from pages.compare import runs_table
from pages.compare.selection import CHOSEN

PAGE = str(Path(__file__).parents[2] / "pages" / "compare" / "page.py")


@pytest.fixture(autouse=True)
def made(no_worker: None) -> list[runs.Run]:
    """Two encodings with two seeds each, as their workers left them."""
    return [
        make_run(f"{encoding} {seed}", encoding=encoding, seed=seed)
        for encoding in ("raw", "bits")
        for seed in (0, 1)
    ]


def open_page(**query: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    return checked(page.run())


def checked(page: AppTest) -> AppTest:
    assert not page.exception
    return page


def table(page: AppTest):
    """The table of runs, which stands last."""
    return page.dataframe[-1].value


def test_archived_runs_are_hidden_until_they_are_asked_for(made: list[runs.Run]) -> None:
    runs.annotate(made[0], Notes(archived=True))
    page = open_page(runs=made[3].id)
    assert list(table(page)["Name"]) == ["bits 1", "bits 0", "raw 1"]
    checked(page.toggle(key="compare_archived").set_value(True).run())
    assert list(table(page)["Name"]) == ["bits 1", "bits 0", "raw 1", "raw 0"]


def test_an_archived_run_that_is_compared_stays_in_the_table(made: list[runs.Run]) -> None:
    runs.annotate(made[0], Notes(archived=True))
    page = open_page(runs=made[0].id)
    assert "raw 0" in list(table(page)["Name"])


def test_settings_are_those_in_which_the_ticked_runs_differ(made: list[runs.Run]) -> None:
    page = open_page(runs=f"{made[0].id},{made[1].id}")
    assert "Input encoding" not in table(page)
    assert "Seed" in table(page)
    page = open_page(runs=f"{made[0].id},{made[2].id}")
    assert "Input encoding" in table(page)
    assert "Seed" not in table(page)


def test_seeds_become_one_row_with_a_button_that_shows_their_runs(made: list[runs.Run]) -> None:
    page = open_page(runs=made[0].id)
    checked(page.selectbox(key="compare_grouping").set_value(SEEDS).run())
    assert list(table(page)["Name"]) == ["bits", "raw"]
    assert list(table(page)["Runs"]) == ["2 runs", "2 runs"]


def test_every_single_run_has_a_button_that_opens_it() -> None:
    page = open_page()
    assert set(table(page)[" "]) == {"Open"}


def test_only_a_tick_that_a_person_has_made_changes_what_is_compared(monkeypatch) -> None:
    """While runs come and go the browser may repeat the marks of a table that is gone already."""
    state = {CHOSEN: ["b"]}
    monkeypatch.setattr(runs_table.st, "session_state", state)
    chosen: list[list[str]] = []
    monkeypatch.setattr(runs_table, "choose", chosen.append)
    old, new = [["b"], ["a"]], [["c"], ["b"], ["a"]]
    for key, rows, marked, ticked in (("old", old, [0], [0]), ("new", new, [1], [1])):
        state[key] = {"selection": {"rows": ticked}}
        runs_table._picked(key, rows, marked)
    assert chosen == []
    state["old"] = {"selection": {"rows": [0, 1]}}
    runs_table._picked("old", old, [0])
    assert sorted(*chosen) == ["a", "b"]


def test_what_people_wrote_is_shown_letter_by_letter_and_a_broken_study_says_why() -> None:
    broken = folder.create(Study.make("a study", RINGS, {"encoding": ("raw", "bits")}))
    (broken.path / folder.FILE).write_text("{")
    run = make_run("*loud* <b>", state="failed")
    page = open_page(runs=f"{run.id},:red[gone]")
    said = " ".join(warning.value for warning in page.warning)
    for words in (r"\*loud\* \<b\>", r"\:red\[gone\]", f"study delete {broken.id}"):
        assert words in said
