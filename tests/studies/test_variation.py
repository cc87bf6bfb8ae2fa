"""Smears and specks are told from the truth, and studies that disagree from those that agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from told_runs import ENTROPY, grid_of, told_run, told_seeds

from made.runs.writer import RunWriter
from made.studies.disagreement import opposite
from made.studies.grid import Grid
from made.studies.known import Known
from made.studies.variation import total_variation, variation
from made.studies.verdict import plain_text, verdict

CHECKS = np.indices((4, 4)).sum(axis=0) % 2 / 8
FLAT = np.full((4, 4), 1 / 16)


@pytest.fixture(autouse=True)
def folder(no_worker: None, tmp_path: Path) -> Path:
    return tmp_path


def drawn(grid: Grid, densities: dict[str, np.ndarray]) -> Grid:
    """The same grid, whose cells have kept these densities of their last epoch."""
    for cell in grid.cells:
        for reading in cell.readings:
            density = densities[cell.name].astype(np.float32)
            RunWriter(reading.run).write_samples(reading.num_epochs, {"density": density})
    return grid


def test_a_flat_density_does_not_vary_and_checks_vary_most() -> None:
    assert total_variation(FLAT) == 0
    assert total_variation(CHECKS) == pytest.approx(24 / 8)
    assert total_variation((CHECKS + FLAT) / 2) == pytest.approx(12 / 8)


def test_who_smears_is_named_with_how_much_it_changes() -> None:
    grid = grid_of(
        told_seeds([0.10, 0.11, 0.12], encoding="fourier"),
        told_seeds([0.50, 0.51, 0.52], encoding="raw"),
    )
    drawn(grid, {"Fourier": CHECKS, "Raw": (CHECKS + FLAT) / 2})
    known = Known(entropy=ENTROPY, variation=total_variation(CHECKS))
    said = " ".join(map(plain_text, verdict(grid, known).details))
    assert said.startswith(
        "Raw is at least 4 times as far from the truth; it smears: its density changes 0.5 times "
        "as much from state to state."
    )
    drawn(grid, {"Fourier": CHECKS, "Raw": CHECKS})
    assert "smears" not in " ".join(map(plain_text, verdict(grid, known).details))


def test_who_memorises_is_said_to_be_rough_where_it_is() -> None:
    run = told_run([0.2, 0.5, 0.9], [2.1, 1.8, 1.5], encoding="one-hot")
    grid = drawn(grid_of([run]), {"told": CHECKS})
    known = Known(entropy=ENTROPY, variation=total_variation(CHECKS) / 4)
    assert variation(grid.cells[0], "last") == pytest.approx(total_variation(CHECKS))
    said = " ".join(map(plain_text, verdict(grid, known).details))
    assert "its density 4.0 times as rough as the truth" in said


def two(first: float, second: float, **values) -> Grid:
    seeds = (0.0, 0.001, 0.002)
    return grid_of(
        told_seeds([first + seed for seed in seeds], encoding="one-hot", **values),
        told_seeds([second + seed for seed in seeds], encoding="normalized", **values),
    )


def test_two_studies_that_tell_the_same_two_apart_the_other_way_round_disagree() -> None:
    said = opposite(two(0.1, 0.3), two(0.4, 0.2, dataset="spiral"), "Spirals")
    assert said is not None
    assert plain_text(said) == (
        "Not so everywhere: in “Spirals”, Normalized is better than One-hot."
    )


def test_studies_that_agree_or_cannot_tell_do_not_disagree() -> None:
    here = two(0.1, 0.3)
    assert opposite(here, two(0.2, 0.4, dataset="spiral"), "Spirals") is None
    level = grid_of(
        told_seeds([0.20, 0.23, 0.22], encoding="one-hot", dataset="spiral"),
        told_seeds([0.21, 0.20, 0.23], encoding="normalized", dataset="spiral"),
    )
    assert opposite(here, level, "Spirals") is None
    sizes = grid_of(told_seeds([0.1, 0.2], batch_size=8), told_seeds([0.3, 0.4], batch_size=9))
    assert opposite(here, sizes, "Sizes") is None
