"""The load test in short: a few sessions find every page, and take little from the training."""

from __future__ import annotations

import asyncio

import pytest
from load import Report, measure
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from visitor import PULSE, Seen, Visitor

# What is set up once for all of them is set up on one worker.
pytestmark = pytest.mark.xdist_group("load")


@pytest.fixture(scope="module")
def report() -> Report:
    return measure(sessions=3, seconds=10, alone=1)


def test_every_session_gets_every_page_without_an_exception(report: Report) -> None:
    assert report.failures == 0, report.seen.exceptions
    assert len(report.seen.first_loads) == len(report.staggered.first_loads) == 3
    assert report.changes


def test_visitors_follow_the_run_that_trains(report: Report) -> None:
    assert report.seen.refreshes, "no pulse was answered"
    assert report.speed_watched > 0
    assert report.processor_seconds > 0


def test_the_report_names_what_was_measured(report: Report) -> None:
    text = "\n".join(report.lines())
    for title in ("page changes", "first loads, all at once", "refreshes of a part", "memory"):
        assert title in text


def pulse_of(fragment: str, seconds: float) -> ForwardMsg:
    message = ForwardMsg()
    message.delta.fragment_id = fragment
    element = message.delta.new_element.bidi_component
    element.id, element.component_name = "$$ID-1-pulse-panel", PULSE
    element.json = f'{{"seconds": {seconds}}}'
    return message


def test_a_visitor_asks_for_a_part_when_its_pulse_says_so() -> None:
    async def follow() -> list[tuple[str, str]]:
        visitor, asked = Visitor(0, Seen(), 0), []

        async def ask(page: str, fragment: str = "", pulse: object = None) -> None:
            asked.append((page, fragment))
            done.set()

        visitor._ask = ask
        done = asyncio.Event()
        visitor.page = "train"
        visitor._hear(pulse_of("panel", 0.0))
        for _ in range(9):  # turns of the loop
            await asyncio.sleep(0)
        assert not asked, "a page that is not drawn yet is asked for nothing"
        visitor.is_drawn.set()
        await done.wait()
        for pulse in visitor.pulses.values():
            pulse.timer.cancel()
        return asked

    assert asyncio.run(follow())[0] == ("train", "panel")
