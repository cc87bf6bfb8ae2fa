"""Masks over the pixels of a picture, under any ordering, width and way of drawing degrees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from made.lessons import pixels
from made.lessons.lesson import Facts, Lesson
from made.lessons.pixels import DEGREES, DEPTHS, PICTURES, WIDTHS, Pixels, PixelSetting
from pages.learn.places import Places
from pages.learn.steps import highlight
from pages.shared.component import DRAWING, component

_drawing = component(Path(__file__).parents[1], "pixels", DRAWING)


def play(place: Places, lesson: Lesson) -> Facts:
    with place.controls:
        found = pixels.pixels(_controls(lesson))
        if lesson.shows("figures"):
            st.caption(pixels.ways_line(found))
    with place.picture:
        return pixels.pixel_facts(found, _draw(lesson, found))


def _controls(lesson: Lesson) -> PixelSetting:
    """What the reader has chosen, a part of it shown; the pixel is chosen in the drawing."""
    names = vars(PixelSetting())
    begin = PixelSetting(**{name: lesson.start[name] for name in names if name in lesson.start})
    for name, value in vars(begin).items():
        st.session_state.setdefault(_key(lesson, name), value)
    with st.container(gap="xsmall"):
        left, right = st.columns(2, gap="small")
        if lesson.shows("picture"):
            left.segmented_control(
                "Variables",
                list(PICTURES),
                key=_key(lesson, "picture"),
                required=True,
                width="stretch",
                persist_state="session",
            )
        if lesson.shows("ordering"):
            titles = pixels.orderings_of(PICTURES[_chosen(lesson, "picture")])
            right.selectbox(
                "Ordering",
                list(titles),
                key=_key(lesson, "ordering"),
                format_func=lambda name: titles.get(name, name),
                persist_state="session",
            )
        left, right = st.columns(2, gap="small")
        if lesson.shows("width"):
            left.select_slider(
                "Units a layer", WIDTHS, key=_key(lesson, "width"), persist_state="session"
            )
        if lesson.shows("depth"):
            right.select_slider(
                "Hidden layers", DEPTHS, key=_key(lesson, "depth"), persist_state="session"
            )
        if lesson.shows("degrees"):
            st.segmented_control(
                "Degrees are drawn",
                list(DEGREES),
                key=_key(lesson, "degrees"),
                format_func=DEGREES.__getitem__,
                required=True,
                width="stretch",
                persist_state="session",
            )
        with st.container(horizontal=True, vertical_alignment="center"):
            if lesson.shows("is_direct"):
                st.toggle(
                    "Direct connections", key=_key(lesson, "is_direct"), persist_state="session"
                )
            if lesson.shows("seed"):
                st.button(
                    "Draw again",
                    key=_key(lesson, "again"),
                    icon=":material/casino:",
                    type="tertiary",
                    help="Draws other degrees, and another random ordering.",
                    on_click=_draw_again,
                    args=(lesson,),
                )
    return PixelSetting(**{name: _chosen(lesson, name) for name in names})


def _draw(lesson: Lesson, found: Pixels) -> dict[str, Any]:
    """Mount the drawing; what the reader asks about."""
    mounted, kept = f"pixels-{lesson.name}", _key(lesson, "reader")
    begin = lesson.start.get("reader", {"pixel": pixels.middle(found.setting)})
    reader = pixels.pixel_told(None, st.session_state.get(kept, begin), found)
    st.session_state[kept] = reader

    def hear() -> None:
        told = st.session_state[mounted]["reader"]
        st.session_state[kept] = pixels.pixel_told(told, reader, found)

    _drawing(
        data={**pixels.content(found), "reader": reader, "highlight": highlight(lesson)},
        key=mounted,
        on_reader_change=hear,
    )
    return reader


def _draw_again(lesson: Lesson) -> None:
    st.session_state[_key(lesson, "seed")] += 1


def _chosen(lesson: Lesson, name: str) -> Any:
    return st.session_state[_key(lesson, name)]


def _key(lesson: Lesson, name: str) -> str:
    return f"{lesson.name}-{name}"
