"""The small network of the first chapters as a drawing, and what the reader does with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from made.lessons.lesson import Lesson
from made.lessons.reader import Reader, reader_told
from pages.learn.steps import highlight
from pages.shared.component import DRAWING, component

_FOLDER = Path(__file__).parent
_PARTS = ("formula", "network_drawing", "network_matrices", "network_costs")
_drawing = component(_FOLDER, "network", DRAWING, *(_FOLDER / f"{name}.js" for name in _PARTS))


def reader_of(lesson: Lesson) -> Reader:
    """What was done so far; at first, what the lesson begins with."""
    begin = reader_told(lesson.start.get("reader"), Reader())
    reader: Reader = st.session_state.setdefault(_key(lesson), begin)
    return reader


def draw(
    lesson: Lesson, content: dict[str, Any], on_degrees: Callable[[Any], None] | None = None
) -> None:
    """Mount the drawing of what `made.lessons.opened` gives. on_degrees hears of new degrees."""
    mounted = f"network-{lesson.name}"

    def hear_reader() -> None:
        told = st.session_state[mounted]["reader"]
        st.session_state[_key(lesson)] = reader_told(told, reader_of(lesson))

    def hear_degrees() -> None:
        if on_degrees is not None:
            on_degrees(st.session_state[mounted]["degrees"])

    reader = reader_of(lesson)
    _drawing(
        data={**content, "reader": reader.as_sent(), "highlight": highlight(lesson)},
        key=mounted,
        on_reader_change=hear_reader,
        on_degrees_change=hear_degrees,
    )


def _key(lesson: Lesson) -> str:
    return f"reader-{lesson.name}"
