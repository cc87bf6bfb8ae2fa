"""One digit: what changes of it cost, what completes it, how short its code is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from made.lessons.lesson import Facts, Lesson
from made.views import uses, uses_content
from pages.learn.places import Places
from pages.learn.steps import highlight
from pages.shared.component import DRAWING, component

_FOLDER = Path(__file__).parents[1]
_SHEET = _FOLDER.parent / "explore" / "sheet.js"
_drawing = component(_FOLDER, "uses", DRAWING, _SHEET)


def play(place: Places, lesson: Lesson) -> Facts:
    mounted, kept = f"uses-{lesson.name}", f"{lesson.name}-reader"
    start = lesson.begins(uses.Start)
    reader = uses_content.uses_told(None, st.session_state.get(kept, start.reader))
    st.session_state[kept] = reader

    def hear() -> None:
        told: Any = st.session_state[mounted]["reader"]
        st.session_state[kept] = uses_content.uses_told(told, reader)

    with place.picture:
        found = uses.uses(start.run, reader)
        _drawing(
            data={**uses_content.content(found), "reader": reader, "highlight": highlight(lesson)},
            key=mounted,
            on_reader_change=hear,
        )
    with place.controls:
        st.caption(uses_content.about_line(found))
    return uses_content.uses_facts(found)
