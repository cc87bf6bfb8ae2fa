"""The Compare page: what it shows first, what it selects, what it queues."""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from made import library, runs
from made.model.encodings import ENCODINGS
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig
from made.studies import control
from made.studies.study import Study
from made.views import comparison
from made.views.comparison_pictures import ACROSS
from pages.shared.plain_text import plain

PAGE = str(Path(__file__).parents[2] / "pages" / "compare" / "page.py")
RINGS = ExperimentConfig.from_flat(
    {"dataset": "rings", "grid_size": 8, "num_samples": 1000, "hidden_sizes": (4,), "epochs": 1}
)
ROWS_OF_PANELS = math.ceil(len(ENCODINGS) / (ACROSS - 1))  # the truth leads each
LINK = {"dataset": "rings", "grid_size": "8", "num_samples": "1000", "hidden_sizes": "4"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, nothing_shipped: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Small trained runs: the encodings on rings, then one on digits."""
    path, threads = tmp_path_factory.mktemp("archive"), torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MADE_RUNS_DIR", str(path))
        for name in ENCODINGS:
            config = RINGS.replace(encoding=name)
            library.train(config=config, label=f"rings · {name}", progress=False)
        library.train("digits8", label="digits", epochs=1, hidden_sizes=(4,), progress=False)
    yield path
    torch.set_num_threads(threads)


@pytest.fixture
def trained(folder: Path, archive: Path) -> list[str]:
    """Ids of a copy of the encodings on rings."""
    ids = runs_of(archive)[: len(ENCODINGS)]
    for id in ids:
        shutil.copytree(archive / id, folder / id)
    return ids


def runs_of(archive: Path) -> list[str]:
    """Ids of all runs of a folder, in the order in which they were made."""
    return sorted(path.name for path in archive.iterdir() if (path / "config.json").is_file())


def open_page(**query: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def chosen(page: AppTest) -> list[str]:
    return page.session_state["compare_chosen"]


def alts(page: AppTest) -> list[str]:
    return [chart.proto.alt for chart in page.get("plotly_chart")]


def test_without_runs_there_is_a_sentence_and_a_button() -> None:
    page = open_page()
    assert "no run to compare yet" in page.info[0].value
    assert "New study" in page.info[0].value
    assert not page.dataframe


def figures(page: AppTest) -> AppTest:
    """The table of figures, which stands above that of the runs."""
    return page.dataframe[0]


def runs_listed(page: AppTest) -> list[str]:
    return list(page.dataframe[-1].value["Name"])


def look_closer(page: AppTest, way: str) -> AppTest:
    next(one for one in page.segmented_control if one.key.startswith("closer_")).set_value(way)
    page.run()
    assert not page.exception
    return page


def test_before_any_click_the_verdict_says_which_encoding_is_best(trained: list[str]) -> None:
    page = open_page()
    assert chosen(page) == trained
    assert page.query_params["runs"] == ",".join(trained)
    results = {name: runs.Run.open(id).result for name, id in zip(ENCODINGS, trained, strict=True)}
    best = min(results, key=lambda name: results[name]["kl_nats"])
    table = figures(page).value
    ordered = sorted(results, key=lambda name: results[name]["kl_nats"])
    assert list(table["Input encoding"]) == [ENCODINGS[name].title for name in ordered]
    assert list(table["Behind the best"]) == sorted(table["Behind the best"])
    headline = page.subheader[0].value
    assert headline.startswith(f":orange[**{plain(ENCODINGS[best].title)}**] has the lowest figure")
    assert "one seed cannot tell" in headline
    assert not page.warning
    assert not page.error


def test_a_run_that_cannot_be_read_is_marked_and_the_others_are_as_before(
    trained: list[str],
) -> None:
    broken = runs.create(RINGS, "broken")
    (broken.path / "config.json").write_text('{"training": {"epochs": "*many*"}}')
    for name, content in (("status", {"created": "yesterday"}), ("label", {"label": "\ud800"})):
        (broken.path / f"{name}.json").write_text(json.dumps(content))
    page = open_page()
    (row,) = page.table[0].value.to_dict("records")
    assert row["Id"] == broken.id
    assert plain("epochs: should be a whole number") in row["Why it cannot be read"]
    assert broken.id not in page.dataframe[-1].value.to_string()
    assert chosen(page) == trained
    assert not page.warning


def test_fresh_draws_are_made_when_asked_for_and_another_seed_draws_others(
    trained: list[str],
) -> None:
    page = open_page()
    assert alts(page) == []
    before = alts(look_closer(page, "Draw afresh"))
    page.number_input[0].set_value(1)
    number = next(one for one in page.segmented_control if one.key.startswith("compare_number"))
    number.set_value(1_000)
    page.run()
    assert not page.exception
    after = alts(page)
    exact = 2 * ROWS_OF_PANELS
    assert len(before) == len(after) == 3 * ROWS_OF_PANELS
    assert after[:exact] == before[:exact]
    assert all(one != two for one, two in zip(after[exact:], before[exact:], strict=True))


@pytest.mark.parametrize("way", ["Two side by side", "p(x₂ | x₁ = a)"])
def test_a_closer_look_at_two_and_at_the_conditionals(trained: list[str], way: str) -> None:
    page = look_closer(open_page(), way)
    assert not page.error
    assert not page.info


def test_a_link_to_a_run_that_is_gone_is_corrected_and_said(trained: list[str]) -> None:
    page = open_page(runs=f"{trained[1]},20200101-000000-abcdef")
    assert chosen(page) == [trained[1]]
    assert "20200101-000000-abcdef" in page.warning[0].value
    next(button for button in page.button if button.label == "Got it").click().run()
    assert not page.warning


def test_a_deleted_run_leaves_the_selection(trained: list[str]) -> None:
    page = open_page()
    runs.delete(runs.Run.open(trained[0]))
    page.run()
    assert not page.exception
    assert chosen(page) == trained[1:]
    assert trained[0] in page.warning[0].value


def test_a_failed_run_says_why_and_leaves_the_others_alone(trained: list[str]) -> None:
    RunWriter(runs.Run.open(trained[0])).update(state="failed", message="The disk is full.")
    page = open_page()
    assert "The disk is full." in page.warning[0].value
    assert len(figures(page).value) == len(ENCODINGS)


def test_a_run_that_drew_nothing_yet_is_named() -> None:
    run = runs.create(RINGS, "torn")
    RunWriter(run).update(state="failed", message="Torn.")
    page = look_closer(open_page(), "Draw afresh")
    assert any("no checkpoint" in warning.value for warning in page.warning)


def test_different_data_are_grouped_and_said(
    trained: list[str], archive: Path, folder: Path
) -> None:
    digits = runs_of(archive)[-1]
    shutil.copytree(archive / digits, folder / digits)
    page = open_page(runs=f"{trained[0]},{digits}")
    assert any("not comparable" in info.value for info in page.info)
    headings = [heading.value for heading in page.subheader]
    assert headings[::2] == ["Rings, 8 × 8 grid", "8 × 8 digits"]


def test_the_filter_hides_rows_and_keeps_the_selection(trained: list[str]) -> None:
    page = open_page()
    page.text_input(key="compare_search").set_value("one-hot").run()
    assert runs_listed(page) == ["rings · one-hot"]
    assert chosen(page) == trained
    page.text_input(key="compare_search").set_value("no such word").run()
    assert any("No run matches" in info.value for info in page.info)
    next(button for button in page.button if button.label == "Deselect all").click().run()
    assert chosen(page) == []
    assert "runs" not in page.query_params


def test_a_study_is_looked_at_whole_until_runs_are_chosen_by_hand(trained: list[str]) -> None:
    study = Study.make("all encodings", RINGS, {"encoding": list(ENCODINGS)})
    stored = control.create(study)
    page = open_page()
    assert chosen(page) == trained
    assert page.query_params["study"] == stored.id
    assert "runs" not in page.query_params
    next(button for button in page.button if button.label == "Deselect all").click().run()
    assert not page.exception
    assert chosen(page) == []
    assert page.selectbox(key="compare_study_box").value == ""
    assert "study" not in page.query_params
    page.selectbox(key="compare_study_box").select(stored.id).run()
    assert chosen(page) == trained


def test_the_selection_is_read_back_from_the_link(trained: list[str]) -> None:
    wanted = [trained[2], trained[0]]
    page = open_page(runs=",".join(wanted))
    assert chosen(page) == wanted
    rows = comparison.read_rows(runs.list_runs())
    assert {row.id for row in rows} == set(trained)
