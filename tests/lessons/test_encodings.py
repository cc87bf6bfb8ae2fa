"""The chapter on encodings says of each network what its files hold, and of each vector its own."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from made.density import likelihood
from made.lessons import encodings
from made.lessons.encodings import EPOCHS, NAMES, SIZES
from made.lessons.lesson import lessons
from made.model.encodings import ENCODINGS


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("epoch", EPOCHS)
def test_the_divergences_and_that_of_x1_sum_to_the_recorded_one(size: str, epoch: str) -> None:
    truth = encodings.true_joint()
    for one in encodings.learned(size, epoch):
        run = encodings.run_of(one.name, size)
        joint = run.samples(one.epoch)["density"].astype(np.float64)
        first = likelihood.kl_divergence(truth.sum(axis=1), np.log(joint.sum(axis=1)))
        (record,) = [each for each in run.epochs() if each["epoch"] == one.epoch]
        assert one.total == record["kl_nats"]
        mean = float(truth.sum(axis=1) @ one.divergence)
        # The pictures are kept in levels of a twentieth of a nat.
        assert mean + first == pytest.approx(record["kl_nats"], abs=2.1e-4, rel=0.01)
        assert one.given.sum(axis=1) == pytest.approx(np.ones(200))
        assert (one.divergence >= 0).all()


def test_the_best_epoch_is_the_one_whose_figures_the_run_reports() -> None:
    for one in encodings.learned("1e5", "best"):
        assert one.epoch == encodings.run_of(one.name, "1e5").best_epoch["epoch"]
    assert {one.epoch for one in encodings.learned("1e5", "last")} == {20}


def test_vectors_are_those_of_the_encodings() -> None:
    vectors = encodings.vectors()
    assert {name: table.shape[1] for name, table in vectors.items()} == {
        "raw": 1,
        "normalized": 1,
        "bits": 8,
        "fourier": 16,
        "embedding": 16,
        "one-hot": 200,
    }
    assert vectors["raw"][28] == 28
    assert vectors["normalized"][[0, 199]].ravel().tolist() == [-1, 1]
    assert (vectors["one-hot"] == np.eye(200)).all()
    assert [name for name in NAMES if ENCODINGS[name].is_learned] == ["embedding"]


def test_the_drawing_gets_every_curve_to_a_pixel() -> None:
    shown = encodings.content("1e5", "best")
    for curve, one in zip(shown["curves"], encodings.learned("1e5", "best"), strict=True):
        levels = np.frombuffer(base64.b64decode(curve["given"]["levels"]), "<u2").reshape(200, 200)
        drawn = levels * curve["given"]["top"] / 65535
        assert np.abs(drawn - one.given).max() < one.given.max() / 60_000
    (strip,) = [each for each in shown["strips"] if each["name"] == "bits"]
    levels = np.frombuffer(base64.b64decode(strip["levels"]), np.uint8).reshape(200, 8)
    assert (levels[28] > 0).tolist() == [digit == "1" for digit in f"{28:08b}"]
    assert sum(curve["isLowest"] for curve in shown["curves"]) == 1


def test_every_step_can_be_done_and_none_is_done_from_the_start() -> None:
    steps = lessons()["encodings"].steps
    start = encodings.told(None, lessons()["encodings"].start)
    done = [
        encodings.facts("1e5", "best", start | {"value": 29, "moved": True}),
        next(
            facts
            for value in range(200)
            if (facts := encodings.facts("1e5", "best", start | {"value": value}))["one_hot_beats"]
        ),
        encodings.facts("1e5", "last", start | {"picked": "one-hot"}),
        encodings.facts("1e7", "best", start),
    ]
    for step, facts in zip(steps, done, strict=True):
        assert not step.is_done(encodings.facts("1e5", "best", start)), step.text
        assert step.is_done(facts), step.text
    # Raw input cannot memorise: its last epoch is as good as its best.
    assert not steps[2].is_done(encodings.facts("1e5", "last", start | {"picked": "raw"}))
    assert not steps[3].is_done(encodings.facts("1e6", "best", start))


def test_what_the_browser_tells_is_taken_where_it_can_be() -> None:
    assert encodings.told({"value": 7, "picked": "bits", "moved": True}, None) == {
        "value": 7,
        "picked": "bits",
        "moved": True,
    }
    for nonsense in (None, 3, {"value": 200}, {"value": "7"}, {"picked": "<b>"}, {"moved": "yes"}):
        assert encodings.told(nonsense, None) == {"value": 28, "picked": "", "moved": False}
