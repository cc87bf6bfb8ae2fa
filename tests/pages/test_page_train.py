"""The Train page, without a browser: controls, refusals, and what a press starts."""

from __future__ import annotations

import json
import shutil
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest
from train_page import ROUTER, checked, control, open_page, press, sentences, shown, train_button

from made import datasets, library, runs
from made.base import devices
from made.base.errors import MadeError
from made.datasets.settings import DataConfig
from made.runs import jobs
from made.runs.folder import Run
from made.setups.checks import no_effect
from made.setups.config import FIELDS, ExperimentConfig, field_help, field_label
from made.views.mask_views import mask_view
from pages.shared.plain_text import plain
from pages.train import launch

NO_PROCESS = 2**22 + 1  # beyond the largest number that Linux gives a process
pytestmark = pytest.mark.usefixtures("no_worker")


def test_without_any_run_the_page_says_what_to_press() -> None:
    page = open_page()
    assert "Press Train" in page.info[0].value
    assert not train_button(page).disabled


EVERYTHING = {"degrees": "range", "encoding": "fourier", "head": "logistics"}
GIVEN = {"dataset": "digits8", "ordering": "given"}
EVERYTHING |= {"schedule": "one-cycle", "num_connectivities": "2"}


@pytest.mark.parametrize(
    ("link", "hidden"),
    [
        ({"dataset": "rings", "schedule": "one-cycle"}, {"encoding_width"}),
        ({"dataset": "digits8-grey", **EVERYTHING}, {"num_samples", "grid_size"}),
        ({"dataset": "digits8"}, {"encoding_width", "num_components", "warm_up"}),
        (GIVEN, {"encoding_width"}),
    ],
)
def test_every_setting_with_an_effect_has_a_control_with_a_line_of_help(link, hidden) -> None:
    page = open_page(**link)
    info = datasets.info(DataConfig(dataset=link["dataset"]))
    off = no_effect(page.session_state["valid_setup"], info)
    for name in FIELDS:
        found = shown(page, name)
        if found is None:
            assert name in off, f"{name} has an effect and no control"
        else:
            assert found.label == field_label(name)
            assert ("Off here" if name in off else field_help(name)) in found.help
    assert all(shown(page, name) is None for name in hidden)


def test_every_setting_has_a_control_somewhere() -> None:
    links = [{"dataset": "rings"}, {"dataset": "digits8-grey", **EVERYTHING}, GIVEN]
    pages = [open_page(**link) for link in links]
    for name in FIELDS:
        assert any(shown(page, name) is not None for page in pages), name


def test_a_setting_that_is_hidden_keeps_its_value() -> None:
    page = open_page(dataset="digits8-grey", warm_up="0.3", num_components="7", **EVERYTHING)
    for name, other in (("schedule", "cosine"), ("head", "auto")):
        before = control(page, name).value
        checked(control(page, name).set_value(other).run())
        checked(control(page, "epochs").set_value(3).run())
        checked(control(page, name).set_value(before).run())
    assert control(page, "warm_up").value == 0.3
    assert control(page, "num_components").value == 7


def test_numbers_at_the_bounds_of_a_field_stay_as_they_are() -> None:
    link = {"dropout": "0.9999", "learning_rate": "1e-09", "gradient_clip": "1000000000.0"}
    link |= {"ema_decay": "0.999999999", "warm_up": "0.999", "num_devices": "16"}
    page = open_page(dataset="digits8", schedule="one-cycle", **link)
    checked(control(page, "epochs").set_value(3).run())
    for name, text in link.items():
        assert control(page, name).value == float(text)
        assert float(page.query_params[name]) == float(text)


def test_residual_connections_between_layers_of_two_sizes_are_refused() -> None:
    page = open_page(dataset="digits8", residual_connections="true")
    assert not train_button(page).disabled
    checked(control(page, "hidden_sizes").set_value("30, 20").run())
    assert train_button(page).disabled
    assert "hidden layers of one size" in sentences(page)
    checked(control(page, "residual_connections").set_value(False).run())
    assert not train_button(page).disabled


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
    for word in ("Epochs", "-3", "morse", "nowhere"):
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


