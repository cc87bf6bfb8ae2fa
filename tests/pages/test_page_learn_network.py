"""The first two chapters without a browser: their controls, what is drawn, what ticks."""

from __future__ import annotations

from typing import Any

from learn_page import chapter, ticks
from streamlit.testing.v1 import AppTest
from train_page import checked, component, press

from made.lessons.reader import Reader


def drawn(page: AppTest) -> dict[str, Any]:
    found = component(page, "made_network")
    assert found is not None
    return found


def figures(page: AppTest) -> list[str]:
    return [metric.value for metric in page.metric]


def test_masks_begin_with_the_worked_example_and_a_density():
    page = chapter("masks")
    assert drawn(page)["degrees"] == {"x": [1, 2, 3], "h": [1, 2, 1, 2], "o": [1, 2, 3]}
    assert drawn(page)["badge"]["isGood"]
    assert figures(page) == ["1.596", "1.000"]
    assert ticks(page) == 0


def test_without_masks_the_badge_and_the_sum_say_that_it_is_no_density():
    page = chapter("masks")
    checked(page.toggle(key="masks-masks").set_value(False).run())
    assert not drawn(page)["badge"]["isGood"]
    assert figures(page)[1] != "1.000"
    page.session_state["reader-masks"] = Reader(selected=2)
    checked(page.run())
    assert ticks(page) == 2


def test_degrees_are_set_and_reset_and_the_dependence_ticks():
    page = chapter("masks")
    page.session_state["masks-degrees"] = (1, 1, 1, 1)
    checked(page.run())
    assert drawn(page)["degrees"]["h"] == [1, 1, 1, 1]
    assert ticks(page) == 1
    press(page, "Reset degrees")
    assert drawn(page)["degrees"]["h"] == [1, 2, 1, 2]
    assert ticks(page) == 1


def test_random_draws_another_ordering_each_time():
    page = chapter("masks")
    checked(page.button_group(key="masks-ordering").set_value("random").run())
    before = drawn(page)["sequence"]
    press(page, "Draw another")
    assert sorted(drawn(page)["sequence"]) == [0, 1, 2]
    assert drawn(page)["sequence"] != before


def test_the_autoencoder_has_no_masks_and_shows_what_answers_cost():
    page = chapter("copying")
    assert not drawn(page)["isMasked"]
    assert {one["mean"] for one in drawn(page)["costs"]["candidates"]} == {
        "mean 0.106",
        "mean 1.692",
    }
    page.session_state["reader-copying"] = Reader(flipped=(2,), selected=2, chosen="B")
    checked(page.run())
    assert ticks(page) == 2
