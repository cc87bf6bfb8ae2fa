"""Undo of a set-up: what was taken back can be had again, and a new change ends that."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from made.setups.history import History


@given(st.lists(st.integers(0, 3), max_size=30))
def test_all_changes_taken_back_and_made_again_end_where_they_began(values):
    history = History({"epochs": 0})
    for value in values:
        history.note({"epochs": value})
    last, seen = history.now, 0
    while history.can_undo:
        before = history.now
        assert history.undo() != before
        seen += 1
    assert history.now == {"epochs": 0}
    assert seen == sum(a != b for a, b in zip([0, *values], values, strict=False))
    while history.can_redo:
        history.redo()
    assert history.now == last


def test_a_change_after_an_undo_ends_what_could_be_redone():
    history = History({"epochs": 1})
    for epochs in (2, 3):
        history.note({"epochs": epochs})
    history.undo()
    history.note({"epochs": 4})
    assert not history.can_redo
    assert history.undo() == {"epochs": 2}


def test_several_fields_at_once_are_one_change_and_named():
    history = History({"epochs": 1, "dropout": 0.1, "seed": 0})
    history.note({"epochs": 2, "dropout": 0.2, "seed": 0})
    assert history.undone() == ["epochs", "dropout"]
    assert history.undo() == {"epochs": 1, "dropout": 0.1, "seed": 0}
    assert history.redone() == ["epochs", "dropout"]
    assert history.undone() == []


def test_only_so_many_changes_are_kept_and_the_origin_for_ever():
    history = History({"epochs": 0}, most=3)
    for epochs in range(1, 10):
        history.note({"epochs": epochs})
    undone = 0
    while history.can_undo:
        history.undo()
        undone += 1
    assert (undone, history.now, history.origin) == (3, {"epochs": 6}, {"epochs": 0})
