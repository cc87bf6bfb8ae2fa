"""Presets fit their data, hold nothing idle, and are known again wherever they are used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import made
from made import datasets, runs
from made.base.errors import MadeError
from made.commands import main
from made.runs.folder import Run
from made.setups import presets
from made.setups.checks import misfit, no_effect
from made.setups.config import ExperimentConfig
from made.setups.presets import Preset, find_preset, load_presets, preset_of, shipped_presets
from made.studies.published import PUBLISHED
from made.views import run_views

CHECKPOINTS = Path(__file__).resolve().parents[2] / "checkpoints"
SMALL = {"hidden_sizes": (8,), "epochs": 1, "progress": False}


@pytest.fixture(params=load_presets())
def preset(request) -> Preset:
    return load_presets()[request.param]


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An empty folder of presets in place of the project's own."""
    monkeypatch.setattr(presets, "FOLDER", tmp_path)
    shipped_presets.cache_clear()
    yield tmp_path
    shipped_presets.cache_clear()


def test_a_preset_fits_its_data_and_every_setting_in_it_does_something(preset: Preset) -> None:
    info = datasets.info(preset.config.data)
    assert misfit(preset.config, info) is None
    assert preset.settings.keys().isdisjoint(no_effect(preset.config, info))
    changed = preset.config.differences(ExperimentConfig())
    assert preset.settings.keys() == changed.keys() | {"dataset"}


def test_a_preset_says_what_it_is_and_where_its_figures_come_from(preset: Preset) -> None:
    assert preset.title
    assert preset.description.endswith(".")
    assert (preset.duration_seconds is None) == (preset.expected is None) == (not preset.hardware)
    truth = datasets.info(preset.config.data).has_truth
    for figure in filter(None, (preset.expected, preset.published)):
        assert figure.figure == ("kl_nats" if truth else "nll_nats")
        assert figure.text in preset.outlook


def test_what_the_paper_reports_stands_in_the_table_of_published_figures(preset: Preset) -> None:
    reported = {(row.dataset, value) for row in PUBLISHED for value in (row.single, row.mixture)}
    if preset.published:
        assert (preset.config.data.dataset, preset.published.value) in reported


def test_a_preset_is_known_again_from_its_link_and_its_run_folder(preset: Preset, folder) -> None:
    config, corrections = ExperimentConfig.from_query(preset.config.to_query())
    assert corrections == []
    assert preset_of(config) is preset
    assert preset_of(runs.create(preset.config).config) is preset


def test_a_preset_is_known_by_everything_but_seed_and_device(preset: Preset) -> None:
    config = preset.config
    assert preset_of(config.replace(seed=7, device="cuda:1")) is preset
    for change in ({"epochs": 2}, {"data_seed": 7}, {"mask_seed": 7}, {"activation": "elu"}):
        assert preset_of(config.replace(**change)) is None
    assert preset_of(ExperimentConfig()) is None


def test_a_shipped_run_of_a_preset_has_reached_what_is_expected_of_it() -> None:
    reached = 0
    for path in CHECKPOINTS.glob("shipped-*"):
        run = Run(path.name, path)
        found = preset_of(run.config)
        if found and found.expected:
            reached += 1
            digits = pytest.approx(found.expected.value, rel=1e-3, abs=found.expected.tolerance)
            assert run.result[found.expected.figure] == digits
    assert reached


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    known = ", ".join(load_presets())
    with pytest.raises(MadeError, match=f"no preset 'nope': choose one of {known}"):
        find_preset("nope")


@pytest.mark.parametrize("text", ["{", "[]", '{"title": "No settings"}', '{"colour": "red"}'])
def test_a_broken_file_is_named(known: Path, text: str) -> None:
    (known / "odd.json").write_text(text)
    with pytest.raises(MadeError, match=r"odd\.json"):
        load_presets()


def test_what_was_not_measured_is_not_promised(known: Path) -> None:
    content = {"title": "Mine", "description": "Mine.", "settings": {"dataset": "rings"}}
    (known / "mine.json").write_text(json.dumps(content))
    mine = load_presets()["mine"]
    assert mine.outlook == "Not measured yet"
    spread = {"figure": "kl_nats", "value": 0.02277, "tolerance": 0.001}
    content |= {"expected": spread, "duration_seconds": 89, "hardware": "1 core"}
    (known / "mine.json").write_text(json.dumps(content))
    shipped_presets.cache_clear()
    assert load_presets()["mine"].outlook == (
        "Expected exact KL 0.02277 ± 0.001 nats · about 89 s on 1 core"
    )


def test_the_list_names_every_preset(capsys: pytest.CaptureFixture) -> None:
    assert main(["presets"]) == 0
    listed = capsys.readouterr().out
    assert main(["presets", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    assert rows.keys() == load_presets().keys()
    for name, row in rows.items():
        assert ExperimentConfig.from_flat(row["settings"]) == load_presets()[name].config
        assert f"{name} " in listed
        assert not row["expected"] or load_presets()[name].expected.text in listed


@pytest.mark.usefixtures("no_worker")
def test_flags_go_before_a_preset(capsys) -> None:
    start = ["train", "--preset", "digits8", "--detach", "--json"]
    assert main([*start, "--epochs", "3"]) == 0
    assert "preset" not in json.loads(capsys.readouterr().out)
    assert main([*start, "--seed", "3"]) == 0
    expected = find_preset("digits8").expected.text
    assert json.loads(capsys.readouterr().out)["expected"] == expected
    preset = find_preset("digits8").config
    configs = [run.config for run in runs.list_runs()]
    assert sorted(configs, key=lambda config: config.training.seed) == [
        preset.replace(epochs=3),
        preset.replace(seed=3),
    ]
    assert main(["runs", "--json"]) == 0
    listed = [row["preset"] for row in json.loads(capsys.readouterr().out)]
    assert sorted(listed, key=str) == [None, "digits8"]


def test_a_preset_is_trained_from_python(folder) -> None:
    loaded = made.train(preset="digits8", **SMALL)
    preset = find_preset("digits8").config
    assert loaded.config == preset.replace(hidden_sizes=(8,), epochs=1)
    with pytest.raises(MadeError, match="not both"):
        made.train(preset="digits8", config=preset)


def test_the_line_of_a_run_names_its_preset(preset: Preset) -> None:
    line = run_views.details_line(preset.config)
    assert f"preset {preset.name}" in line
    assert ("expected" in line) == (preset.expected is not None)
    assert "preset" not in run_views.details_line(ExperimentConfig())
