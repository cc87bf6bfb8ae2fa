"""The remaining time is told once the pace is steady, and not before."""

from __future__ import annotations

from made.training.pace import Remaining


def told(rates: list[float]) -> list[float | None]:
    remaining = Remaining()
    return [remaining.seconds(1_000, rate) for rate in rates]


def test_no_time_is_told_while_the_pace_still_grows() -> None:
    assert told([0.04, 2, 20, 60, 90]) == [None] * 5


def test_a_time_is_told_as_soon_as_three_reports_agree_and_from_then_on() -> None:
    assert told([1, 100, 105, 110, 50]) == [None, None, None, 1_000 / 110, 1_000 / 50]


def test_one_report_or_two_are_not_enough() -> None:
    assert told([100, 100, 100]) == [None, None, 10]
