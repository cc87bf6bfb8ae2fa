"""What the canvas of a joint gets and sends: what was sent is what is kept."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest

from made.base.errors import MadeError
from made.views import drawing
from made.views.drawing import Drawing


def test_what_is_sent_to_the_canvas_comes_back_as_it_was() -> None:
    levels = np.random.default_rng(0).integers(0, 256, (50, 50)).astype(np.uint8)
    sent = drawing.content(Drawing(levels, 3))
    back = drawing.heard({"size": sent["size"], "levels": sent["levels"]}, 3)
    np.testing.assert_array_equal(back.levels, levels)
    assert back.version == 3


@pytest.mark.parametrize(
    "said",
    [
        None,
        {"size": 25},
        {"size": 26, "levels": base64.b64encode(bytes(676)).decode()},
        {"size": 25, "levels": base64.b64encode(bytes(624)).decode()},
        {"size": 25, "levels": "not base64!"},
        {"size": [25], "levels": ""},
        {"size": 25.0, "levels": base64.b64encode(bytes(625)).decode()},
        {"size": 25, "levels": "ö"},
    ],
)
def test_what_is_no_drawing_is_refused(said: Any) -> None:
    with pytest.raises(MadeError, match="did not arrive whole"):
        drawing.heard(said, 0)


def test_the_figures_are_those_of_the_joint_and_an_empty_canvas_has_none() -> None:
    assert drawing.facts(drawing.blank()) == []
    levels = np.zeros((25, 25), np.uint8)
    levels[0, 0] = levels[1, 1] = 7
    found = {fact.label: fact.value for fact in drawing.facts(Drawing(levels))}
    assert found["Entropy"] == "0.6931 nats"
    assert found["Mutual information"] == "0.6931 nats"


def test_every_start_that_is_offered_can_be_put_on_the_canvas() -> None:
    assert "rings" in drawing.starts()
    for name in drawing.starts():
        levels = drawing.start(name, 25)
        assert levels.shape == (25, 25)
        assert levels.max() == 255
    assert not drawing.start("", 25).any()
