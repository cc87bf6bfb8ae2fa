"""A digit grows along its ordering, and may be changed on its way."""

from __future__ import annotations

from typing import Any

import streamlit as st

from made.lessons.lesson import Facts, Lesson
from made.views import blank_paper, sample_views, slow_motion
from made.views.sample_views import Request
from made.views.slow_motion import Draw
from pages.learn.places import Places
from pages.learn.steps import highlight
from pages.shared.motion import show_motion, subject_of

KEY, SEED = "lesson-motion", "lesson_motion_seed"


def play(place: Places, lesson: Lesson) -> Facts:
    """Facts: played (some draw to its end), changed (how many values by hand), went_on (a changed
    draw was seen to its end), log_prob (in nats, of a draw that is seen to its end).
    """
    start = lesson.begins(slow_motion.Start)
    about = subject_of(start.run)
    seed = st.session_state.setdefault(f"{SEED}-{lesson.name}", start.seed)
    request = Request(checkpoint="best", num_samples=1, seed=start.drawn)
    blank = None
    if lesson.shows("blank") and slow_motion.has_ink(about.info):
        blank = _blank(about.run.id, sample_views.signature(about, request), start.drawn)
    with place.picture:
        watched = show_motion(
            about,
            Draw(seed=seed),
            key=f"{KEY}-{lesson.name}",
            seed_key=f"{SEED}-{lesson.name}",
            opens_at=start.opens_at,
            another="Another digit" if slow_motion.has_ink(about.info) else "Another draw",
            hears_end=True,
            blank=blank,
            highlight=highlight(lesson),
        )
    changed = len(watched.draw.changed)
    facts: dict[str, Any] = {"played": watched.was_played, "changed": changed}
    if watched.is_complete and watched.motion is not None:
        facts |= {"log_prob": watched.motion.log_prob, "went_on": changed > 0}
    return facts


@st.cache_data(max_entries=4, show_spinner=False)
def _blank(run_id: str, signature: str, seed: int) -> dict[str, Any]:
    """signature belongs to the key: a run that trains replaces its checkpoints."""
    return blank_paper.from_blank_paper(run_id, seed=seed)
