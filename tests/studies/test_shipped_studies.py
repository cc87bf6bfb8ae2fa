"""The studies that come with the dashboard: complete, as measured, and told as they should be."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from made.density.likelihood import kl_divergence
from made.runs.folder import Run
from made.runs.loading import load_run
from made.studies import folder
from made.studies.folder import StoredStudy
from made.studies.study import comparable
from made.views.run_views import reference
from made.views.story import Story, tell

IDS = ("shipped-rings", "shipped-turing")
BY_WEIGHTS = 2e-4  # nats by which weights in half precision may move a KL
BY_LEVELS = 1e-3  # and densities in levels, most of it where there is next to no mass


@pytest.fixture(autouse=True)
def shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MADE_RUNS_DIR", raising=False)


@cache
def story(id: str) -> Story:
    stored = StoredStudy.open(id)
    return tell(stored.runs(), stored.study.fields)


def test_two_studies_ship() -> None:
    assert tuple(one.id for one in folder.list_studies() if one.is_shipped) == IDS


@pytest.mark.parametrize("id", IDS)
def test_the_runs_of_a_shipped_study_are_those_of_its_definition(id: str) -> None:
    stored = StoredStudy.open(id)
    found = stored.runs()
    assert [run.id for run in found] == list(stored.run_ids)
    wanted = {
        comparable(config): stored.study.label(cell.values, seed)
        for cell in stored.study.cells()
        for seed, config in cell.configs.items()
    }
    assert all(wanted[comparable(run.config)] == run.label for run in found)


@pytest.mark.parametrize("id", IDS)
def test_a_shipped_run_of_a_study_has_all_that_is_shown_without_the_data(id: str) -> None:
    for run in StoredStudy.open(id).runs():
        result = run.result
        assert run.state == "finished"
        assert len(run.losses()) == result["steps"] == run.status().step
        assert {result["best_epoch"], result["epochs"]} <= set(run.sample_epochs())
        assert result["nll_standard_error"] > 0
        assert reference(run).joint is not None


@pytest.mark.parametrize("id", IDS)
def test_the_figures_of_a_shipped_study_are_those_of_its_pictures(id: str) -> None:
    for run in StoredStudy.open(id).runs():
        truth = reference(run).joint.astype(np.float64)
        for record in (run.best_epoch, run.epochs()[-1]):
            with np.errstate(divide="ignore"):
                density = np.log(run.samples(record["epoch"])["density"].astype(np.float64))
            found = kl_divergence(truth / truth.sum(), density)
            assert found == pytest.approx(record["kl_nats"], abs=BY_LEVELS, rel=5e-3)


@pytest.mark.parametrize("id", IDS)
def test_the_figures_of_a_shipped_study_are_those_of_its_weights(id: str) -> None:
    runs = [run for run in StoredStudy.open(id).runs() if run.checkpoints()]
    assert len(runs) == 18
    for run in runs:
        truth = reference(run).joint.astype(np.float64)
        log_model = load_run(run).model.log_joint()
        found = kl_divergence(truth / truth.sum(), log_model)
        assert found == pytest.approx(run.result["kl_nats"], abs=BY_WEIGHTS)


def test_the_log_probabilities_that_ship_are_those_of_the_figures() -> None:
    kept = [run for id in IDS for run in StoredStudy.open(id).runs() if has_log_probs(run)]
    assert {StoredStudy.open(id).runs()[0] for id in IDS} <= set(kept)
    for run in kept:
        log_probs, result = run.test_log_probs(), run.result
        assert -log_probs.mean(dtype=np.float64) == pytest.approx(result["nll_nats"], rel=1e-6)


def has_log_probs(run: Run) -> bool:
    return (run.path / "test_log_probs.npy").is_file()


def test_the_rings_are_told_by_fourier_features_and_smeared_by_the_plain_integer() -> None:
    found = story("shipped-rings")
    figures = {cell.name: str(cell.figure) for cell in found.grid.ranked()}
    assert figures == {
        "Fourier": "0.0656 ± 0.0018",
        "Embedding": "0.10153 ± 0.00093",
        "Bits": "0.1093 ± 0.0014",
        "One-hot": "0.1166 ± 0.0029",
        "Normalized": "0.3111 ± 0.0047",
        "Raw": "0.3479 ± 0.0021",
    }
    assert [cell.name for cell in found.verdict.sure] == ["Fourier"]


def test_the_portrait_is_told_by_how_many_samples_each_encoding_needs() -> None:
    found = story("shipped-turing")
    cells = {cell.name: cell for cell in found.grid.cells}
    bound = found.known.above_entropy(found.known.independence)
    numbers = ("10,000", "100,000", "1,000,000", "10,000,000")
    assert found.grid.rows == tuple(f"{number} samples" for number in numbers)
    few, _more, many, most = (found.grid.row(row) for row in range(4))
    assert all(cell.figure.value > bound for cell in few)
    assert all(cell.figure.value < bound for cell in (*many, *most))
    assert found.grid.best(1).name == "Fourier, 100,000 samples"
    assert found.grid.best(2).name == "Fourier, 1,000,000 samples"
    assert found.grid.best(3).name == "Fourier, 10,000,000 samples"
    assert [
        cell.name.split(",")[0] for cell in sorted(most, key=lambda cell: cell.figure.value)
    ] == [
        "Fourier",
        "Bits",
        "Embedding",
        "One-hot",
        "Normalized",
        "Raw",
    ]
    one_hot = cells["One-hot, 100,000 samples"]
    assert one_hot in found.verdict.memorised
    assert one_hot.best_epochs == (1, 1, 1)
    assert one_hot.figure.value > bound
    assert one_hot.last.value > 4 * one_hot.figure.value
    assert {len(cell.readings) for cell in found.grid.cells} == {3}
