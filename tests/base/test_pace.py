"""However many follow something, together they ask no more often than one machine bears."""

from __future__ import annotations

import pytest

from made.base.pace import Pace


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("number", [1, 10, 30, 100])
def test_all_together_ask_at_most_so_often(number: int) -> None:
    clock = Clock()
    pace = Pace(20.0, clock)
    due = {f"viewer {place}": clock.now + place / number for place in range(number)}
    asked = 0
    while clock.now < 160:
        who = min(due, key=due.__getitem__)
        clock.now = due[who]
        asked += clock.now >= 110
        due[who] = clock.now + pace.seconds(who, 1.0)
    assert asked / 50 == pytest.approx(min(number, 20), rel=0.05)


def test_one_who_is_alone_waits_as_long_as_wished() -> None:
    assert Pace(20.0, Clock()).seconds("one", 0.5) == 0.5


def test_a_slower_wish_takes_less_of_what_there_is() -> None:
    pace = Pace(10.0, Clock())
    for place in range(20):
        pace.seconds(f"fast {place}", 1.0)
        pace.seconds(f"slow {place}", 2.0)
    assert pace.seconds("fast 0", 1.0) == pytest.approx(3.0)
    assert pace.seconds("slow 0", 2.0) == pytest.approx(6.0)


def test_who_has_gone_counts_no_more() -> None:
    clock = Clock()
    pace = Pace(1.0, clock)
    for place in range(10):
        pace.seconds(f"viewer {place}", 1.0)
    clock.now += 40
    assert pace.seconds("viewer 0", 1.0) == 1.0
