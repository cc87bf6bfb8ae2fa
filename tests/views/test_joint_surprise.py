"""Surprise in two dimensions: the two terms sum to the NLL, and mass on training rows is exact."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from made import library
from made.views import examples, joint_surprise

TINY = {"hidden_sizes": (8,), "epochs": 1, "progress": False}


@pytest.mark.parametrize("ordering", ["natural", "reversed"])
def test_the_first_term_and_the_rest_are_those_of_the_model(folder, ordering) -> None:
    run = library.train(dataset="rings", grid_size=9, ordering=ordering, **TINY).run
    model = library.load_run(run.id).model
    row = examples.examples(run).row(3)
    data = joint_surprise.content(run, row, "Test row 3", 0)
    nats = np.frombuffer(base64.b64decode(data["nats"]), "<f4").reshape(9, 9)
    states = np.argwhere(np.ones((9, 9)))
    assert nats.ravel() == pytest.approx(-model.log_prob(states).detach().numpy(), abs=1e-4)
    marginal = np.exp(-nats.astype(float)).sum(axis=1 if ordering == "natural" else 0)
    assert data["first"] == pytest.approx(-np.log(marginal), abs=1e-4)
    assert data["order"] == (["x₁", "x₂"] if ordering == "natural" else ["x₂", "x₁"])
    assert divmod(data["cell"], 9) == tuple(row)
    assert set(data["rows"]) == {"most", "least"}


def test_a_row_of_bytes_has_its_place_where_its_number_is_no_byte(folder) -> None:
    run = library.train(dataset="rings", grid_size=40, **TINY).run
    data = joint_surprise.content(run, np.array([30, 17], np.uint8), "A place", 0)
    assert data["cell"] == 30 * 40 + 17


def test_the_least_likely_row_lies_at_a_place_of_little_mass(folder) -> None:
    run = library.train(dataset="rings", grid_size=9, **TINY).run
    data = joint_surprise.content(run, np.array([4, 4]), "A place", 0)
    nats = np.frombuffer(base64.b64decode(data["nats"]), "<f4")
    assert nats[data["rows"]["least"]].min() > nats[data["rows"]["most"]].max()


def test_more_values_than_places_are_summed_in_blocks(folder, monkeypatch) -> None:
    run = library.train(dataset="rings", grid_size=9, **TINY).run
    whole = joint_surprise.content(run, np.array([8, 5]), "A place", 0)
    monkeypatch.setattr(joint_surprise, "MOST", 5)
    data = joint_surprise.content(run, np.array([8, 5]), "A place", 0)
    assert (data["size"], data["side"], data["numValues"]) == (5, 2, 9)
    assert divmod(data["cell"], 5) == (4, 2)
    assert np.exp(-np.array(data["first"])).sum() == pytest.approx(1, abs=1e-3)
    assert np.exp(-np.array(whole["first"])).sum() == pytest.approx(1, abs=1e-3)


def test_a_table_of_the_training_rows_has_learned_them_by_heart(folder, random_joint) -> None:
    rows = np.random.default_rng(0).integers(6, size=(12, 2))
    table = np.zeros((6, 6))
    np.add.at(table, tuple(rows.T), 1 / 12)
    assert joint_surprise.mass_on_rows(table, rows)[0] == pytest.approx(1)
    joint = random_joint(6)
    share, number = joint_surprise.mass_on_rows(joint, rows)
    assert number == len(np.unique(rows, axis=0))
    assert share == pytest.approx(joint[tuple(np.unique(rows, axis=0).T)].sum())
    run = library.train(dataset="rings", grid_size=9, **TINY).run
    assert "of the true mass" in joint_surprise.memorised_line(run, random_joint(9))
    assert joint_surprise.entropy(np.full((4, 4), 1 / 16)) == pytest.approx(np.log(16))
