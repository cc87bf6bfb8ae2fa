"""The chapter of many mask sets without a browser: controls, drawing, ticks."""

from __future__ import annotations

from typing import Any

import pytest
from learn_page import chapter, ticks
from streamlit.testing.v1 import AppTest
from train_page import checked, component

from made.lessons.agnostic_training import Agnostic
from made.lessons.many_masks import mixing

pytestmark = pytest.mark.xdist_group("many-masks")  # networks that are trained once


@pytest.fixture
def page() -> AppTest:
    return chapter("many-masks", seconds=120)


def drawn(page: AppTest) -> dict[str, Any]:
    found = component(page, "made_many_masks")
    assert found is not None
    return found


def look(page: AppTest, mixed: int = 1, opened: int | None = None, is_averaged: bool = False):
    page.session_state["many-masks-reader"] = {
        "mixed": mixed,
        "opened": opened,
        "is_averaged": is_averaged,
    }
    checked(page.run())


def choose(page: AppTest, **values: Any) -> None:
    for name, value in values.items():
        page.session_state[f"many-masks-{name}"] = value
    checked(page.run())


def test_it_begins_with_one_ordering_that_training_met(page):
    assert [one["trained"] for one in drawn(page)["sets"]] == [True] + [False] * 31
    assert drawn(page)["reference"] is None
    assert ticks(page) == 0


def test_all_steps_tick_one_after_the_other(page):
    look(page, opened=4)
    assert ticks(page) == 0
    look(page, opened=0)
    assert ticks(page) == 1
    choose(page, trained_on=32)
    found = mixing(Agnostic(32))
    look(page, opened=int(found.nll.argmax()))
    assert ticks(page) == 2
    enough = next(number for number in range(2, 33) if found.next_gain(number) < 0.01)
    look(page, mixed=enough - 1)
    assert ticks(page) == 2
    look(page, mixed=enough)
    assert ticks(page) == 3
    look(page, mixed=8, is_averaged=True)
    assert ticks(page) == 4
    choose(page, is_fixed=False)
    assert ticks(page) == 4
    look(page, mixed=32)
    assert ticks(page) == 5


def test_a_network_that_met_many_is_compared_with_one_that_met_one(page):
    choose(page, trained_on=8)
    assert drawn(page)["reference"] == pytest.approx(mixing(Agnostic()).nll[0])
    assert [one["trained"] for one in drawn(page)["sets"]] == [True] * 8 + [False] * 24


def test_the_links_lead_away_with_their_set_up(page):
    label = "DNA with 32 mask sets"
    checked(next(button for button in page.button if button.label == label).click().run())
    assert page.session_state["set_dataset"] == "dna"
    assert page.session_state["set_num_orderings"] == 32


def test_a_study_of_more_mask_sets_begins_with_their_set_up(page):
    label = "Compare 1 … 32 mask sets"
    checked(next(button for button in page.button if button.label == label).click().run())
    assert page.session_state["set_dataset"] == "digits8"
    assert page.session_state["set_ordering"] == "random"
