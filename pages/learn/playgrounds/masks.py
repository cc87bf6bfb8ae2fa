"""The same network under masks: an ordering, a degree for each hidden unit, or no masks at all."""

from __future__ import annotations

from typing import Any

import streamlit as st

from made.base.errors import MadeError
from made.lessons.lesson import Facts, Lesson
from made.lessons.opened import MASKS, figures, loss_line, opened
from made.lessons.orders import ORDERS, Start, checked_degrees, position_in
from made.lessons.reader import masks_facts
from made.lessons.small_network import Setting, SmallNetwork
from made.lessons.small_training import trained
from pages.learn.network import draw, reader_of
from pages.learn.places import Places


def play(place: Places, lesson: Lesson) -> Facts:
    with place.controls:
        setting = _controls(lesson)
        network = trained(setting)
        if lesson.shows("figures"):
            _show_figures(network)
    with place.picture:
        draw(lesson, {**opened(network), **MASKS}, lambda told: _hear_degrees(lesson, told))
    return masks_facts(network, reader_of(lesson))


def _controls(lesson: Lesson) -> Setting:
    """What the reader has chosen; the degrees are chosen in the drawing."""
    start = lesson.begins(Start)
    for name in ("ordering", "masks", "draw"):
        st.session_state.setdefault(_key(lesson, name), getattr(start, name))
    if _key(lesson, "degrees") not in st.session_state:
        _reset_degrees(lesson)
    if lesson.shows("ordering"):
        _choose_ordering(lesson)
    if lesson.shows("masks") or lesson.shows("degrees"):
        with st.container(horizontal=True, vertical_alignment="center"):
            if lesson.shows("masks"):
                is_on = st.session_state[_key(lesson, "masks")]
                st.toggle(
                    "Masks on" if is_on else "Masks off",
                    key=_key(lesson, "masks"),
                    persist_state="session",
                )
            if lesson.shows("degrees"):
                st.button(
                    "Reset degrees",
                    key=_key(lesson, "reset"),
                    type="tertiary",
                    on_click=_reset_degrees,
                    args=(lesson,),
                )
    return Setting(
        degrees=st.session_state[_key(lesson, "degrees")],
        position=position_in(
            st.session_state[_key(lesson, "ordering")], st.session_state[_key(lesson, "draw")]
        ),
        is_masked=bool(st.session_state[_key(lesson, "masks")]),
    )


def _choose_ordering(lesson: Lesson) -> None:
    st.segmented_control(
        "Ordering",
        list(ORDERS),
        key=_key(lesson, "ordering"),
        format_func=ORDERS.__getitem__,
        required=True,
        width="stretch",
        persist_state="session",
    )
    if st.session_state[_key(lesson, "ordering")] == "random":
        st.button(
            "Draw another",
            key=_key(lesson, "another"),
            icon=":material/casino:",
            type="tertiary",
            on_click=_draw_another,
            args=(lesson,),
        )


def _show_figures(network: SmallNetwork) -> None:
    is_density = network.is_autoregressive_by_masks
    for column, (title, figure) in zip(st.columns(2), figures(network), strict=True):
        column.metric(title, figure if is_density else f":red[{figure}]")
    st.caption(loss_line(network))


def _reset_degrees(lesson: Lesson) -> None:
    begin = lesson.begins(Start).degrees
    st.session_state[_key(lesson, "degrees")] = checked_degrees(begin)


def _hear_degrees(lesson: Lesson, told: Any) -> None:
    """Degrees from the browser; what cannot be leaves those there are."""
    try:
        st.session_state[_key(lesson, "degrees")] = checked_degrees(told)
    except MadeError:
        return


def _draw_another(lesson: Lesson) -> None:
    st.session_state[_key(lesson, "draw")] += 1


def _key(lesson: Lesson, name: str) -> str:
    return f"{lesson.name}-{name}"
