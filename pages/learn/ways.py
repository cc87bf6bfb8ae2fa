"""From a chapter to the next one, and to the page where it is tried in earnest."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from made.lessons.lesson import Lesson, Link
from made.setups.config import ExperimentConfig
from made.setups.presets import load_presets
from pages.shared.plain_text import plain
from pages.shared.session import look_at, shown_errors
from pages.shared.setup import adopt
from pages.shared.way_back import remember_lesson

_PAGES = Path(__file__).parents[1]


def show_links(lesson: Lesson) -> None:
    """The ways that a lesson names, each with its set-up loaded."""
    for index, link in enumerate(lesson.links):
        with shown_errors():
            if st.button(
                plain(link.text),
                key=f"way-{lesson.name}-{index}",
                icon=":material/arrow_outward:",
                type="tertiary",
                help=plain(link.note) or None,
            ):
                _follow(lesson, link)


def _follow(lesson: Lesson, link: Link) -> None:
    if link.preset:
        adopt(load_presets()[link.preset].config)
    elif link.settings:
        adopt(ExperimentConfig.from_flat(link.settings))
    if "run" in link.query:
        look_at(link.query["run"])
    remember_lesson(lesson)
    st.switch_page(_PAGES / link.page / "page.py", query_params=link.query)


def show_neighbours(lessons: Sequence[Lesson], lesson: Lesson) -> None:
    """The chapter before and the one after."""
    place = lessons.index(lesson)
    with st.container(horizontal=True):
        for step, icon, kind in ((-1, "arrow_back", "secondary"), (1, "arrow_forward", "primary")):
            if 0 <= place + step < len(lessons):
                other = lessons[place + step]
                st.button(
                    plain(other.bar_title),
                    key=f"chapter-{step}",
                    icon=f":material/{icon}:",
                    icon_position="left" if step < 0 else "right",
                    type="primary" if kind == "primary" else "secondary",
                    on_click=_open,
                    args=(other.name,),
                )


def _open(name: str) -> None:
    st.session_state["lesson"] = name
