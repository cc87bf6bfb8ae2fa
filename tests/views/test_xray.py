"""An x-ray says what the model's own figures say: conditionals, surprise, log p, what moves."""

from __future__ import annotations

import numpy as np
import pytest

from made import library
from made.base.errors import MadeError
from made.runs.folder import Run
from made.views import examples, xray, xray_panel

TINY = {"hidden_sizes": (8,), "epochs": 1, "progress": False}


@pytest.fixture
def digits(folder) -> Run:
    return library.train(dataset="digits8", ordering="random", **TINY).run


@pytest.fixture
def rings(folder) -> Run:
    return library.train(dataset="rings", grid_size=8, num_samples=1000, **TINY).run


def test_its_numbers_are_those_of_the_density(digits) -> None:
    model = library.load_run(digits.id).model
    row = examples.examples(digits).row(3)
    seen = xray.xray(digits, row, 20)
    log_probs = model.conditionals(row).detach().numpy()
    assert seen.log_probabilities == pytest.approx(log_probs[20], abs=1e-5)
    assert seen.surprise == pytest.approx(-log_probs[20, row[20]], abs=1e-5)
    flipped = row.copy()
    flipped[20] = seen.other
    assert seen.other == 1 - row[20]
    for there, x in zip(seen.log_p, (row, flipped), strict=True):
        assert there == pytest.approx(model.log_prob(x).item(), abs=1e-4)
    after = np.exp(model.conditionals(flipped).detach().numpy()[:, 1])
    assert seen.after == pytest.approx(after, abs=1e-5)
    earlier = seen.position <= seen.place
    assert not seen.moved[earlier].any()
    assert not seen.may[seen.position >= seen.place].any()
    assert not seen.does[~seen.may].any()
    assert seen.moves_most(3) == list(np.argsort(-np.abs(seen.moved), kind="stable")[:3])
    panel = xray_panel.panel(seen, "Test row 3")
    assert panel["words"]["facts"][0] == ["Place in the ordering", f"{seen.place + 1} of 64"]
    assert panel["matrix"] is None


def test_of_two_variables_the_truth_stands_behind_and_both_are_seen(rings) -> None:
    density = np.exp(library.load_run(rings.id).model.log_joint())
    row = np.array([3, 2])
    second = xray.xray(rings, row, 1)
    assert second.probabilities == pytest.approx(density[3] / density[3].sum(), abs=1e-5)
    joint = rings.data_arrays()["joint"]
    assert second.truth == pytest.approx(joint[3] / joint[3].sum())
    assert second.truth.sum() == pytest.approx(1)
    first = xray.xray(rings, row, 0, other=6)
    assert first.truth == pytest.approx(joint.sum(axis=1))
    assert first.other_before == pytest.approx(density[3] / density[3].sum(), abs=1e-5)
    assert first.other_after == pytest.approx(density[6] / density[6].sum(), abs=1e-5)
    assert first.matrix_may.tolist() == [[False, False], [True, False]]
    words = xray_panel.words(first)
    assert words["flip"] == "Set x₁ to 6"
    assert words["formula"] == "p(x₁)"
    assert xray_panel.words(second)["formula"] == "p(x₂ | x₁ = 3)"


def test_what_no_browser_may_send_is_refused_or_left_out(digits) -> None:
    row = examples.examples(digits).row(0)
    with pytest.raises(MadeError, match="no variable 64"):
        xray.xray(digits, row, 64)
    assert xray.xray(digits, row, 5, other=7).other == 1 - row[5]
    changed = xray.edited(digits, row, {3: 1 - row[3], 99: 1, 4: 12, "x": 0})
    assert np.flatnonzero(changed != row).tolist() == [3]


def test_without_the_data_there_are_rows_that_the_run_kept_and_else_draws(
    digits, monkeypatch
) -> None:
    assert examples.examples(digits).is_test
    monkeypatch.setattr(examples, "local_data", lambda run: None)
    kept = examples.examples(digits)
    assert kept.title == "Training row"
    assert not kept.is_test
    (digits.path / "data.npz").unlink()
    drawn = examples.examples(digits)
    assert drawn.title == "Draw"
    assert "not on this machine" in drawn.note
    assert drawn.rows.shape == (64, 64)


def test_a_plain_autoencoder_sees_itself_and_says_so(folder) -> None:
    run = library.train(dataset="digits8", autoregressive=False, **TINY).run
    words = xray_panel.words(xray.xray(run, examples.examples(run).row(0), 9))
    assert "itself included" in words["may"]
    assert words["log_p"] == []
    assert "no conditional" in words["formula"]
