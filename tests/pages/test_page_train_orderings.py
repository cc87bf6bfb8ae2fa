"""The choice of an ordering on the Train page: what is offered, what is off, what a run gets."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from train_page import checked, component, control, open_page, press, sentences, shown, train_button

from made import runs
from made.model.orderings import ORDERINGS

pytestmark = pytest.mark.usefixtures("no_worker")

DIGITS = {"dataset": "digits8", "hidden_sizes": "16"}


def tiles(page: AppTest) -> dict[str, Any]:
    data = component(page, "made_orderings")
    assert data is not None
    return data


def choose(page: AppTest, ordering: str) -> AppTest:
    page.session_state["set_ordering"] = ordering
    return checked(page.run())


def test_every_ordering_is_offered_with_its_picture() -> None:
    shown_now = tiles(open_page(**DIGITS))
    assert [tile["name"] for tile in shown_now["tiles"]] == list(ORDERINGS)
    assert all(tile["picture"].startswith("data:image/png;base64,") for tile in shown_now["tiles"])
    assert (shown_now["chosen"], shown_now["off"]) == ("natural", False)


def test_without_masks_no_ordering_can_be_chosen_and_the_page_says_why() -> None:
    page = open_page(**DIGITS, autoregressive="false")
    assert tiles(page)["off"]
    assert "no masks" in tiles(page)["help"]
    assert "no masks" in sentences(page)


def test_an_ordering_that_does_not_fit_other_data_is_refused_in_a_sentence() -> None:
    page = open_page(dataset="rings", ordering="hilbert")
    assert "these data are no images" in sentences(page)
    assert train_button(page).disabled
    off = {tile["name"] for tile in tiles(page)["tiles"] if tile["reason"]}
    assert {"hilbert", "entropy"} <= off
    choose(page, "reversed")
    assert not train_button(page).disabled


def test_only_a_given_ordering_has_a_list_and_a_grid() -> None:
    page = open_page(**DIGITS)
    assert shown(page, "permutation") is None
    assert component(page, "made_painting") is None
    choose(page, "given")
    assert control(page, "permutation").value == ""
    grid = component(page, "made_painting")
    assert (grid["height"], grid["width"], grid["first"]) == (8, 8, [])


def test_a_list_reaches_the_grid_the_link_and_the_run() -> None:
    page = open_page(**DIGITS, ordering="given")
    checked(control(page, "permutation").set_value("27, 28 36").run())
    assert component(page, "made_painting")["first"] == [27, 28, 36]
    assert page.query_params["permutation"] == "27,28,36"
    assert "3 come first; the other 61 follow in natural order." in sentences(page)
    press(page, "Train")
    run = next(run for run in runs.list_runs() if not run.is_shipped)
    assert run.config.masks.permutation == (27, 28, 36)
    assert open_page(**DIGITS, ordering="given", permutation="27,28,36").query_params[
        "permutation"
    ] == "27,28,36"  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("3, 3", "variable 3 stands in the list twice"),
        ("3, three", "Variables in order"),
        ("3, 64", "names variable 64, but these data have the variables 0 … 63"),
    ],
)
def test_a_list_that_is_none_says_what_to_mend(text: str, sentence: str) -> None:
    page = open_page(**DIGITS, ordering="given")
    checked(control(page, "permutation").set_value(text).run())
    assert sentence in sentences(page)
    assert train_button(page).disabled
