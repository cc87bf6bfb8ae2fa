"""What may be compared, what is said of it, and tables that agree with the run folders."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from made import runs
from made.base.files import to_json
from made.model.encodings import ENCODINGS
from made.runs.folder import Run
from made.runs.records import Status
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig, field_title
from made.studies import encoding_study
from made.views import comparison, comparison_pictures, comparison_tables
from made.views.comparison import EXACT_KL, PARAMETERS, TEST_BITS, TEST_NLL, VALIDATION_NLL, RunRow

RINGS = ExperimentConfig.from_flat(
    {"dataset": "rings", "grid_size": 8, "num_samples": 1000, "hidden_sizes": (4,), "epochs": 2}
)
NLL = 3.0123456789012345


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, nothing_shipped: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))
    return tmp_path


def make_run(label: str = "a run", state: str = "finished", id: str | None = None, **values) -> Run:
    """A run folder as a worker leaves it, without any training."""
    run = runs.create(RINGS.replace(**values), label, id=id)
    writer = RunWriter(run)
    for epoch, nll in enumerate((3.5, 3.2, 3.3)):
        record = {"epoch": epoch, "step": 10 * epoch, "validation_nll": nll, "kl_nats": nll - 3}
        writer.append_epoch(record | {"is_best": epoch < 2})
    writer.update(state=state, epoch=2, training_seconds=4.0)
    if state == "finished":
        figures = {"nll_nats": NLL, "bits_per_dim": NLL / 2, "kl_nats": 0.2, "num_parameters": 77}
        writer.write("result.json", to_json(figures | {"training_seconds": 4.0}).encode())
    return run


def make_row(label: str = "a run", state: str = "finished", **values) -> RunRow:
    return comparison.read_row(make_run(label, state, **values))


def encodings(**values) -> list[RunRow]:
    return [make_row(f"rings · {name}", encoding=name, **values) for name in ENCODINGS]


def test_a_row_holds_the_figures_of_the_best_epoch_and_of_the_test() -> None:
    row = make_row()
    assert row.best == 1
    assert row.nll == (3.5, 3.2, 3.3)
    assert row.figures[VALIDATION_NLL] == 3.2
    assert (row.figures[TEST_NLL], row.figures[TEST_BITS], row.figures[EXACT_KL]) == (
        NLL,
        NLL / 2,
        0.2,
    )


def test_an_unfinished_run_has_no_test_figures_and_the_exact_kl_of_its_best_epoch() -> None:
    row = make_row(state="stopped")
    assert row.figures[TEST_NLL] is None
    assert row.figures[EXACT_KL] == pytest.approx(0.2)
    assert row.figures[PARAMETERS] == (2 * 8) * 4 + 4 * (2 * 8) + 4 + 2 * 8
    assert row.stand == "stopped, epoch 2 of 2"


def test_the_loss_of_a_plain_autoencoder_is_never_called_an_nll() -> None:
    plain, proper = make_row(autoregressive=False), make_row()
    assert plain.figures[VALIDATION_NLL] is None
    assert plain.group != proper.group
    assert "no density" in comparison.group_title([plain])
    assert "Reconstruction" in comparison.loss_label([plain])


def test_a_setting_without_effect_is_no_difference() -> None:
    digits = [make_row(dataset="digits8", num_samples=count) for count in (1000, 2000)]
    assert comparison.differing_settings(digits) == []
    assert comparison.differing_settings(encodings()) == ["encoding"]
    widths = [make_row(encoding="bits", encoding_width=width) for width in (8, 32)]
    assert comparison.differing_settings(widths) == []


def test_only_runs_of_the_same_data_stand_in_one_group() -> None:
    rows = [make_row(), make_row(grid_size=9), make_row(encoding="raw"), make_row(dataset="moons")]
    assert [len(group) for group in comparison.groups(rows)] == [2, 1, 1]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"data_seed": 5}, ["0, 5", "different samples", "exact KL"]),
        ({"num_samples": 2000}, ["1,000, 2,000", "exact KL"]),
        ({"encoding": "raw"}, []),
        ({"seed": 4}, []),
    ],
)
def test_different_splits_are_cautioned_against(values: dict, words: list[str]) -> None:
    said = " ".join(comparison.cautions([make_row(), make_row(**values)]))
    assert bool(said) == bool(words)
    assert all(word in said for word in words)


def test_a_run_that_has_not_finished_is_named() -> None:
    rows = [make_row("done"), make_row("torn", state="failed")]
    assert any("torn has not finished" in said for said in comparison.cautions(rows))


def test_short_names_drop_what_all_share_and_never_repeat() -> None:
    assert comparison.short_names(encodings()) == list(ENCODINGS)
    same = [make_row("twice"), make_row("twice"), make_row("x" * 60)]
    names = comparison.short_names(same)
    assert len(set(names)) == 3
    assert max(map(len, names)) <= comparison.NAME_LENGTH


def test_the_filter_wants_every_word_and_one_of_the_datasets() -> None:
    rows = [*encodings(), make_row("digits", dataset="digits8")]
    assert [row.label for row in comparison.matching(rows, [], "RINGS hot")] == ["rings · one-hot"]
    assert comparison.matching(rows, ["digits8"], "") == rows[len(ENCODINGS) :]
    assert comparison.matching(rows, ["moons"], "rings") == []


def test_the_shipped_encodings_come_first_then_the_newest_that_differ_in_nothing_else() -> None:
    alone = make_row("alone", hidden_sizes=(5,))
    own = encodings()
    newest_first = [alone, *own[::-1]]
    assert comparison.default_selection(newest_first) == [row.id for row in own]
    shipped = [make_row(id=f"shipped-rings-{name}", encoding=name, epochs=9) for name in ENCODINGS]
    assert comparison.default_selection([*newest_first, *shipped]) == [row.id for row in shipped]
    assert comparison.default_selection([alone]) == [alone.id]
    assert comparison.default_selection([]) == []


def test_ids_that_are_gone_are_taken_out_and_said() -> None:
    row = make_row()
    ids, said = comparison.checked_selection([row.id, "../../etc", row.id, ""], [row])
    assert ids == [row.id]
    assert len(said) == 1
    assert "../../etc" in said[0]
    assert comparison.checked_selection([row.id], [row]) == ([row.id], [])


def test_no_more_runs_are_compared_than_fit() -> None:
    row = make_row()
    rows = [replace(row, id=f"run {number}") for number in range(comparison.MAX_SELECTED + 2)]
    ids, said = comparison.checked_selection([row.id for row in rows], rows)
    assert ids == [row.id for row in rows[: comparison.MAX_SELECTED]]
    assert str(len(rows)) in said[0]


def test_a_click_keeps_the_order_of_the_others_and_what_the_filter_hides() -> None:
    shown = ["a", "b", "c"]
    assert comparison.merged_selection(["c", "hidden"], shown, [0, 2]) == ["c", "hidden", "a"]
    assert comparison.merged_selection(["c", "hidden"], shown, []) == ["hidden"]
    assert comparison.merged_selection([], shown, [7]) == []


def test_the_tables_show_four_digits_and_keep_every_one() -> None:
    rows = encodings()
    table = comparison_tables.figures_table(rows)
    assert list(table["Input encoding"]) == list(ENCODINGS)
    assert list(table[TEST_NLL]) == [NLL] * len(ENCODINGS)
    assert ">3.012<" in comparison_tables.as_text(table).to_html()
    read = list(csv.DictReader(io.StringIO(comparison_tables.csv_text(rows))))
    assert [float(line[TEST_NLL]) for line in read] == [NLL] * len(ENCODINGS)
    assert [line["encoding"] for line in read] == list(ENCODINGS)
    assert [line["Id"] for line in read] == [row.id for row in rows]


def test_all_settings_or_only_those_that_differ() -> None:
    rows = encodings()
    few, many = (comparison_tables.runs_table(rows, only) for only in (True, False))
    assert "Input encoding" in few
    assert field_title("learning_rate") not in few
    with_effect = {field_title(name) for row in rows for name in row.settings}
    assert with_effect <= set(many)
    assert set(few) < set(many)
    assert list(many["Samples"]) == [1000] * len(ENCODINGS)


def test_the_variants_differ_in_the_encoding_alone_and_cover_the_registry() -> None:
    variants = list(encoding_study.encoding_variants(RINGS).values())
    assert [variant.model.encoding for variant in variants] == list(ENCODINGS)
    assert all(set(variant.differences(RINGS)) <= {"encoding"} for variant in variants)


def test_a_baseline_without_an_encoding_is_no_subject_of_the_study() -> None:
    assert encoding_study.encodings_problem(RINGS) is None
    assert "encoding" in encoding_study.encodings_problem(RINGS.replace(model="marginals"))
    assert "categories" in encoding_study.encodings_problem(RINGS.replace(head="bernoulli"))


def test_runs_count_as_in_flight_while_one_of_them_lives() -> None:
    variants = encoding_study.encoding_variants(RINGS).values()
    runs = [SimpleNamespace(config=config, state="finished") for config in variants]
    assert encoding_study.runs_in_flight(RINGS, runs) == {}
    runs[2].state = "training"
    assert list(encoding_study.runs_in_flight(RINGS, runs).values()) == runs
    assert encoding_study.runs_in_flight(RINGS.replace(epochs=3), runs) == {}


def test_a_comparison_is_drawn_anew_for_a_state_or_an_epoch_of_a_chosen_run() -> None:
    row = make_row()
    later = replace(row.status, epoch=3)
    other = replace(row.status, state="failed")

    def seen(status: Status, chosen: list[str]) -> tuple:
        return comparison.signature({row.id: status}, chosen)

    assert seen(row.status, [row.id]) != seen(later, [row.id])
    assert seen(row.status, []) == seen(later, [])
    assert seen(row.status, []) != seen(other, [])


def test_a_run_without_a_note_of_its_data_is_compared_with_the_dataset() -> None:
    known = comparison.reference(make_run())
    assert known.joint.shape == (8, 8)
    assert [name for name, _ in comparison.references(known)] == ["entropy", "independence"]


def drawings(count: int, seed: int = 0) -> list[comparison_pictures.Drawing]:
    generator = np.random.default_rng(seed)
    joints = generator.dirichlet(np.ones(9), size=count).reshape(count, 3, 3)
    counts = np.full((3, 3), 2)
    return [
        comparison_pictures.drawing(f"run {i}", {"density": joint, "histogram": counts})
        for i, joint in enumerate(joints)
    ]


@pytest.mark.parametrize("count", [1, 3, 4, 7, 12])
def test_the_truth_leads_every_row_and_no_run_is_lost(count: int) -> None:
    truth = np.full((3, 3), 1 / 9)
    rows = comparison_pictures.density_rows(truth, drawings(count), "density")
    assert all(row[0][0] == "Truth" and 2 <= len(row) <= 4 for row in rows)
    assert [name for row in rows for name, _ in row[1:]] == [f"run {i}" for i in range(count)]


def test_counts_become_frequencies() -> None:
    (drawing,) = drawings(1)
    assert drawing.histogram.sum() == pytest.approx(1)


def test_all_log_ratios_share_one_symmetrical_scale_and_stand_beside_the_truth() -> None:
    truth, models = np.full((3, 3), 1 / 9), drawings(2)
    clip = comparison_pictures.common_clip(truth, models)
    largest = max(np.abs(np.log(model.density / truth)).max() for model in models)
    assert 0 < clip <= largest
    (panels,) = comparison_pictures.density_rows(truth, models, "density")
    figure = comparison_pictures.ratio_figure(panels, clip)
    axis = figure.layout.coloraxis
    assert (axis.cmin, axis.cmax) == (-clip, clip)
    np.testing.assert_allclose(figure.data[0].z, truth, rtol=1e-6)
    np.testing.assert_allclose(figure.data[1].z, np.log(models[0].density / truth), rtol=1e-5)


def test_a_perfect_model_still_has_a_scale() -> None:
    truth = np.full((3, 3), 1 / 9)
    assert comparison_pictures.common_clip(
        truth, [comparison_pictures.drawing("a", {"density": truth})]
    )
