"""The chapter of encodings without a browser: its controls, what is drawn, what ticks."""

from __future__ import annotations

import pytest
from learn_page import chapter, ticks
from streamlit.testing.v1 import AppTest
from train_page import checked, component, press


@pytest.fixture
def page() -> AppTest:
    return chapter("encodings")


def test_it_begins_with_the_shipped_study_and_nothing_ticked(page):
    drawn = component(page, "made_encodings")
    assert drawn["reader"] == {"value": 28, "picked": "", "moved": False}
    assert {curve["name"] for curve in drawn["curves"]} >= {"raw", "normalized", "one-hot"}
    assert ticks(page) == 0


def test_more_samples_and_a_later_epoch_change_what_is_drawn_and_tick(page):
    before = component(page, "made_encodings")["curves"]
    page.session_state["encodings-reader"] = {"value": 28, "picked": "one-hot", "moved": True}
    checked(page.button_group(key="encodings-epoch").set_value("last").run())
    assert component(page, "made_encodings")["curves"] != before
    assert ticks(page) == 2
    checked(page.button_group(key="encodings-size").set_value("1e7").run())
    assert ticks(page) == 3


def test_its_links_lead_to_the_tutorials_experiment(page):
    press(page, "The same, normalized")
    assert page.session_state["set_encoding"] == "normalized"
    assert page.session_state["set_epochs"] == 20
