"""The Train page, without a browser: controls, refusals, and what a press starts."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from made import datasets, jobs, library, runs
from made.config import FIELDS, ExperimentConfig, field_help
from made.errors import MadeError
from made.jobs import LocalLauncher
from made.runs import Run

ROUTER = Path(__file__).parents[1] / "pages" / "shared" / "router.py"


@pytest.fixture(autouse=True)
def runs_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A runs folder of the test's own, in which a launch starts no process."""
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))
    monkeypatch.setattr(LocalLauncher, "launch", lambda launcher, run: os.getpid())


def open_page(**link: str) -> AppTest:
    page = AppTest.from_file(str(ROUTER), default_timeout=60)
    for name, value in link.items():
        page.query_params[name] = value
    return checked(page.run())


def checked(page: AppTest) -> AppTest:
    assert not page.exception, page.exception
    return page


def control(page: AppTest, name: str):
    """The control of a field, of whatever kind."""
    kinds = (page.selectbox, page.number_input, page.text_input, page.toggle, page.button_group)
    return next(widget for kind in kinds for widget in kind if widget.key == f"set_{name}")


def press(page: AppTest, label: str) -> AppTest:
    return checked(next(button for button in page.button if button.label == label).click().run())


def train_button(page: AppTest):
    return page.button(key="train")


def sentences(page: AppTest) -> str:
    return " ".join(element.value for element in (*page.error, *page.warning, *page.caption))


def test_without_any_run_the_page_says_what_to_press() -> None:
    page = open_page()
    assert "Press Train" in page.info[0].value
    assert not train_button(page).disabled


def test_every_setting_has_a_control_with_a_line_of_help() -> None:
    page = open_page(degrees="range", dataset="digits8")
    drawn = {"num_samples", "grid_size"}  # only a joint has samples to count
    for name in FIELDS.keys() - drawn:
        assert (
            field_help(name) in control(page, name).help or "Off here" in control(page, name).help
        )
    page = open_page(dataset="rings")
    for name in drawn:
        assert field_help(name) in control(page, name).help


def test_a_link_sets_every_control() -> None:
    config = ExperimentConfig().replace(
        dataset="digits8", encoding="raw", hidden_sizes=(30, 20), dropout=0.25, optimizer="SGD"
    )
    page = open_page(**config.to_query())
    assert control(page, "dataset").value == "digits8"
    assert control(page, "hidden_sizes").value == "30, 20"
    assert control(page, "dropout").value == 0.25
    assert control(page, "optimizer").value == "SGD"


def test_a_changed_control_changes_the_link() -> None:
    page = open_page()
    checked(control(page, "epochs").set_value(7).run())
    assert page.query_params["epochs"] == "7"
    assert "dropout" not in page.query_params


def test_what_a_link_holds_that_is_invalid_is_corrected_and_said() -> None:
    page = open_page(epochs="-3", encoding="morse", dataset="nowhere")
    said = page.warning[0].value
    for word in ("epochs", "-3", "morse", "nowhere"):
        assert word in said
    press(page, "Got it")
    assert not page.warning


@pytest.mark.parametrize(
    ("link", "name", "reason"),
    [
        ({"dataset": "rings"}, "num_connectivities", "every hidden degree is 1"),
        ({"dataset": "digits8"}, "num_orderings", "only one natural ordering"),
        ({"dataset": "digits8", "model": "marginals"}, "encoding", "no network"),
        ({"dataset": "digits8", "autoregressive": "false"}, "ordering", "no masks"),
    ],
)
def test_a_control_without_effect_is_off_and_says_why(link, name: str, reason: str) -> None:
    page = open_page(**link)
    assert control(page, name).disabled
    assert reason in control(page, name).help
    assert reason in sentences(page)


def test_a_slip_in_one_control_leaves_the_others_and_refuses_to_train() -> None:
    page = open_page(dropout="0.3")
    checked(control(page, "hidden_sizes").set_value("512, many").run())
    assert train_button(page).disabled
    assert "hidden_sizes" in page.error[0].value
    assert control(page, "dropout").value == 0.3
    checked(control(page, "hidden_sizes").set_value("64").run())
    assert not train_button(page).disabled
    assert not page.error


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"dataset": "digits8-grey", "head": "bernoulli"}, "Choose the categorical head"),
        ({"dataset": "digits8", "model": "naive"}, "Choose MADE"),
        ({"dataset": "rings", "hidden_sizes": "65536,65536,65536"}, "choose smaller hidden layers"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_it_starts(link: dict, words: str) -> None:
    page = open_page(**link)
    assert train_button(page).disabled
    assert words in sentences(page)


def test_the_masks_that_cut_something_off_say_so() -> None:
    page = open_page(dataset="digits8", degrees="range", degree_low="60", degree_high="60")
    assert "outputs see no input" in sentences(page)


def test_train_starts_the_set_up_and_shows_it_and_twice_is_once() -> None:
    page = open_page(dataset="digits8", epochs="3")
    press(page, "Train")
    press(page, "Train")
    (run,) = runs.list_runs()
    assert run.config == ExperimentConfig().replace(dataset="digits8", epochs=3)
    assert page.query_params["run"] == run.id


def trained(**settings) -> Run:
    return library.train("digits8", hidden_sizes=(8,), epochs=1, progress=False, **settings).run


def test_a_finished_run_shows_its_test_figures_and_lends_its_set_up() -> None:
    run = trained(dropout=0.5, label="Mine")
    page = open_page()
    assert any("Test NLL" in text.value for text in page.markdown)
    press(page, "Use this set-up")
    assert control(page, "dropout").value == 0.5
    assert page.session_state["run_id"] == run.id


def test_a_plain_autoencoder_is_shown_without_a_likelihood() -> None:
    trained(autoregressive=False)
    shown = " ".join(text.value for text in open_page().markdown)
    assert "no likelihood" in shown
    assert "Test NLL" not in shown


def test_rename_and_delete_with_a_question() -> None:
    run = trained()
    page = open_page()
    page.text_input(key=f"name-{run.id}").set_value("A better name")
    press(page, "Rename")
    assert run.label == "A better name"
    press(page, "Yes, delete it")
    assert runs.list_runs() == []
    assert "Press Train" in page.info[0].value


def test_a_failed_run_shows_its_cause() -> None:
    with pytest.raises(MadeError, match="ran away"):
        library.train(
            "digits8", hidden_sizes=(30, 30, 30), optimizer="SGD", learning_rate=100.0,
            epochs=50, look_ahead=0, progress=False,
        )  # fmt: skip
    page = open_page()
    assert "ran away" in page.error[0].value
    assert "Step" in page.error[0].value


def test_a_request_to_pause_is_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(jobs, "pause", asked.append)
    page = open_page(dataset="digits8")
    press(page, "Train")
    (run,) = runs.list_runs()
    page.button(key=f"pause-{run.id}").click().run()
    assert [other.id for other in asked] == [run.id]


def test_a_dataset_that_was_deleted_meanwhile_is_left() -> None:
    name = datasets.save_upload("rows.csv", b"0,1,1\n1,0,1\n" * 20, kind="rows", label="Mine")
    first = open_page(dataset=name)
    assert control(first, "dataset").value == name
    datasets.delete_upload(name)
    page = AppTest.from_file(str(ROUTER), default_timeout=60)
    for key in [*(f"set_{field}" for field in FIELDS), "setup_is_seeded", "valid_setup"]:
        page.session_state[key] = first.session_state[key]
    checked(page.run())
    assert control(page, "dataset").value == ExperimentConfig().data.dataset
    assert "was deleted" in page.toast[0].value
