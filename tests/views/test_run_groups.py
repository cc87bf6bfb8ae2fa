"""Rows that stand for several runs: who stands together, and what is said of them."""

from __future__ import annotations

import pytest
from compared_runs import NLL, make_row, make_run

from made import runs
from made.base.files import to_json
from made.runs.notes import Notes
from made.views import comparison, run_groups
from made.views.comparison import EXACT_KL, TEST_NLL, RunRow
from made.views.run_groups import SEEDS, SINGLE, STUDY, TAGS, error_column

pytestmark = pytest.mark.usefixtures("folder")


def rows_of_seeds(*kls: float, **values) -> list[RunRow]:
    """Runs that differ in their seeds alone, with these KLs."""
    rows = []
    for seed, kl in enumerate(kls):
        run = make_run(f"run {seed}", seed=seed, data_seed=seed, **values)
        figures = {"nll_nats": NLL, "kl_nats": kl}
        (run.path / "result.json").write_text(to_json(figures))
        rows.append(comparison.read_row(run))
    return rows


def test_runs_that_differ_in_seeds_alone_stand_in_one_row_with_mean_and_standard_error() -> None:
    rows = rows_of_seeds(0.1, 0.2, 0.3, encoding="raw") + rows_of_seeds(0.5, encoding="bits")
    found = run_groups.grouped(rows, SEEDS)
    assert [(group.title, len(group.rows)) for group in found] == [("raw", 3), ("bits", 1)]
    table = run_groups.groups_table(found, SEEDS)
    assert list(table[EXACT_KL]) == pytest.approx([0.2, 0.5])
    error, none = table[error_column(EXACT_KL)]
    assert error == pytest.approx(0.1 / 3**0.5)
    assert none is table[EXACT_KL].dtype.na_value


def test_the_device_makes_no_set_up_of_its_own() -> None:
    rows = [make_row(device="cpu"), make_row(device="auto")]
    assert len(run_groups.grouped(rows, SEEDS)) == 1


def test_runs_of_different_data_never_stand_in_one_row() -> None:
    rows = [make_row(), make_row(grid_size=9), make_row(dataset="moons")]
    for by in (SEEDS, TAGS, STUDY, "encoding"):
        assert len(run_groups.grouped(rows, by)) == 3


def test_runs_are_grouped_by_any_setting_by_their_tags_and_by_study() -> None:
    rows = [make_row(encoding=name, seed=seed) for name in ("raw", "bits") for seed in (0, 1)]
    runs.annotate(runs.Run.open(rows[0].id), Notes(tags=("best",)))
    rows[0] = comparison.read_row(runs.Run.open(rows[0].id))
    studies = {"Mine": [row.id for row in rows[1:]]}

    def sizes(by: str) -> list[tuple[str, int]]:
        found = run_groups.grouped(rows, by, studies)
        return [(group.title, len(group.rows)) for group in found]

    assert run_groups.groupings(rows, studies) == [SINGLE, SEEDS, STUDY, TAGS, "encoding"]
    assert sizes("encoding") == [("raw", 2), ("bits", 2)]
    assert sizes(TAGS) == [("best", 1), ("none", 3)]
    assert sizes(STUDY) == [("none", 1), ("Mine", 3)]


def test_a_figure_that_no_run_has_makes_no_column() -> None:
    table = run_groups.groups_table(run_groups.grouped([make_row(state="stopped")], SEEDS), SEEDS)
    assert TEST_NLL not in table
    assert EXACT_KL in table
    assert error_column(EXACT_KL) not in table
