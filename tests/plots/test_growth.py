"""A curve that is sent piece by piece is the whole curve, whatever is lost on the way."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from made import plots
from made.plots.growth import SENDS, from_point

LOSSES = np.random.default_rng(0).normal(3, 1, 5000)


class Browser:
    """What `pages/train/live_chart.js` makes of what it is sent."""

    def __init__(self) -> None:
        self.shown: dict[str, Any] | None = None

    def receive(self, part: dict[str, Any]) -> bool:
        """False where it lacks a part, and asks for the whole."""
        begin = part["begin"]
        if begin:
            before = self.shown
            if before is None or before["bucket"] != part["bucket"]:
                return False
            if len(before["series"][0]["x"]) < begin:
                return False
            both = zip(part["series"], before["series"], strict=True)
            series = [joined(one, old, begin) if one["grows"] else one for one, old in both]
            part = part | {"begin": 0, "series": series}
        self.shown = part
        return True


def joined(one: dict[str, Any], old: dict[str, Any], begin: int) -> dict[str, Any]:
    rows = ("x", "y", "low", "high")
    return one | {row: old[row][:begin] + one[row] for row in rows if row in one}


def curve(count: int, **values: Any) -> dict[str, Any]:
    return plots.live_curve(LOSSES[:count], **values)


looks = st.lists(
    st.tuples(st.integers(1, 400), st.sampled_from(["arrives", "arrives", "is lost", "reload"])),
    max_size=25,
)


@given(looks, st.integers(0, 3000))
def test_the_pieces_are_the_whole_curve(looks: list[tuple[int, str]], count: int) -> None:
    sent, browser = plots.Sent(), Browser()
    for more, happens in looks:
        count = min(count + more, len(LOSSES))
        if happens == "reload":
            browser = Browser()
        part = sent.part(curve(count))
        if happens == "is lost":
            continue
        if not browser.receive(part):
            sent = plots.Sent()
            assert browser.receive(sent.part(curve(count)))
        assert browser.shown == curve(count)


def test_a_browser_that_looks_on_is_sent_the_end_alone() -> None:
    sent = plots.Sent()
    sizes = [len(json.dumps(sent.part(curve(count)))) for count in range(2500, 2600, 10)]
    assert min(sizes[:SENDS]) > 25_000
    assert max(sizes[SENDS:]) < 3_000


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (curve(900), curve(800)),  # a resume cuts what ran ahead of the checkpoint
        (curve(900), curve(1100)),  # the buckets are larger
        (curve(900), curve(910, marks=[(880, "learning rate 0.1")])),  # changed while it rested
    ],
)
def test_what_came_otherwise_is_sent_as_a_whole(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    sent = plots.Sent()
    for _ in range(SENDS + 1):
        part = sent.part(before)
    assert part["begin"] > 0
    assert sent.part(after) == after


def test_series_that_do_not_grow_are_always_whole() -> None:
    steps, nll = [100, 200, 300], [3.0, 2.5, 2.4]
    whole = curve(300, validation_steps=steps, validation_nll=nll, train_nll=nll, best=2)
    part = from_point(whole, 299)
    assert [len(one["x"]) for one in part["series"]] == [1, 1, 3, 3]
