"""The verdict says what the figures say, by rules, and never more."""

from __future__ import annotations

from pathlib import Path

import pytest
from told_runs import ENTROPY, grid_of, told_run, told_seeds

from made.datasets import info
from made.studies.grid import Grid
from made.studies.known import Known, what_is_known
from made.studies.verdict import Verdict, plain_text, verdict

KNOWN = Known(entropy=ENTROPY, independence=ENTROPY + 0.5, uniform=ENTROPY + 0.8)


@pytest.fixture(autouse=True)
def folder(no_worker: None, tmp_path: Path) -> Path:
    return tmp_path


def said(grid: Grid, known: Known = KNOWN) -> tuple[str, str, Verdict]:
    found = verdict(grid, known)
    return plain_text(found.headline), " ".join(map(plain_text, found.details)), found


def test_the_best_leads_by_a_difference_with_its_error() -> None:
    headline, _, found = said(
        grid_of(
            told_seeds([0.10, 0.11, 0.12], encoding="fourier"),
            told_seeds([0.20, 0.22, 0.21], encoding="bits"),
        )
    )
    assert headline.startswith("Fourier is best: KL to the truth 0.1100 ± 0.0058 nats, 0.1000 ±")
    assert headline.endswith("ahead of Bits.")
    assert found.winners == found.sure


def test_what_the_seeds_do_not_separate_is_not_ranked() -> None:
    headline, _, found = said(
        grid_of(
            told_seeds([0.10, 0.14, 0.12], encoding="fourier"),
            told_seeds([0.13, 0.11, 0.15], encoding="bits"),
        )
    )
    assert headline.startswith("Fourier and Bits are not told apart")
    assert found.sure == ()


def test_one_seed_gives_an_order_and_says_that_it_may_be_chance() -> None:
    headline, _, found = said(
        grid_of(told_seeds([0.1], encoding="fourier"), told_seeds([0.4], encoding="bits"))
    )
    assert "one seed cannot tell" in headline
    assert found.sure == ()


def test_neighbours_behind_the_best_that_are_level_are_named() -> None:
    _, details, _ = said(
        grid_of(
            told_seeds([0.01, 0.01, 0.01], encoding="fourier"),
            told_seeds([0.10, 0.14, 0.12], encoding="bits"),
            told_seeds([0.13, 0.11, 0.15], encoding="one-hot"),
        )
    )
    assert "Not told apart: Bits and One-hot (0.010 ±" in details
    assert "at least 12 times as far from the truth" in details


def test_what_independence_would_beat_is_named_and_worse_than_uniform_is_said_so() -> None:
    good = told_seeds([0.1, 0.11], encoding="fourier")
    _, details, _ = said(grid_of(good, told_seeds([0.6, 0.61], encoding="raw")))
    assert "Raw is no better than independence (0.5" in details
    _, details, _ = said(grid_of(good, told_seeds([0.9, 0.91], encoding="raw")))
    assert "Raw is no better than the uniform (0.8" in details
    _, details, _ = said(grid_of(good, told_seeds([0.4, 0.41], encoding="raw")))
    assert "independence" not in details


MEMORISING = [0.4, 0.2, 0.3, 0.5, 0.7, 0.9], [2.5, 2.2, 2.0, 1.8, 1.6, 1.4]


def test_who_learns_the_samples_by_heart_is_named_with_what_shows_it() -> None:
    known = Known(entropy=ENTROPY, num_states=16, num_train=(32,))
    _, details, found = said(
        grid_of(told_seeds([0.1], encoding="fourier"), [told_run(*MEMORISING, encoding="one-hot")]),
        known,
    )
    assert "One-hot memorises its samples, 2.0 a state: best at epoch 2 of 6, 0.2000; by" in details
    assert "the last 0.9000" in details
    assert "below the entropy" in details
    assert [cell.name for cell in found.memorised] == ["One-hot"]


@pytest.mark.parametrize(
    "curves",
    [
        ([0.9, 0.7, 0.5, 0.3, 0.2, 0.9], MEMORISING[1]),  # best late
        (MEMORISING[0], [2.5, 2.4, 2.35, 2.3, 2.25, 2.2]),  # training never below the entropy
        ([0.4, 0.2, 0.2, 0.2, 0.2, 0.21], MEMORISING[1]),  # hardly rising
    ],
    ids=["late", "above the entropy", "level"],
)
def test_a_curve_that_only_looks_like_it_is_not_called_so(curves) -> None:
    _, details, found = said(
        grid_of(told_seeds([0.1], encoding="fourier"), [told_run(*curves, encoding="one-hot")])
    )
    assert "memorises" not in details
    assert found.memorised == ()


def test_rows_of_a_matrix_have_their_own_winners() -> None:
    seeds = [0.0, 0.001, 0.002]
    grid = grid_of(
        *(
            told_seeds([value + seed for seed in seeds], encoding=encoding, num_samples=number)
            for encoding, number, value in (
                ("fourier", 1_000, 0.1),
                ("one-hot", 1_000, 0.7),
                ("fourier", 10_000, 0.1),
                ("one-hot", 10_000, 0.3),
                ("fourier", 100_000, 0.1),
                ("one-hot", 100_000, 0.05),
            )
        )
    )
    headline, details, found = said(grid)
    assert headline == (
        "Best: Fourier at 1,000 samples and 10,000 samples and One-hot at 100,000 samples."
    )
    assert "One-hot, 1,000 samples is no better than independence" in details
    assert [cell.row for cell in found.winners] == [0, 1, 2]


def test_a_row_that_nothing_beats_independence_in_is_said_as_one() -> None:
    grid = grid_of(
        *(
            told_seeds([value, value + 0.01], encoding=encoding, num_samples=number)
            for encoding in ("fourier", "raw")
            for number, value in ((1_000, 0.6), (10_000, 0.1))
        )
    )
    assert "At 1,000 samples none beats independence (0.5" in said(grid)[1]


def test_runs_under_way_are_counted() -> None:
    _, details, _ = said(
        grid_of(
            told_seeds([0.1], encoding="fourier"),
            [told_run([0.3], state="queued", encoding="raw")],
        )
    )
    assert "still train" not in details, "no process has it: it is interrupted"


def test_nothing_is_said_before_there_is_a_figure() -> None:
    headline, details, found = said(grid_of([told_run([], state="queued")]))
    assert (headline, details, found.winners) == ("No run has a figure yet.", "", ())


def test_what_is_known_of_the_data_comes_row_by_row() -> None:
    grid = grid_of(
        *(
            told_seeds([0.1], encoding=encoding, num_samples=number)
            for encoding in ("fourier", "raw")
            for number in (1_000, 10_000)
        )
    )
    known = what_is_known(grid, 2.0, 2.5, info(grid.readings[0].config.data))
    assert known.num_states == 16
    assert known.num_train == (800, 8_000)
    assert known.above_entropy(known.independence) == 0.5


def test_a_row_in_which_nobody_leads_has_no_winner() -> None:
    level = [[0.10, 0.14, 0.12], [0.13, 0.11, 0.12], [0.12, 0.10, 0.14]]
    ahead = [[0.01, 0.011, 0.012], [0.20, 0.21, 0.22], [0.30, 0.31, 0.32]]
    grid = grid_of(
        *(
            told_seeds(values, encoding=encoding, num_samples=number)
            for number, rows in ((1_000, level), (10_000, ahead))
            for encoding, values in zip(("fourier", "bits", "raw"), rows, strict=True)
        )
    )
    headline, _, found = said(grid)
    assert headline == "Fourier is best at 10,000 samples."
    assert [cell.row for cell in found.winners] == [1]
