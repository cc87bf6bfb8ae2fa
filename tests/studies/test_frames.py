"""The results of a study as data frames: tidy, in order, with their errors over the seeds."""

from __future__ import annotations

import math

import pytest
from compared_runs import RINGS, make_run

from made.base.files import to_json
from made.runs.writer import RunWriter
from made.studies import folder
from made.studies.frames import Results, table
from made.studies.study import Study

pytestmark = pytest.mark.usefixtures("folder")
KL = {("raw", 0): 0.3, ("raw", 1): 0.5, ("bits", 0): 0.1, ("bits", 1): 0.1}


def make_results(seeds=(0, 1), **vary) -> Results:
    study = Study.make("a study", RINGS, vary or {"encoding": ("raw", "bits")}, seeds, "both")
    ids = []
    for cell in reversed(study.cells()):
        for seed, config in cell.configs.items():
            run = make_run(**_changed(config))
            kl = KL.get((cell.values[0], seed), 0.2)
            figures = {"nll_nats": 3.0, "kl_nats": kl, "nll_standard_error": 0.05}
            figures |= {"best_epoch": 1 + seed, "training_seconds": 4.0}
            RunWriter(run).write("result.json", to_json(figures).encode())
            ids.append(run.id)
    return Results(folder.create(study, taken=ids))


def _changed(config) -> dict:
    return {name: mine for name, (mine, _) in config.differences(RINGS).items()}


def test_a_row_a_run_in_the_order_of_the_study() -> None:
    frame = make_results().runs
    assert list(frame["encoding"]) == ["raw", "raw", "bits", "bits"]
    assert list(frame["data_seed"]) == [0, 1, 0, 1]
    assert list(frame["kl_nats"]) == [0.3, 0.5, 0.1, 0.1]
    assert list(frame["best_epoch"]) == [1, 2, 1, 2]
    assert set(frame["state"]) == {"finished"}
    assert "reconstruction_nats" not in frame
    assert frame["id"].is_unique


def test_the_summary_has_mean_and_standard_error_over_the_seeds() -> None:
    summary = make_results().summary
    assert list(summary["encoding"]) == ["raw", "bits"]
    assert list(summary["num_runs"]) == [2, 2]
    assert list(summary["kl_nats"]) == pytest.approx([0.4, 0.1])
    assert list(summary["kl_nats_standard_error"]) == pytest.approx([0.1, 0.0])
    assert list(summary["best_epoch"]) == [1.5, 1.5]


def test_a_single_run_has_the_error_over_its_test_examples_and_no_other() -> None:
    summary = make_results(seeds=(0,)).summary
    assert list(summary["nll_nats_standard_error"]) == [0.05, 0.05]
    assert all(math.isnan(error) for error in summary["kl_nats_standard_error"].astype(float))


def test_values_that_are_lists_stay_lists_and_are_cells_of_their_own() -> None:
    summary = make_results(hidden_sizes=((4, 4), (8,))).summary
    assert list(summary["hidden_sizes"]) == [(4, 4), (8,)]


def test_a_study_that_has_not_begun_has_empty_frames() -> None:
    study = Study.make("a study", RINGS, {"encoding": ("raw", "bits")})
    results = Results(folder.create(study))
    assert results.runs.empty
    assert results.summary.empty
    assert table(study, results.summary) == (["Input encoding", "runs"], [])


def test_the_table_says_mean_and_error_in_as_many_decimals_as_they_need() -> None:
    results = make_results()
    heads, lines = table(results.stored.study, results.summary)
    raw = dict(zip(heads, lines[0], strict=True))
    assert raw["Input encoding"] == "raw"
    assert raw["runs"] == "2"
    assert raw["exact KL (nats)"] == "0.40 ± 0.10"
    assert raw["best epoch"] == "1.5"
    assert raw["time (s)"] == "4"
