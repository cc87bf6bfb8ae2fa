"""The way back to the lesson from which a person came to a page."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from made.lessons.lesson import Lesson
from pages.shared.plain_text import plain

_BACK = "way_back"
_LEARN = Path(__file__).parents[1] / "learn" / "page.py"


def remember_lesson(lesson: Lesson) -> None:
    st.session_state[_BACK] = (lesson.name, lesson.bar_title)


def show_way_back(page: str) -> None:
    """A link above every page but Learn, until the reader is back."""
    if page == "learn":
        st.session_state.pop(_BACK, None)
    elif known := st.session_state.get(_BACK):
        name, title = known
        st.page_link(
            _LEARN,
            label=f"Back to the lesson: {plain(title)}",
            icon=":material/school:",
            query_params={"lesson": name},
        )
