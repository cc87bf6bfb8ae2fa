"""What a page says and shows of a run, from its folder alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from made import library, runs
from made.runs.folder import Run
from made.runs.records import Status
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig
from made.views import run_views

SMALL = {"hidden_sizes": (8,), "progress": False}


@pytest.fixture(autouse=True)
def runs_here(tmp_path: Path, nothing_shipped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))


def test_a_joint_is_shown_as_truth_density_and_samples() -> None:
    run = library.train("rings", grid_size=12, num_samples=1000, epochs=2, **SMALL).run
    titles = [picture.title for picture in run_views.pictures(run)]
    best = run.result["best_epoch"]
    assert titles == [
        "Data: true joint",
        f"Model: exact density after epoch {best}",
        "Model: 800 samples",
    ]
    assert all(picture.alt for picture in run_views.pictures(run))


def test_the_curve_has_a_point_an_epoch_and_the_lines_of_the_truth() -> None:
    run = library.train("rings", grid_size=12, num_samples=1000, epochs=2, **SMALL).run
    curve = run_views.curve(run)
    assert len(curve.validation_nll) == 3
    assert curve.steps[0] == 0
    assert len(curve.losses) == curve.steps[-1] == run.result["steps"]
    assert curve.reference.entropy < curve.reference.independence
    assert f"step {curve.steps[curve.best]:,}" in curve.alt()


def test_a_plain_autoencoder_is_called_what_it_is() -> None:
    run = library.train("digits8", autoregressive=False, epochs=1, **SMALL).run
    originals, copies = run_views.pictures(run)
    assert originals.title == "Validation rows"
    assert "no samples" in copies.title
    assert "no likelihood" in run_views.figure_line(run)
    assert "econstruction" in run_views.curve(run).unit_label


def test_a_run_on_a_deleted_upload_is_still_shown() -> None:
    config = ExperimentConfig().replace(dataset="upload-0123456789abcdef")
    run = runs.create(config)
    RunWriter(run).write_samples(0, {"samples": np.eye(6, dtype=np.uint8)})
    (picture,) = run_views.pictures(run)
    assert picture.title == "Samples after epoch 0"


@pytest.mark.parametrize(
    ("state", "engine"), [("queued", ""), ("starting", ""), ("training", "x"), ("failed", "x")]
)
def test_the_engine_path_of_an_earlier_try_is_not_shown_before_the_next(state, engine) -> None:
    assert run_views.engine_line(Status(state=state, engine="x")) == engine


def test_a_finished_run_shows_its_best_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    run = library.train("digits8", epochs=3, **SMALL).run
    monkeypatch.setattr(Run, "result", {"best_epoch": 1})
    assert run_views.shown_epoch(run) == 1
    monkeypatch.setattr(Run, "result", None)
    assert run_views.shown_epoch(run) == 3


def test_a_run_of_200_000_steps_is_drawn_with_a_thousand_points() -> None:
    run = runs.create(ExperimentConfig())
    RunWriter(run).append_losses(np.linspace(9, 5, 200_000, dtype=np.float32))
    curve = run_views.curve(run)
    assert len(curve.losses) == 200_000
    for series in curve.option()["series"]:
        assert len(series["x"]) <= 1000
    assert curve.option()["view"]["x"] == [0, 200_000]
    assert "200,000 minibatches" in curve.alt()
