"""Slow motion in Explore and the chapter on sampling: what is sent, and what is asked back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from learn_page import chapter
from streamlit.testing.v1 import AppTest
from train_page import checked, component, open_page

from made import library
from made.lessons.lesson import lessons
from made.runs.folder import Run
from made.setups.presets import load_presets
from made.views import slow_motion
from pages.shared import motion as shared

TINY = {"hidden_sizes": (8,), "epochs": 1, "progress": False}
SHIPPED = "shipped-binarized-mnist"


@pytest.fixture(autouse=True)
def runs_of_the_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))


def lesson_page() -> AppTest:
    return chapter("sampling")


def explore_page(run_id: str) -> AppTest:
    page = open_page()
    page.query_params["run"] = run_id
    page.query_params["tool"] = "slow-motion"
    return checked(page.switch_page("explore/page.py").run())


def sent(page: AppTest) -> dict[str, Any]:
    data = component(page, "made_motion")
    assert data is not None
    return data


def watched(page: AppTest, key: str) -> shared.Watched:
    return page.session_state[f"{key}-watched"]


def sentences(page: AppTest) -> str:
    kinds = (page.markdown, page.error, page.info, page.warning, page.caption)
    return "\n".join(one.value for kind in kinds for one in kind)


def test_the_chapter_opens_with_a_half_drawn_digit_and_its_three_pictures() -> None:
    page = lesson_page()
    data = sent(page)
    assert (data["seed"], data["opensAt"], data["highlight"]) == (25, 0.48, "play")
    assert [each["title"] for each in data["blank"]["pictures"]] == [
        "Round each p",
        "Average 1,000",
        "Draw",
    ]
    assert data["blank"]["pictures"][0]["value"] == "log p = −18.47"
    assert data["another"] == "Another digit"
    assert not page.error


def test_a_changed_pixel_ticks_its_step_and_goes_on() -> None:
    page = lesson_page()
    before = sent(page)
    seen = watched(page, "lesson-motion-sampling")
    seen.draw = slow_motion.change(seen.draw, seen.motion, 300)
    after = sent(checked(page.run()))
    assert after["changed"] == [300]
    assert after["values"][:300] == before["values"][:300]
    assert after["values"][300] != before["values"][300]
    assert "later ones fall otherwise" in after["note"]
    assert ":green[:material/check_circle:] Click a drawn pixel" in sentences(page)


def test_a_digit_seen_to_its_end_ticks_what_it_is() -> None:
    page = lesson_page()
    seen = watched(page, "lesson-motion-sampling")
    seen.was_played, seen.complete = True, seen.id
    checked(page.run())
    assert ":green[:material/check_circle:] Play to the end" in sentences(page)
    assert ":green[:material/check_circle:] Find a draw" not in sentences(page)
    seen.complete = "next"
    page.session_state["lesson_motion_seed-sampling"] = 31
    checked(page.run())
    assert sent(page)["running"][-1] > -50
    assert ":green[:material/check_circle:] Find a draw" in sentences(page)


def test_a_draw_that_fits_is_found_after_a_few_digits() -> None:
    start = lessons()["sampling"].begins(slow_motion.Start)
    found = [
        seed
        for seed in range(start.seed, start.seed + 8)
        if slow_motion.motion(start.run, slow_motion.Draw(seed=seed)).log_prob > -50
    ]
    assert found
    assert start.seed not in found


def test_the_links_of_the_chapter_lead_to_what_there_is() -> None:
    for link in lessons()["sampling"].links:
        assert not link.preset or link.preset in load_presets()
        assert "run" not in link.query or Run.open(link.query["run"]).problem is None


def test_explore_shows_a_joint_as_points() -> None:
    data = sent(explore_page("shipped-rings-fourier-0"))
    assert (data["kind"], data["numCategories"], data["blank"]) == ("plane", 50, None)
    assert data["another"] == "Other points"


def test_another_seed_in_explore_is_another_draw_and_the_same_one_comes_back() -> None:
    page = explore_page(SHIPPED)
    first = sent(page)
    page.number_input(key="slow_motion_seed").set_value(7)
    other = sent(checked(page.run()))
    assert other["values"] != first["values"]
    page.number_input(key="slow_motion_seed").set_value(0)
    assert sent(checked(page.run()))["values"] == first["values"]


def test_a_mask_set_is_chosen_where_there_are_several() -> None:
    run = library.train(dataset="digits8", ordering="random", num_orderings=3, **TINY).run
    page = explore_page(run.id)
    first = sent(page)
    assert "log p is that under mask set 0 alone" in sentences(page)
    page.number_input(key=f"slow_motion_mask_set_{run.id}").set_value(2)
    assert sent(checked(page.run()))["order"] != first["order"]


def test_a_plain_autoencoder_says_why_there_is_nothing_to_watch() -> None:
    run = library.train(dataset="digits8", autoregressive=False, **TINY).run
    page = explore_page(run.id)
    assert component(page, "made_motion") is None
    assert "A plain autoencoder has no density" in sentences(page)


def test_what_the_browser_says_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = slow_motion.motion(SHIPPED, slow_motion.Draw(seed=25))
    draw = slow_motion.Draw(seed=25)
    seen = shared.Watched(run_id=SHIPPED, begun=draw, draw=draw, motion=shown)
    state: dict[str, Any] = {"key-watched": seen, "key": {}}
    monkeypatch.setattr(shared.st, "session_state", state)
    for odd in ({"place": 9_999}, {"place": "<b>"}, {}, "text", None):
        state["key"] = {"asked": odd, "ended": odd}
        shared._answer("key", "seed")
        shared._hear_end("key")
        assert seen.draw == draw
        assert not seen.is_complete
    assert seen.problem.startswith("There is no place")
    state["key"] = {"asked": {"another": True, "complete": True}}
    shared._answer("key", "seed")
    assert (state["seed"], seen.complete) == (26, "next")
    state["key"] = {"asked": {"place": 3}, "ended": {"id": seen.id, "played": True}}
    shared._hear_end("key")
    assert seen.is_complete
    assert seen.was_played
    shared._answer("key", "seed")
    assert seen.draw.changed == (3,)
    assert not seen.is_complete
