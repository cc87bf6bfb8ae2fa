"""The same value in every encoding, over what a network has learned from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from made.lessons import encodings
from made.lessons.encodings import EPOCHS, SIZES
from made.lessons.lesson import Facts, Lesson
from made.plots.palette import PLACES
from pages.learn.places import Places
from pages.learn.steps import highlight
from pages.shared.component import DRAWING, component

_drawing = component(Path(__file__).parents[1], "encodings", DRAWING)


def play(place: Places, lesson: Lesson) -> Facts:
    with place.controls:
        size = _choice(lesson, "size", "Training samples", SIZES)
        epoch = _choice(lesson, "epoch", "Epoch", EPOCHS)
        st.caption(encodings.summary(size, epoch))
    with place.picture:
        reader = _draw(lesson, size, epoch)
    return encodings.facts(size, epoch, reader)


def _choice(lesson: Lesson, name: str, label: str, options: dict[str, str]) -> str:
    """One of a few, as the lesson begins; shown unless the lesson leaves it out."""
    key = f"{lesson.name}-{name}"
    begin = lesson.start.get(name)
    st.session_state.setdefault(key, begin if begin in list(options) else next(iter(options)))
    if lesson.shows(name):
        st.segmented_control(
            label,
            list(options),
            key=key,
            format_func=options.__getitem__,
            required=True,
            width="stretch",
            persist_state="session",
        )
    return st.session_state[key]


def _draw(lesson: Lesson, size: str, epoch: str) -> dict[str, Any]:
    """Mount the drawing; what the reader looks at."""
    mounted, kept = f"encodings-{lesson.name}", f"{lesson.name}-reader"
    reader = encodings.told(None, st.session_state.get(kept, lesson.start))
    st.session_state[kept] = reader

    def hear() -> None:
        st.session_state[kept] = encodings.told(st.session_state[mounted]["reader"], reader)

    _drawing(
        data={
            **encodings.content(size, epoch),
            "tones": PLACES,
            "reader": reader,
            "highlight": highlight(lesson),
        },
        key=mounted,
        on_reader_change=hear,
    )
    return reader
