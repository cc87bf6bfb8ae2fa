"""The chapter of what a density is good for, without a browser: drawing, ticks, ways on."""

from __future__ import annotations

from typing import Any

import pytest
from learn_page import chapter, ticks
from streamlit.testing.v1 import AppTest
from train_page import checked, component


@pytest.fixture
def page() -> AppTest:
    return chapter("uses", seconds=120)


def drawn(page: AppTest) -> dict[str, Any]:
    found = component(page, "made_uses")
    assert found is not None
    return found


def look(page: AppTest, **reader: Any) -> None:
    page.session_state["uses-reader"] = reader
    checked(page.run())


def test_it_begins_with_a_digit_as_it_is_and_something_true_of_each_use(page):
    tiles = {tile["name"]: tile["variants"] for tile in drawn(page)["tiles"]}
    assert len(tiles["noise"]) == len(tiles["shift"]) == 6
    assert not tiles["none"][0]["more"]
    assert drawn(page)["completion"]["word"] == "Exact"
    assert "decoded to the same digit" in drawn(page)["code"]["title"]
    assert ticks(page) == 0


def test_all_steps_tick_one_after_the_other(page):
    look(page, change="noise", levels={"noise": 0})
    assert ticks(page) == 0
    look(page, change="noise", levels={"noise": 5})
    assert ticks(page) == 1
    look(page, given="left")
    assert ticks(page) == 1
    look(page, given="bottom")
    assert ticks(page) == 2
    look(page, picked="bz2")
    assert ticks(page) == 2
    look(page, picked="MADE", change="invert")
    assert ticks(page) == 2
    look(page, picked="MADE")
    assert ticks(page) == 3


def test_another_digit_is_another_row(page):
    before, title = drawn(page)["tiles"][0]["variants"][0]["ink"], drawn(page)["title"]
    look(page, digit=7)
    assert drawn(page)["tiles"][0]["variants"][0]["ink"] != before
    assert drawn(page)["title"] != title


@pytest.mark.parametrize(
    ("label", "tool"),
    [("Surprise, drawn by hand", "surprise"), ("Inpainting with a brush", "inpainting")],
)
def test_a_way_leads_to_the_tool_that_asks_the_same_of_any_row(page, label, tool):
    checked(next(button for button in page.button if button.label == label).click().run())
    assert page.query_params["tool"] == tool


def test_the_tutorials_recipe_opens_where_it_is_trained(page):
    label = "The tutorial’s MNIST"
    checked(next(button for button in page.button if button.label == label).click().run())
    assert page.session_state["set_epochs"] == 200
    assert page.session_state["set_dataset"] == "binarized-mnist"
