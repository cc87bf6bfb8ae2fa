"""One network trained under one mask set or many, and asked under all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from made.lessons import many_masks
from made.lessons.agnostic_training import TRAINED_ON, Agnostic
from made.lessons.lesson import Facts, Lesson
from made.lessons.many_masks import Mixing
from made.plots.palette import PLACES
from pages.learn.places import Places
from pages.learn.steps import highlight
from pages.shared.component import DRAWING, component

_drawing = component(Path(__file__).parents[1], "many-masks", DRAWING)


def play(place: Places, lesson: Lesson) -> Facts:
    with place.controls:
        setting = _controls(lesson)
    with place.picture, st.spinner("Training the network …", show_time=True):
        found = many_masks.mixing(setting)
        reference = many_masks.mixing(Agnostic())
    with place.controls:
        st.caption(many_masks.about_line())
    with place.picture:
        return many_masks.many_facts(found, _draw(lesson, found, reference))


def _controls(lesson: Lesson) -> Agnostic:
    """How the network was trained; what is mixed is chosen in the drawing."""
    names = vars(Agnostic())
    begin = Agnostic(**{name: lesson.start[name] for name in names if name in lesson.start})
    for name, value in vars(begin).items():
        st.session_state.setdefault(_key(lesson, name), value)
    if lesson.shows("trained_on"):
        st.segmented_control(
            "Orderings in training",
            TRAINED_ON,
            key=_key(lesson, "trained_on"),
            required=True,
            width="stretch",
            persist_state="session",
            help="Each minibatch takes the next one of so many.",
        )
    if lesson.shows("is_fixed"):
        st.segmented_control(
            "Connectivity",
            (True, False),
            key=_key(lesson, "is_fixed"),
            format_func={True: "One for all", False: "One for each"}.__getitem__,
            required=True,
            width="stretch",
            persist_state="session",
            help="Whether every ordering has hidden degrees of its own, too.",
        )
    return Agnostic(**{name: st.session_state[_key(lesson, name)] for name in names})


def _draw(lesson: Lesson, found: Mixing, reference: Mixing) -> dict[str, Any]:
    """Mount the drawing; what the reader looks at."""
    mounted, kept = f"many-masks-{lesson.name}", _key(lesson, "reader")
    begin = lesson.start.get("reader")
    reader = many_masks.many_told(None, st.session_state.get(kept, begin))
    st.session_state[kept] = reader

    def hear() -> None:
        told = st.session_state[mounted]["reader"]
        st.session_state[kept] = many_masks.many_told(told, reader)

    content = many_masks.content(found, reference)
    _drawing(
        data={**content, "tones": PLACES, "reader": reader, "highlight": highlight(lesson)},
        key=mounted,
        on_reader_change=hear,
    )
    return reader


def _key(lesson: Lesson, name: str) -> str:
    return f"{lesson.name}-{name}"
