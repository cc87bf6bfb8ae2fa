"""The runs that come with the dashboard are what they are said to be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from made import runs
from made.base import places
from made.base.errors import MadeError
from made.runs import jobs, worker
from made.runs.folder import Run
from made.setups.config import ExperimentConfig
from made.views.run_views import figure_line, reference

CHECKPOINTS = Path(__file__).resolve().parents[2] / "checkpoints"
NAMES = sorted(path.name for path in CHECKPOINTS.glob("shipped-*"))
OF_STUDIES = [path.parent.name for path in sorted(CHECKPOINTS.glob("studies/*/*/config.json"))]


@pytest.fixture(autouse=True)
def shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MADE_RUNS_DIR", raising=False)


def test_all_that_ships_takes_less_than_30_megabytes() -> None:
    homes = [CHECKPOINTS / name for name in (*NAMES, "studies")]
    files = [path for home in homes for path in home.rglob("*") if path.is_file()]
    assert 0 < sum(path.stat().st_size for path in files) <= 30e6


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_run_is_finished_and_has_all_that_is_shown(name: str) -> None:
    run = Run.open(name)
    assert run.state == "finished"
    assert len(run.losses()) == run.result["steps"] == run.status().step
    assert run.result["best_epoch"] in run.sample_epochs()
    assert reference(run).rows is not None
    assert ExperimentConfig.model_validate_json((run.path / "config.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_a_shipped_run_has_its_test_row_by_row(name: str) -> None:
    run = Run.open(name)
    log_probs, result = run.test_log_probs(), run.result
    assert -log_probs.mean(dtype=np.float64) == pytest.approx(result["nll_nats"], rel=1e-6)
    error = log_probs.std(ddof=1, dtype=np.float64) / np.sqrt(result["num_examples"])
    assert result["nll_standard_error"] == pytest.approx(error, rel=1e-5)


def test_the_shipped_digits_are_shown_with_their_error() -> None:
    assert figure_line(Run.open("shipped-binarized-mnist")).startswith(
        "Test NLL **88.92 ± 0.23 nats** · 0.16364 ± 0.00042 bits/dim"
    )


def test_shipped_status_files_name_no_machine() -> None:
    for name in (*NAMES, *OF_STUDIES):
        status = json.loads((Run.open(name).path / "status.json").read_text())
        assert status["pid"] is None


@pytest.mark.parametrize("where", ["MADE_RUNS_DIR", "a checkout", "the user's data"])
def test_shipped_runs_are_seen_wherever_runs_live(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    if where == "MADE_RUNS_DIR":
        monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path / "runs"))
    elif where == "the user's data":
        installed = tmp_path / "made"
        shutil.copytree(CHECKPOINTS, installed / "shipped")
        monkeypatch.setattr(places, "PACKAGE", installed)
        monkeypatch.setattr(places, "PROJECT", tmp_path)
        monkeypatch.setattr(places.platformdirs, "user_data_dir", lambda name: tmp_path / name)
    seen = [run.id for run in runs.list_runs() if run.is_shipped]
    assert seen == [*NAMES, *OF_STUDIES]
    assert all(Run.open(name).state == "finished" for name in seen)


def test_an_own_folder_goes_before_the_shipped_one(folder: Path, nothing_shipped: Path) -> None:
    shutil.copytree(CHECKPOINTS / NAMES[0], nothing_shipped / NAMES[0])
    assert Run.open(NAMES[0]).path.parent == nothing_shipped
    shutil.copytree(CHECKPOINTS / NAMES[0], folder / NAMES[0])
    assert [run.path.parent for run in runs.list_runs()] == [folder]


def test_nothing_is_written_beside_a_shipped_run(folder: Path, nothing_shipped: Path) -> None:
    shutil.copytree(CHECKPOINTS / NAMES[0], nothing_shipped / NAMES[0])
    before = sorted(path.name for path in (nothing_shipped / NAMES[0]).iterdir())
    run = Run.open(NAMES[0])
    for ask in (worker.execute, jobs.resume, runs.delete, lambda run: runs.rename(run, "mine")):
        with pytest.raises(MadeError, match="ships with the project"):
            ask(run)
    assert sorted(path.name for path in run.path.iterdir()) == before
