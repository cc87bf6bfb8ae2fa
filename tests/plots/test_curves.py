"""Curves hold the losses and references that they were given, and say them in words."""

import json

import numpy as np
import pytest

from made import plots


@pytest.mark.parametrize("length", [0, 1, 30, 200_000])
def test_live_curve_is_short_plain_json_whatever_the_length_of_the_run(length):
    losses = np.random.default_rng(3).normal(10.5, 0.1, size=length)
    epochs = length // 10
    validation = np.linspace(11, 10, epochs)
    curve = plots.live_curve(
        losses,
        validation_steps=10 * np.arange(1, epochs + 1),
        validation_nll=validation,
        train_nll=validation - 0.1,
        best=epochs - 2 if epochs > 1 else None,
        entropy=10.5198,
        independence=np.float64(10.5524),
    )
    text = json.dumps(curve, allow_nan=False)
    assert len(text) < 300_000
    assert all(len(s["x"]) == len(s["y"]) <= 1002 for s in curve["series"])
    assert [line["label"] for line in curve["lines"]] == ["entropy 10.52", "independence 10.55"]
    assert (curve["x_label"], curve["y_label"]) == ("Step (minibatches)", "NLL (nats / example)")
    if epochs > 1:
        points = curve["series"][-1]
        assert points["x"][points["best"]] == 10 * (epochs - 1)
        assert curve["view"]["x"][1] == length


def test_live_curve_survives_a_run_that_diverged_and_unknown_references():
    curve = plots.live_curve(
        np.array([5.0, np.inf, np.nan]), validation_steps=[3], validation_nll=[np.nan], entropy=None
    )
    json.dumps(curve, allow_nan=False)
    assert curve["series"][0]["y"] == [5.0, None, None]
    assert curve["lines"] == []


def test_a_plain_autoencoder_is_not_called_a_density():
    curve = plots.live_curve(np.ones(3), unit_label=plots.RECONSTRUCTION_LABEL)
    assert "NLL" not in curve["y_label"]


def test_live_curve_is_said_with_its_numbers():
    text = plots.live_curve_alt(
        np.full(40, 10.5312),
        validation_steps=[0, 40],
        validation_nll=[10.7, 10.6],
        best=1,
        entropy=10.5198,
    )
    assert "40 minibatches" in text
    assert "10.53" in text
    assert "best validation 10.60 at step 40" in text
    assert "entropy 10.52" in text
