"""The chapter from three variables to 784 without a browser: controls, drawing, ticks."""

from __future__ import annotations

from typing import Any

import pytest
from learn_page import chapter, ticks
from streamlit.testing.v1 import AppTest
from train_page import checked, component, press

from made.lessons.pixels import PixelSetting, pixels


@pytest.fixture
def page() -> AppTest:
    return chapter("pixels")


def drawn(page: AppTest) -> dict[str, Any]:
    found = component(page, "made_pixels")
    assert found is not None
    return found


def ask(page: AppTest, pixel: int, *, is_seen_by: bool = False) -> None:
    page.session_state["pixels-reader"] = {"pixel": pixel, "is_seen_by": is_seen_by}
    checked(page.run())


def choose(page: AppTest, **values: Any) -> None:
    for name, value in values.items():
        page.session_state[f"pixels-{name}"] = value
    checked(page.run())


def test_it_begins_with_a_pixel_in_the_middle_of_784(page):
    assert drawn(page)["reader"] == {"pixel": 14 * 28 + 14, "is_seen_by": False}
    assert len(drawn(page)["position"]) == 784
    assert ticks(page) == 0


def test_all_steps_tick_one_after_the_other(page):
    ask(page, 0)
    assert ticks(page) == 1
    choose(page, ordering="spiral")
    assert ticks(page) == 1
    first = drawn(page)["sequence"][0]
    assert (first // 28, first % 28) == (14, 13)
    ask(page, first)
    assert ticks(page) == 2
    ask(page, drawn(page)["sequence"][-1], is_seen_by=True)
    assert ticks(page) == 3
    choose(page, width=32)
    assert ticks(page) == 4
    choose(page, is_direct=True)
    assert ticks(page) == 4
    choose(page, is_direct=False, degrees="even")
    assert ticks(page) == 5


def test_what_each_way_of_drawing_degrees_loses_is_said(page):
    choose(page, width=32)
    unseen = pixels(PixelSetting(width=32, depth=3)).unseen
    captions = " ".join(element.value for element in page.caption)
    assert f"uniform **{unseen['uniform']}**, even **{unseen['even']}**" in captions
    assert len(drawn(page)["unseen"]) == unseen["uniform"]


def test_fewer_variables_leave_no_pixel_behind_that_is_not_there(page):
    ask(page, 700)
    choose(page, picture="3")
    assert drawn(page)["reader"]["pixel"] == 1
    assert (drawn(page)["rows"], drawn(page)["columns"]) == (1, 3)


def test_draw_again_draws_other_degrees(page):
    choose(page, ordering="random")
    before = drawn(page)
    press(page, "Draw again")
    assert drawn(page)["sequence"] != before["sequence"]
    assert drawn(page)["histograms"] != before["histograms"]


def test_the_links_lead_away_with_their_set_up(page):
    button = next(button for button in page.button if button.label == "Train with narrow layers")
    checked(button.click().run())
    assert page.session_state["set_hidden_sizes"] == "16, 16, 16"
