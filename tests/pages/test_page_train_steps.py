"""Undo, redo and reset of the set-up on the Train page."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest
from train_page import checked, control, open_page, press

from made.setups.presets import load_presets

pytestmark = pytest.mark.usefixtures("no_worker")


def button(page: AppTest, name: str):
    return page.button(key=f"setup_{name}")


def change(page: AppTest, field: str, value: object) -> AppTest:
    return checked(control(page, field).set_value(value).run())


def test_each_change_of_a_control_is_taken_back_by_itself_and_made_again() -> None:
    page = open_page(dataset="rings", epochs="7")
    assert all(button(page, name).disabled for name in ("undo", "redo", "reset"))
    page = change(change(page, "epochs", 8), "activation", "tanh")
    assert "Activation" in button(page, "undo").help
    page = press(page, "Undo")
    assert control(page, "activation").value != "tanh"
    assert control(page, "epochs").value == 8
    page = press(page, "Undo")
    assert control(page, "epochs").value == 7
    assert page.query_params["epochs"] == "7"
    assert button(page, "undo").disabled
    page = press(press(page, "Redo"), "Redo")
    assert (control(page, "epochs").value, control(page, "activation").value) == (8, "tanh")


def test_a_preset_is_one_change_and_a_changed_one_goes_back_to_it() -> None:
    page, preset = open_page(dataset="spiral", dropout="0.3"), load_presets()["digits8"]
    page = checked(page.selectbox(key="preset").select("digits8").run())
    page = change(change(page, "epochs", 99), "dropout", 0.45)
    assert f"“{preset.title}”" in button(page, "reset").help
    page = press(page, "Reset")
    assert page.selectbox(key="preset").value == "digits8"
    assert control(page, "epochs").value == preset.config.training.epochs
    assert button(page, "reset").disabled
    page = press(page, "Undo")
    assert (control(page, "epochs").value, control(page, "dropout").value) == (99, 0.45)
    for _ in range(3):
        page = press(page, "Undo")
    assert control(page, "dataset").value == "spiral"
    assert control(page, "dropout").value == 0.3


def test_without_a_preset_reset_goes_back_to_what_the_link_asked_for() -> None:
    page = open_page(dataset="moons", hidden_sizes="33")
    page = change(page, "dataset", "rings")
    page = change(page, "hidden_sizes", "4, 4")
    page = press(page, "Reset")
    assert control(page, "dataset").value == "moons"
    assert control(page, "hidden_sizes").value == "33"


def test_a_slip_is_taken_back_like_any_change() -> None:
    page = change(open_page(dataset="moons"), "hidden_sizes", "many")
    assert page.error
    page = press(page, "Undo")
    assert not page.error
