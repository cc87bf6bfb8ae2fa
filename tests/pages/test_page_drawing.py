"""Drawing one's own data on the Data page, without a browser: what is kept, said and opened."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from train_page import ROUTER, checked, component, control, press
from upload_files import png

from made import datasets
from made.datasets.settings import DataConfig
from made.views import drawn_pictures
from made.views.drawing import Drawing
from pages.shared.plain_text import plain

pytestmark = pytest.mark.usefixtures("nothing_shipped")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path / "runs"))
    monkeypatch.setenv("MADE_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("MADE_DATA_DIR", raising=False)
    datasets.clear_cache()


def open_page(kind: str) -> AppTest:
    page = AppTest.from_file(str(ROUTER), default_timeout=60).run()
    page.query_params["draw"] = kind
    return checked(page.switch_page("data/page.py").run())


def sentences(page: AppTest) -> str:
    return " ".join(element.value for element in (*page.error, *page.success, *page.caption))


def with_ink(page: AppTest, levels: np.ndarray) -> AppTest:
    page.session_state["drawn_joint"] = Drawing(levels)
    return checked(page.run())


def test_a_drawing_is_kept_with_its_name_and_trained_on_at_once() -> None:
    page = open_page("joint")
    assert page.query_params["draw"] == "joint"
    page = with_ink(page, np.eye(25, dtype=np.uint8) * 200)
    facts = {metric.label: metric.value for metric in page.metric}
    assert facts["Entropy"] == "3.219 nats"
    assert facts["Independence"] == "6.438 nats"
    page.text_input(key="drawn_joint_name").set_value("A <b>diagonal</b>")
    page = press(page, "Train on it")
    (name,) = datasets.upload_names()
    assert control(page, "dataset").value == name
    info = datasets.info(DataConfig(dataset=name))
    assert (info.title, info.num_categories, info.has_truth) == ("A <b>diagonal</b>", 25, True)


def test_a_saved_drawing_is_shown_and_the_canvas_keeps_it() -> None:
    page = press(with_ink(open_page("joint"), np.eye(25, dtype=np.uint8)), "Save")
    (name,) = datasets.upload_names()
    assert page.session_state["data_dataset"] == name
    assert "“My joint” is ready" in sentences(page)
    page = press(page, "Draw a joint")
    canvas = component(page, "made_joint_canvas")
    assert canvas is not None
    assert canvas["size"] == 25


def test_an_empty_canvas_says_so_once_and_keeps_nothing() -> None:
    page = press(open_page("joint"), "Train on it")
    assert [error.value for error in page.error] == [
        plain("The canvas is empty: draw something on it first.")
    ]
    assert datasets.upload_names() == []


def test_a_picture_or_a_known_joint_is_put_on_the_canvas() -> None:
    page = open_page("joint")
    picture = png(np.kron(np.array([[0, 255], [255, 255]]), np.ones((50, 50))))
    page.file_uploader[0].set_value(("corner.png", picture, "image/png"))
    page = checked(page.run())
    drawn = page.session_state["drawn_joint"]
    assert drawn.version == 1
    assert (drawn.levels[:25, :25] == 255).all()
    assert not drawn.levels[25:].any()
    page = checked(page.selectbox(key="drawn_joint_start").select("checkerboard").run())
    drawn = page.session_state["drawn_joint"]
    assert drawn.version == 2
    assert set(np.unique(drawn.levels)) >= {0, 255}
    assert press(page, "Close").session_state["data_drawing"] is None


def test_a_file_that_is_no_picture_is_one_sentence() -> None:
    page = open_page("joint")
    page.file_uploader[0].set_value(("x.png", b"text", "image/png"))
    page = checked(page.run())
    (error,) = page.error
    assert error.value.startswith("'x.png' is not a readable picture")


def bar() -> np.ndarray:
    drawn = drawn_pictures.blank()
    drawn[3, 1:7, 4] = 1
    return drawn


def test_drawn_digits_become_rows_that_are_trained_on() -> None:
    page = open_page("pictures")
    assert drawn_pictures.EMPTY in sentences(page)
    page.session_state["drawn_pictures"] = bar()
    page.number_input(key="drawn_rows").set_value(1_000)
    page.button_group(key="drawn_shift").set_value(0)
    page = checked(page.number_input(key="drawn_flips").set_value(0.0).run())
    assert "100 test rows equal a training row" in sentences(page)
    page = press(page, "Train on it")
    (name,) = datasets.upload_names()
    assert control(page, "dataset").value == name
    dataset = datasets.load(DataConfig(dataset=name))
    assert dataset.image_shape == (8, 8)
    assert (dataset.train == bar()[3].ravel()).all()


def test_empty_sheets_are_one_sentence_and_digits_can_be_put_on_them() -> None:
    page = press(open_page("pictures"), "Save")
    assert [error.value for error in page.error] == [
        plain("All pictures are empty: draw at least one.")
    ]
    page = press(page, "Begin with ten digits")
    assert page.session_state["drawn_pictures"].any(axis=(1, 2)).sum() == 10
    page = press(page, "Save")
    (name,) = datasets.upload_names()
    assert datasets.info(DataConfig(dataset=name)).title == "My digits"
    assert page.session_state["data_dataset"] == name
