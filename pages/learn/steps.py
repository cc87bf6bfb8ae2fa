"""Your turn: the steps of a lesson, which tick themselves off; kept for the session."""

from __future__ import annotations

import streamlit as st

from made.lessons.lesson import Facts, Lesson

_TICKS = "lesson_ticks"


def tick(lesson: Lesson, facts: Facts) -> None:
    """Mark the steps that are done by what a playground reports."""
    done = _done(lesson)
    done |= {index for index, step in enumerate(lesson.steps) if step.is_done(facts)}


def is_finished(lesson: Lesson) -> bool:
    return bool(lesson.steps) and len(_done(lesson)) == len(lesson.steps)


def highlight(lesson: Lesson) -> str:
    """What the drawing is to point at: that of the first step that is not done."""
    done = _done(lesson)
    return next(
        (step.highlight for index, step in enumerate(lesson.steps) if index not in done), ""
    )


def show_steps(lesson: Lesson) -> None:
    """The list, with a tick before what is done."""
    if not lesson.steps:
        return
    done = _done(lesson)
    with st.container(border=True, gap="xsmall"):
        st.markdown("**Your turn**")
        for index, step in enumerate(lesson.steps):
            is_done = index in done
            icon = ":green[:material/check_circle:]" if is_done else ":material/circle:"
            st.markdown(f"{icon} {step.text}")


def _done(lesson: Lesson) -> set[int]:
    ticks: dict[str, set[int]] = st.session_state.setdefault(_TICKS, {})
    return ticks.setdefault(lesson.name, set())