def test_a_device_stays_chosen_while_its_free_memory_changes(monkeypatch) -> None:
    """The browser knows an option by its words: where they change, the choice would be lost."""
    page = open_page(dataset="digits8", device="cpu")
    offered = control(page, "device").options
    for gigabytes in (20, 7):
        memory = SimpleNamespace(available=gigabytes * 10**9)
        monkeypatch.setattr(devices.psutil, "virtual_memory", lambda memory=memory: memory)
        monkeypatch.setattr(devices, "_cache", None)
        checked(page.run())
        assert (control(page, "device").value, control(page, "device").options) == ("cpu", offered)
        assert f"{gigabytes} GB free" in sentences(page)
        assert not page.error


def test_a_slip_in_one_control_leaves_the_others_and_refuses_to_train() -> None:
    page = open_page(dropout="0.3")
    checked(control(page, "hidden_sizes").set_value("512, many").run())
    assert train_button(page).disabled
    assert plain("Hidden units per layer: each should be a whole number.") in page.error[0].value
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


def test_only_the_mixture_of_logistics_has_components_to_choose() -> None:
    assert shown(open_page(dataset="digits8-grey"), "num_components") is None
    page = open_page(dataset="digits8-grey", head="logistics", num_components="7")
    assert control(page, "num_components").value == 7


def test_the_masks_that_cut_something_off_say_so() -> None:
    page = open_page(dataset="digits8", degrees="range", degree_low="60", degree_high="60")
    assert "outputs see no input" in sentences(page)


def test_the_verdict_on_the_masks_knows_of_residual_connections() -> None:
    config = ExperimentConfig().replace(dataset="digits8", hidden_sizes=(30, 30))
    both = [config.replace(residual_connections=residual) for residual in (False, True)]
    views = [mask_view(each.model, each.masks, 64) for each in both]
    assert views[0].text != views[1].text
    for view, residual in zip(views, ("false", "true"), strict=True):
        page = open_page(**config.to_query(), residual_connections=residual)
        assert view.text in sentences(page)


def test_a_second_click_that_interrupts_the_first_still_shows_the_run(monkeypatch) -> None:
    older = jobs.start(ExperimentConfig())
    page = open_page(dataset="digits8", run=older.id)
    with monkeypatch.context() as patches:
        patches.setattr(launch, "look_at", lambda run_id: None)
        train_button(page).click().run()
    checked(train_button(page).click().run())
    assert [page.session_state["run_id"], older.id] == [run.id for run in runs.list_runs()]


def test_train_starts_the_set_up_and_shows_it_and_twice_is_once() -> None:
    page = open_page(dataset="digits8", epochs="3")
    press(page, "Train")
    page.session_state["run_id"] = None
    press(page, "Train")
    (run,) = runs.list_runs()
    assert run.config == ExperimentConfig().replace(dataset="digits8", epochs=3)
    assert page.query_params["run"] == run.id


def test_a_set_up_whose_run_has_ended_or_is_gone_is_trained_again() -> None:
    page = press(open_page(dataset="digits8", epochs="3"), "Train")
    (first,) = runs.list_runs()
    (first.path / "launch.json").write_text(json.dumps({"pid": NO_PROCESS}))
    assert first.state == "interrupted"
    press(page, "Train")
    (second, _) = runs.list_runs()
    assert page.session_state["run_id"] == second.id != first.id
    page.session_state["run_id"] = first.id
    page.run()
    shutil.rmtree(second.path)
    press(page, "Train")
    assert len(runs.list_runs()) == 2


def trained(**settings) -> Run:
    return library.train("digits8", hidden_sizes=(8,), epochs=1, progress=False, **settings).run


def test_a_finished_run_shows_its_test_figures_and_lends_its_set_up() -> None:
    run = trained(dropout=0.5, label="Mine")
    page = open_page(dropout="0.1", dataset="digits8")
    assert any("Test NLL" in text.value for text in page.markdown)
    assert control(page, "dropout").value == 0.1
    assert plain("differs from the set-up of the controls: it has 8 units, dropout") in sentences(
        page
    )
    press(page, "Use this set-up")
    assert control(page, "dropout").value == 0.5
    assert "has the set-up of the controls" in sentences(page)
    assert page.session_state["run_id"] == run.id


def test_a_run_says_which_way_it_computes_and_an_older_one_does_not() -> None:
    run = trained()
    assert "cpu · float32 · one mask set, products below" in sentences(open_page())
    recorded = json.loads((run.path / "status.json").read_text())
    del recorded["engine"]
    (run.path / "status.json").write_text(json.dumps(recorded))
    assert "float32" not in sentences(open_page())


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
