"""The studies on the Compare page: choose one, start one, pause, resume, delete."""

from __future__ import annotations

from pathlib import Path

import pytest
from compared_runs import RINGS, make_run
from streamlit.testing.v1 import AppTest

from made import runs
from made.model.encodings import ENCODINGS
from made.runs import jobs
from made.runs.records import MAX_LABEL_LENGTH
from made.studies import control, folder
from made.studies.folder import Status, StoredStudy
from made.studies.progress import progress
from made.studies.study import Study

pytestmark = pytest.mark.usefixtures("folder")
STUDY = Study.make("encodings", RINGS, {"encoding": ("raw", "bits")})
LAUNCHED: list[str] = []


@pytest.fixture(autouse=True)
def _no_conductor(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start is noted, and no process is begun."""
    LAUNCHED.clear()
    launch = lambda launcher, stored: LAUNCHED.append(stored.id)  # noqa: E731
    monkeypatch.setattr(control.LocalLauncher, "launch", launch)


def picker() -> None:
    import streamlit as st

    from pages.compare.studies import picker

    found = picker()
    st.session_state["found"] = found and found.id


def form() -> None:
    import streamlit as st

    from made.setups.config import ExperimentConfig
    from pages.compare.new_study import form
    from pages.shared.setup import adopt, seed_from_link

    seed_from_link()
    if "adopted" not in st.session_state:
        adopt(
            ExperimentConfig.from_flat(
                {"dataset": "rings", "grid_size": 8, "num_samples": 1000, "hidden_sizes": (4,)}
            )
        )
        st.session_state["adopted"] = True
    form(lambda id: st.session_state.update(chosen=id))


def open_page(script, **query: str) -> AppTest:
    page = AppTest.from_function(script, default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def button(page: AppTest, label: str, stored: StoredStudy):
    return page.button(key=f"study-{label}-{stored.id}")


def labels_on(page: AppTest) -> list[str]:
    """The buttons beside the studies that can be pressed; deleting stands in a menu of its own."""
    shown = [button for button in page.button if button.label != "Yes, delete it"]
    return [button.label for button in shown if not button.disabled]


def finished_study() -> StoredStudy:
    made = [make_run(f"rings · {name}", encoding=name) for name in ("raw", "bits")]
    return folder.create(STUDY, taken=[run.id for run in made])


def test_without_studies_runs_are_chosen_by_hand() -> None:
    page = open_page(picker)
    assert page.session_state["found"] is None
    assert [button.label for button in page.button] == []


def test_the_newest_study_is_looked_at_with_its_runs_and_named_in_the_link() -> None:
    folder.create(STUDY)
    newest = finished_study()
    page = open_page(picker)
    assert page.session_state["found"] == newest.id
    assert page.query_params["study"] == newest.id
    assert page.selectbox[0].value == newest.id


def test_a_link_opens_the_study_that_it_names_or_says_that_it_is_gone() -> None:
    first, second = finished_study(), finished_study()
    assert open_page(picker, study=first.id).selectbox[0].value == first.id
    page = open_page(picker, study="20200101-000000-abcdef")
    assert page.selectbox[0].value == second.id
    assert "no study" in page.toast[0].value
    assert open_page(picker, runs=first.run_ids[0]).session_state["found"] is None


def test_a_study_that_lacks_runs_can_be_started_and_says_how_far_it_is() -> None:
    make_run(encoding="raw")
    stored = control.create(STUDY)
    page = open_page(picker)
    button(page, "Start", stored).click().run()
    assert [stored.id] == LAUNCHED
    assert progress(stored).state == "starting"
    assert not page.exception
    assert labels_on(page) == ["Pause", "Stop"]


def test_a_living_study_is_paused_by_a_word_to_who_conducts_it() -> None:
    stored = finished_study()
    stored.write(taken=stored.run_ids[:1], started=())
    with stored.lock():
        page = open_page(picker)
        assert labels_on(page) == ["Pause", "Stop"]
        places = [one.label for one in page.button]
        button(page, "Pause", stored).click().run()
        assert stored.requested == "pause"
        assert progress(stored).state == "pausing"
        assert labels_on(page) == ["Stop"]
        assert [one.label for one in page.button] == places


def test_the_runs_of_a_study_whose_conductor_was_killed_can_be_stopped() -> None:
    """They are in the way of a deletion, and no one else would end them."""
    run = make_run(encoding="raw", state="training")
    stored = folder.create(STUDY)
    stored.write(taken=(), started=[run.id])
    stored.say(Status(state="conducting"))
    with run.lock():
        page = open_page(picker)
        assert progress(stored).state == "interrupted"
        button(page, "Stop", stored).click().run()
        assert jobs.requested(run) == "stop"


def test_studies_of_one_title_are_told_apart_and_each_can_be_chosen() -> None:
    """The list is chosen from by its words."""
    studies = [finished_study(), finished_study(), finished_study()]
    page = open_page(picker)
    assert len(set(page.selectbox[0].options)) == len(studies) + 1
    for stored in studies:
        page.selectbox[0].set_value(stored.id).run()
        assert page.session_state["found"] == stored.id
        assert page.run().session_state["found"] == stored.id


def test_a_study_is_deleted_with_the_runs_that_it_started_and_another_is_shown() -> None:
    other = finished_study()
    stored = finished_study()
    stored.write(taken=stored.run_ids[:1], started=stored.run_ids[1:])
    stored_ids = stored.run_ids
    page = open_page(picker, study=stored.id)
    button(page, "Yes, delete it", stored).click().run()
    assert not page.exception
    assert folder.list_studies() == [other]
    assert {run.id for run in runs.list_runs()} == {*other.run_ids, stored_ids[0]}
    assert page.selectbox[0].value == other.id


def test_what_goes_wrong_is_said_letter_by_letter() -> None:
    stored = folder.create(STUDY.model_copy(update={"title": "*loud* <b>"}))
    stored.say(Status(state="failed", message="no *room*"))
    page = open_page(picker)
    assert any(r"no \*room\*" in caption.value for caption in page.caption)


def test_a_ready_made_study_shows_its_cost_and_is_started_once_by_a_double_click() -> None:
    page = open_page(form)
    said = " ".join(markdown.value for markdown in page.markdown)
    assert f"{3 * len(ENCODINGS)} runs" in said
    assert "at most" in said
    start = page.button(key="new_study_start")
    assert not start.disabled
    start.click().run()
    page.button(key="new_study_start").click().run()
    (stored,) = folder.list_studies()
    assert [stored.id] == LAUNCHED
    assert page.session_state["chosen"] == stored.id
    assert stored.study.axes[0].values == tuple(ENCODINGS)
    assert stored.study.seeds == (0, 1, 2)
    assert stored.study.base.data.grid_size == 8


def test_a_study_that_changes_nothing_is_off_with_the_reason() -> None:
    page = open_page(form)
    page.selectbox(key="new_study_kind").select("degrees").run()
    assert page.button(key="new_study_start").disabled
    assert any("every hidden degree is 1" in caption.value for caption in page.caption)


def test_own_settings_are_chosen_or_typed() -> None:
    page = open_page(form)
    page.selectbox(key="new_study_kind").select("own").run()
    page.multiselect(key="new_study_values_encoding").set_value(["raw", "bits"]).run()
    page.selectbox(key="new_study_field_1").select("hidden_sizes").run()
    page.text_input(key="new_study_values_hidden_sizes").set_value("8; 8, 8").run()
    page.number_input(key="new_study_seeds").set_value(2).run()
    assert not page.exception
    page.button(key="new_study_start").click().run()
    (stored,) = folder.list_studies()
    assert [axis.values for axis in stored.study.axes] == [("raw", "bits"), ((8,), (8, 8))]
    assert stored.title == "rings · input encoding × hidden units per layer"
    assert len(stored.title) <= MAX_LABEL_LENGTH


@pytest.mark.parametrize("typed", ["many", "", "1e9999", "-3"])
def test_values_that_will_not_do_are_refused_with_a_sentence(typed) -> None:
    page = open_page(form)
    page.selectbox(key="new_study_kind").select("own").run()
    page.selectbox(key="new_study_field_0").select("num_samples").run()
    page.text_input(key="new_study_values_num_samples").set_value(typed).run()
    assert not page.exception
    assert page.button(key="new_study_start").disabled
    assert page.caption[-1].value


def test_a_shipped_study_is_shown_first_and_has_no_controls(nothing_shipped: Path) -> None:
    finished_study()
    stored = folder.create(STUDY, id="shipped-rings")
    target = nothing_shipped / "studies" / stored.id
    target.parent.mkdir()
    stored.path.rename(target)
    page = open_page(picker)
    assert page.selectbox[0].value == "shipped-rings"
    assert not page.button


def test_a_shipped_run_without_weights_is_no_choice_of_the_other_pages(
    nothing_shipped: Path,
) -> None:
    def script() -> None:
        from pages.shared.session import choose_run

        choose_run("Run", "a-run")

    own = make_run("own")
    bare = make_run("bare", id="shipped-bare")
    bare.path.rename(nothing_shipped / bare.id)
    page = open_page(script)
    assert page.selectbox[0].options == [page.selectbox[0].format_func(own.id)]
    page = open_page(script, run=bare.id)
    assert page.selectbox[0].value == bare.id
