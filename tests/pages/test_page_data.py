"""The Data page: every dataset in its group, exact figures, uploads that are never lost."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from upload_files import ROWS, TABLE, npy, npz, png

from made import datasets, runs
from made.base.errors import MadeError
from made.datasets.settings import DataConfig
from made.datasets.uploads import bin as uploads_bin
from made.datasets.uploads.store import kinds_of
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig, field_bounds, field_help, field_label
from made.views import data_views, upload_views
from pages.shared.plain_text import plain

ROOT = Path(__file__).parents[2]
REFUSED = {
    "pickle": ("list.npy", npy(np.array([{}], object), allow_pickle=True), "pickled"),
    "truncated": ("rows.npz", npz(rows=ROWS)[:200], "truncated"),
    "cube": ("cube.npy", npy(np.zeros((3, 3, 3))), "(3, 3, 3)"),
    "words": ("words.csv", b"a,b\n1,two\n", "'two'"),
    "negative": ("joint.npy", npy(-TABLE), "negative"),
    "no picture": ("x.png", b"text", "not a readable picture"),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, nothing_shipped: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("MADE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("MADE_DATA_DIR", raising=False)
    datasets.clear_cache()
    return tmp_path / "runs"


def open_page(**query: str) -> AppTest:
    """The page within the whole dashboard, as it leads to another page."""
    page = AppTest.from_file(str(ROOT / "pages" / "router.py"), default_timeout=60).run()
    for name, value in ({"dataset": "checkerboard"} | query).items():
        page.query_params[name] = value
    return checked(page.switch_page("data/page.py").run())


def checked(page: AppTest) -> AppTest:
    assert not page.exception
    return page


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("digits8", "11 of 269 test examples equal a training example: "),
        ("digits8-grey", "No test example equals a training example."),
        ("checkerboard", ""),
    ],
)
def test_test_rows_that_were_trained_on_stand_beside_the_splits(name: str, said: str) -> None:
    captions = [each.value for each in open_page(dataset=name).caption]
    found = [text for text in captions if "training example" in text]
    assert [text[: len(said)] for text in found] == ([said] if said else [])


def choose_group(page: AppTest, group: str) -> AppTest:
    return checked(page.button_group(key="data_group").set_value(group).run())


def upload(page: AppTest, name: str, content: bytes, kind: str | None = None) -> AppTest:
    """Choose a file, and say what it is."""
    checked(page.file_uploader[0].set_value((name, content, "application/octet-stream")).run())
    if kind is not None:
        choice = next(group for group in page.button_group if group.label == "What it is")
        checked(choice.set_value(kind).run())
    return page


def added(page: AppTest) -> AppTest:
    return checked(button(page, "Add this dataset").click().run())


def button(page: AppTest, label: str):
    return next(button for button in page.button if button.label == label)


def test_every_dataset_of_the_registry_is_in_one_group():
    grouped = [name for group in data_views.GROUPS for name in data_views.members(group)]
    assert sorted(grouped) == sorted(datasets.REGISTRY)


def test_a_group_opens_with_its_first_dataset():
    page = choose_group(open_page(), "Images")
    assert page.radio(key="data_choice").value == "digits8"
    page = choose_group(page, data_views.OWN)
    assert "Nothing here yet" in page.info[0].value


@pytest.mark.parametrize("name", ["checkerboard", "digits8", "digits8-grey"])
def test_a_dataset_is_shown_with_its_splits(name):
    page = open_page(dataset=name, num_samples="1000", grid_size="8")
    info = datasets.info(DataConfig(dataset=name, num_samples=1000, grid_size=8))
    shown = metrics(page)
    assert shown["Train"] == f"{info.num_train:,}"
    assert shown["Test"] == f"{info.num_test:,}"
    assert shown["Categories K"] == str(info.num_categories)
    assert any(plain(info.description) in text.value for text in page.markdown)
    for setting in datasets.settings(name):
        widget = page.number_input(key=f"data_{setting}")
        assert (widget.label, widget.help) == (field_label(setting), field_help(setting))
        assert (widget.min, widget.max) == field_bounds(setting)


def test_the_references_of_a_checkerboard_are_exact():
    shown = metrics(open_page(grid_size="8", num_samples="1000"))
    assert shown["Entropy"] == f"{math.log(32):.3f} nats"
    assert shown["Independence"] == f"{math.log(64):.3f} nats"
    assert shown["Uniform"] == f"{math.log(64):.3f} nats"
    assert shown["Mutual information"] == f"{math.log(2):.4f} nats"


def test_settings_show_at_once():
    page = open_page(grid_size="8", num_samples="1000")
    checked(page.number_input(key="data_num_samples").set_value(2000).run())
    assert metrics(page)["Train"] == "1,600"


@pytest.mark.parametrize("name", ["checkerboard", "digits8"])
def test_every_picture_has_an_alternative_text(name):
    page = open_page(dataset=name, num_samples="1000", grid_size="8")
    pictures = [picture.alt for image in page.image for picture in image.proto.imgs]
    charts = [chart.proto.alt for chart in page.get("plotly_chart")]
    assert pictures
    assert all(len(alt) > 20 for alt in pictures + charts)


def test_what_a_link_holds_and_cannot_be_is_said():
    page = open_page(dataset="nowhere", num_samples="5")
    assert "'nowhere', which is not here" in page.warning[0].value.replace("\\", "")
    assert page.radio(key="data_choice").value == DataConfig().dataset


def test_a_download_without_network_says_which_file_goes_where(monkeypatch, tmp_path):
    def refuse(file, path, progress, place):
        raise MadeError(f"'{file.name}' could not be downloaded: {place}.")

    monkeypatch.setattr("made.datasets.download._download", refuse)
    page = open_page(dataset="adult")
    checked(button(page, "Download").click().run())
    assert "put the file adult.npz" in page.error[0].value
    assert plain(str(tmp_path / "cache")) in page.error[0].value


@pytest.mark.parametrize("case", REFUSED)
def test_a_refused_upload_gives_its_sentence_and_leaves_nothing(case):
    name, content, problem = REFUSED[case]
    page = upload(open_page(), name, content)
    sentence = page.error[0].value.replace("\\", "")
    with pytest.raises(MadeError) as refusal:
        datasets.save_upload(name, content, kind=kinds_of(name)[0])
    assert sentence == str(refusal.value)
    assert problem in sentence
    assert datasets.upload_names() == []
    assert page.file_uploader[0].value.name == name
    assert "Add this dataset" not in [button.label for button in page.button]


@pytest.mark.parametrize(
    ("name", "content", "kind", "said"),
    [
        ("mine.npy", npy(TABLE), None, "a joint of 12 × 12 cells"),
        ("mine.npy", npy(ROWS), None, "40 / 5 / 5 rows"),
        ("square.npy", npy(np.eye(10, dtype=int)), "rows", "8 / 1 / 1 rows"),
        ("mine.csv", b"1,0\n" * 20, None, "16 / 2 / 2 rows"),
        ("mine.png", png(np.arange(400).reshape(20, 20) % 255), None, "a joint of 20 × 20 cells"),
    ],
)
def test_an_upload_becomes_the_chosen_dataset_and_stays(name, content, kind, said):
    page = added(upload(open_page(), name, content, kind))
    assert said in page.success[0].value.replace("\\", "")
    (stored,) = datasets.upload_names()
    assert page.radio(key="data_choice").value == stored
    again = open_page(dataset=stored)
    assert again.radio(key="data_choice").value == stored
    assert metrics(again)["Train"] == metrics(page)["Train"]


def test_a_name_is_shown_letter_by_letter():
    name = datasets.save_upload("a *b* $c$.npy", npy(TABLE), kind="joint")
    page = open_page(dataset=name)
    assert any(r"a \*b\* \$c\$" in text.value for text in page.markdown)


def test_deleting_asks_first_and_warns_of_runs_that_need_it():
    name = datasets.save_upload("t.npy", npy(TABLE), kind="joint")
    question, is_allowed = upload_views.deletion(name)
    assert is_allowed
    assert "can be restored" in question
    run = runs.create(ExperimentConfig.from_flat({"dataset": name}), "its run")
    question, is_allowed = upload_views.deletion(name)
    assert not is_allowed
    assert "“its run” is training on it" in question
    RunWriter(run).update(state="finished")
    question, is_allowed = upload_views.deletion(name)
    assert is_allowed
    assert "“its run”" in question


def test_deleted_data_are_restored_on_the_same_page():
    name = datasets.save_upload("a *t*.npy", npy(TABLE), kind="joint")
    page = open_page(dataset=name)
    checked(page.button(key=f"delete_{name}").click().run())
    assert datasets.upload_names() == []
    assert r"“a \*t\*” is deleted" in page.success[0].value
    checked(page.button(key=f"restore_{name}").click().run())
    assert datasets.upload_names() == [name]
    assert r"Restored a \*t\*" in page.success[0].value
    checked(page.button(key=f"delete_{name}").click().run())
    checked(page.button(key="empty_bin").click().run())
    assert uploads_bin.deleted_uploads() == []
    assert "Restore" not in [button.label for button in page.button]


def test_a_damaged_upload_can_still_be_deleted(folder):
    name = datasets.save_upload("t.npy", npy(TABLE), kind="joint")
    (folder / "uploads" / f"{name.removeprefix('upload-')}.json").write_text("{")
    page = open_page(dataset=name)
    assert "damaged" in page.error[0].value
    checked(page.button(key=f"delete_{name}").click().run())
    assert datasets.upload_names() == []


def test_the_train_page_takes_over_dataset_and_settings():
    page = open_page(dataset="moons", grid_size="12", num_samples="3000")
    checked(button(page, "Use on the Train page").click().run())
    assert page.session_state["set_dataset"] == "moons"
    assert page.session_state["set_grid_size"] == 12
    assert page.session_state["set_num_samples"] == 3000
    assert not page.metric


def test_a_download_without_a_known_length_has_no_share():
    assert data_views.download_share(500_000, 0) == (0.0, "500 kB so far")
    assert data_views.download_share(500_000, 1_000_000) == (0.5, "500 kB of 1 MB")
