"""Learn: what MADE is, in chapters that are read and played; each ticks off what was done."""

from __future__ import annotations

from importlib import import_module

import streamlit as st

from made.lessons.lesson import Facts, Lesson, lessons, problems
from made.runs import kept_models
from pages.learn.places import Places, learn_places
from pages.learn.steps import is_finished, show_steps, tick
from pages.learn.ways import show_links, show_neighbours
from pages.shared.frame import write_link
from pages.shared.plain_text import plain
from pages.shared.session import shown_errors

LESSON = "lesson"
_WRITTEN = "lesson_in_link"


def chosen_lesson(known: dict[str, Lesson]) -> Lesson:
    """The bar of chapters; the address of the page names the one that is open."""
    wanted = st.query_params.get(LESSON, "")
    is_new_link = wanted != st.session_state.get(_WRITTEN, "")
    if wanted in known and is_new_link:
        st.session_state[LESSON] = wanted
    elif st.session_state.get(LESSON) not in known:
        st.session_state[LESSON] = next(iter(known))
    if wanted and wanted not in known:
        st.warning(
            f"There is no lesson “{plain(wanted[:60])}” here: the first one is shown.",
            icon=":material/search_off:",
        )
    st.segmented_control(
        "Chapter",
        list(known),
        key=LESSON,
        required=True,
        label_visibility="collapsed",
        width="stretch",
        format_func=lambda name: _bar_title(known[name]),
        persist_state="session",
    )
    chosen = st.session_state[_WRITTEN] = st.session_state[LESSON]
    return known[chosen]


def _bar_title(lesson: Lesson) -> str:
    mark = ":material/check_circle: " if is_finished(lesson) else ""
    return mark + plain(lesson.bar_title)


def play(place: Places, lesson: Lesson) -> Facts:
    """Let the reader play, and learn what was done. Playgrounds stand beside this page."""
    module = lesson.playground.replace("-", "_")
    return import_module(f"pages.learn.playgrounds.{module}").play(place, lesson)


kept_models.warm_up()
known = lessons()
lesson = chosen_lesson(known)
write_link({LESSON: lesson.name})
place = learn_places()
with place.words:
    st.subheader(plain(lesson.title), anchor=False)
    st.markdown(lesson.text)
facts: Facts = {}
with shown_errors():
    facts = play(place, lesson)
tick(lesson, facts)
with place.steps:
    show_steps(lesson)
    show_links(lesson)
    show_neighbours(list(known.values()), lesson)
    for problem in problems():
        st.warning(plain(problem), icon=":material/menu_book:")
