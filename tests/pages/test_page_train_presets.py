"""Presets on the Train page: what choosing one sets, says and keeps."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest
from train_page import checked, control, open_page, press, sentences

from made import runs
from made.setups.presets import Preset, load_presets, preset_of

pytestmark = pytest.mark.usefixtures("no_worker")


def preset_box(page: AppTest):
    return page.selectbox(key="preset")


def choose(page: AppTest, name: str) -> AppTest:
    return checked(preset_box(page).select(name).run())


@pytest.mark.parametrize("preset", load_presets().values(), ids=load_presets())
def test_a_preset_sets_every_control_and_the_link(preset: Preset) -> None:
    page = choose(open_page(dataset="rings", grid_size="30", activation="tanh"), preset.name)
    assert preset_box(page).value == preset.name
    assert control(page, "activation").value == preset.config.model.activation
    assert control(page, "epochs").value == preset.config.training.epochs
    assert preset.brief_outlook in sentences(page)
    said = next(text for text in page.caption if text.value == preset.brief_outlook)
    assert preset.outlook in said.help
    assert len(said.value) <= 52, "more does not fit into one line of the set-up"
    link = {name: page.query_params[name] for name in page.query_params if name != "run"}
    assert link == preset.config.to_query()


def test_a_changed_control_makes_a_preset_own_settings_that_say_what_was_changed() -> None:
    page, preset = choose(open_page(), "digits8"), load_presets()["digits8"]
    checked(control(page, "dropout").set_value(0.125).run())
    assert preset_box(page).value == ""
    assert f"Changed from “{preset.title}”: Dropout." in sentences(page)
    assert preset.brief_outlook not in sentences(page)
    choose(page, "digits8")
    assert control(page, "dropout").value == preset.config.model.dropout
    assert "Changed" not in sentences(page)


def test_another_seed_or_device_is_still_the_preset() -> None:
    page = choose(open_page(), "digits8")
    checked(control(page, "seed").set_value(5).run())
    assert preset_box(page).value == "digits8"


def test_a_preset_keeps_the_settings_that_it_replaces_and_says_so() -> None:
    page = choose(open_page(dataset="spiral", dropout="0.3"), "digits8")
    assert "Own settings" in page.toast[0].value
    choose(page, "turing-best")
    assert not page.toast
    choose(page, "")
    assert control(page, "dataset").value == "spiral"
    assert control(page, "dropout").value == 0.3
    assert "Changed" not in sentences(page)


def test_a_link_to_a_preset_shows_its_name() -> None:
    page = open_page(**load_presets()["digits8"].config.to_query())
    assert preset_box(page).value == "digits8"


def test_train_starts_the_preset_and_its_run_is_known_as_one() -> None:
    page, preset = press(choose(open_page(), "digits8"), "Train"), load_presets()["digits8"]
    (run,) = runs.list_runs()
    assert run.config == preset.config
    assert preset_of(run.config) is preset
    assert f"preset digits8 · expected {preset.expected.text}" in sentences(page)
