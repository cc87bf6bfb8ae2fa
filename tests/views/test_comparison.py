"""What may be compared, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from compared_runs import NLL, encodings, make_row, make_run

from made.model.encodings import ENCODINGS
from made.runs.records import Status
from made.views import comparison
from made.views.comparison import EXACT_KL, PARAMETERS, TEST_BITS, TEST_NLL, VALIDATION_NLL

pytestmark = pytest.mark.usefixtures("folder")


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
        ({"data_seed": 5}, ["0, 5", "different samples"]),
        ({"num_samples": 2000}, ["1,000, 2,000"]),
        ({"encoding": "raw"}, []),
        ({"seed": 4}, []),
    ],
)
def test_different_splits_are_cautioned_against(values: dict, words: list[str]) -> None:
    rows = [make_row(), make_row(**values)]
    assert comparison.cautions(rows) == [], "the exact KL depends on no split"
    for row in rows:
        row.figures[comparison.EXACT_KL] = None
    said = " ".join(comparison.cautions(rows))
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
    assert known.independence > known.entropy > 0
