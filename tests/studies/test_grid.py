"""What was varied is found, seeds are one cell, and differences know their errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from told_runs import grid_of, told_run, told_seeds

from made.runs.folder import Run
from made.studies.errors import Mean, mean_of, paired
from made.studies.grid import difference, make_grid
from made.studies.readings import KL, NLL, RECONSTRUCTION, measure_of, read


@pytest.fixture(autouse=True)
def folder(no_worker: None, tmp_path: Path) -> Path:
    return tmp_path


def test_runs_that_differ_in_seeds_alone_are_one_cell_with_their_mean_and_error() -> None:
    grid = grid_of(told_seeds([0.1, 0.2, 0.3]))
    (cell,) = grid.cells
    assert cell.figure == mean_of([0.1, 0.2, 0.3])
    assert grid.num_seeds == 3
    assert cell.at(1) == mean_of([0.2, 0.4, 0.6])
    assert cell.best_epochs == (2, 2, 2)


def test_one_varied_setting_makes_a_row_with_the_best_first() -> None:
    grid = grid_of(
        told_seeds([0.3, 0.31], encoding="raw"),
        told_seeds([0.1, 0.11], encoding="fourier"),
        told_seeds([0.2, 0.21], encoding="one-hot"),
    )
    assert grid.axes == ("encoding",)
    assert grid.columns == ("Fourier", "One-hot", "Raw")
    assert grid.best() is grid.cells[0]


def test_numbers_stand_in_their_order_whoever_is_best() -> None:
    grid = grid_of(*(told_seeds([1 / size], batch_size=size) for size in (50, 8, 200)))
    assert grid.axes == ("batch_size",)
    assert grid.columns == ("8", "50", "200")


def test_two_varied_settings_make_a_matrix_with_the_numbers_downwards() -> None:
    grid = grid_of(
        *(
            told_seeds([0.1, 0.2], encoding=encoding, num_samples=number)
            for encoding in ("raw", "bits", "one-hot")
            for number in (10_000, 1_000)
        )
    )
    assert grid.axes == ("encoding", "num_samples")
    assert grid.columns == ("Raw", "One-hot", "Bits")  # as the registry has them
    assert grid.rows == ("1,000 samples", "10,000 samples")
    assert [(cell.row, cell.column) for cell in grid.cells] == [
        (r, c) for r in (0, 1) for c in (0, 1, 2)
    ]


def test_a_setting_that_follows_another_is_no_axis() -> None:
    """Epochs that were chosen for each number of samples tell nothing apart that it does not."""
    grid = grid_of(
        *(
            told_seeds([0.1], encoding=encoding, num_samples=number, epochs=epochs)
            for encoding in ("raw", "bits")
            for number, epochs in ((1_000, 9), (10_000, 5), (100_000, 3))
        )
    )
    assert grid.axes == ("encoding", "num_samples")


def test_more_than_two_settings_make_a_row_of_names() -> None:
    grid = grid_of(
        told_seeds([0.1]),
        told_seeds([0.2], encoding="raw"),
        told_seeds([0.3], batch_size=7),
        told_seeds([0.4], dropout=0.5),
    )
    assert grid.axes == ()
    assert len(set(grid.columns)) == 4
    assert any("dropout 0.5" in name for name in grid.columns)


def test_settings_without_effect_make_no_difference() -> None:
    """In two dimensions all connectivities are the same."""
    grid = grid_of(told_seeds([0.1, 0.2]), told_seeds([0.3], num_connectivities=8))
    assert len(grid.cells) == 1


def test_a_difference_goes_seed_by_seed_where_the_seeds_are_the_same() -> None:
    grid = grid_of(
        told_seeds([0.10, 0.20, 0.30], encoding="raw"),
        told_seeds([0.11, 0.22, 0.33], encoding="bits"),
    )
    raw, bits = grid.cells
    found = difference(bits, raw)
    assert found is not None
    assert found.value == pytest.approx(0.02)
    assert found.error == pytest.approx(mean_of([0.01, 0.02, 0.03]).error)


def test_a_difference_of_other_seeds_adds_the_errors_up() -> None:
    grid = grid_of(
        told_seeds([0.1, 0.3], encoding="raw"),
        [
            told_run([0.6, 0.5], encoding="bits", seed=7),
            told_run([0.8, 0.7], encoding="bits", seed=8),
        ],
    )
    raw, bits = grid.cells
    found = difference(bits, raw)
    assert found is not None
    assert found.error == pytest.approx(np.hypot(0.1, 0.1))


def test_exact_figures_of_single_runs_have_no_error() -> None:
    grid = grid_of(told_seeds([0.1], encoding="raw"), told_seeds([0.2], encoding="bits"))
    assert difference(grid.cells[1], grid.cells[0]) == Mean(pytest.approx(0.1), None, 1)


def test_single_runs_on_one_test_split_are_compared_example_by_example() -> None:
    rows = np.random.default_rng(0).normal(-9, 3, (2, 100)).astype(np.float32)
    made = [told_run([0.2, 0.1], dataset="digits8", encoding=name) for name in ("raw", "one-hot")]
    for run, values in zip(made, rows, strict=True):
        np.save(run.path / "test_log_probs.npy", values)
        without_truth(run)
    first, second = grid_of(made).cells
    found = difference(first, second)
    assert found is not None
    by_run = [first.readings[0].run.test_log_probs(), second.readings[0].run.test_log_probs()]
    assert found == paired(*by_run)
    assert found.error


def without_truth(run: Run) -> None:
    """As data leave a run whose joint is not known."""
    text = (run.path / "epochs.jsonl").read_text().replace("kl_nats", "other")
    (run.path / "epochs.jsonl").write_text(text)
    result = (run.path / "result.json").read_text().replace("kl_nats", "other")
    (run.path / "result.json").write_text(result)


def test_cells_are_judged_by_the_exact_kl_where_all_have_one() -> None:
    known, unknown = told_run([0.2, 0.1]), told_run([0.2, 0.1], seed=1)
    plain = told_run([0.2, 0.1], autoregressive=False)
    without_truth(unknown)
    assert measure_of([read(known)]) is KL
    assert measure_of([read(known), read(unknown)]) is NLL
    assert measure_of([read(known), read(plain)]) is RECONSTRUCTION


def test_axes_that_are_known_go_before_those_that_are_found() -> None:
    made = [
        *told_seeds([0.1], encoding="raw", batch_size=8),
        *told_seeds([0.2], encoding="bits", batch_size=9),
    ]
    readings = [read(run) for run in made]
    assert make_grid(readings).axes == ("encoding",)
    assert make_grid(readings, ["batch_size"]).axes == ("batch_size",)


def test_a_run_that_has_not_begun_has_a_place_and_no_figure() -> None:
    grid = grid_of(
        told_seeds([0.1], encoding="raw"), [told_run([], state="queued", encoding="bits")]
    )
    assert [cell.figure is None for cell in grid.cells] == [False, True]
    assert grid.cells[1].at(3) is None
