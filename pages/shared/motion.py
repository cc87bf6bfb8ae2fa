"""A draw in slow motion: the drawing, and what a person asked of it.

What `made.views.slow_motion` returns is sent once; playing, stepping and scrubbing happen in the
browser. Only another draw and a changed value come back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from made.base.errors import MadeError
from made.runs.folder import Run
from made.views import sample_views, slow_motion
from made.views.sample_views import Request, Subject
from made.views.slow_motion import Draw, Motion
from pages.shared.component import DRAWING, component
from pages.shared.plain_text import plain

_FOLDER = Path(__file__).parent
_component = component(
    _FOLDER,
    "motion",
    DRAWING,
    *(_FOLDER / f"motion_{part}.js" for part in ("chart", "grid", "plane")),
)


@dataclass(kw_only=True)
class Watched:
    """What is on the screen of a session, and what has been done with it.

    begun: the draw before anything was changed. was_played: some draw was played to its end.
    complete: the id of the draw that was seen to its end.
    """

    run_id: str
    begun: Draw
    draw: Draw
    motion: Motion | None = None
    was_played: bool = False
    complete: str = ""
    problem: str = ""

    @property
    def id(self) -> str:
        return f"{self.run_id} {self.draw.checkpoint} {self.draw.mask_set} {self.draw.seed}" + (
            f" changed {self.draw.changed}" if self.draw.changed else ""
        )

    @property
    def is_complete(self) -> bool:
        return self.complete == self.id


def show_motion(
    about: Subject,
    begun: Draw,
    *,
    key: str,
    seed_key: str,
    opens_at: float,
    another: str,
    hears_end: bool = False,
    blank: Mapping[str, Any] | None = None,
    highlight: str = "",
) -> Watched:
    """Show a draw. seed_key: where in the session its seed stands, which another draw replaces.

    opens_at: the share that is drawn at first. another: the button for another one. hears_end:
    whether a draw that is seen to its end is told. blank: pictures for the right. highlight: what
    pulses, of "play", "drawn" and "another". Raises MadeError.
    """
    watched: Watched | None = st.session_state.get(_kept(key))
    if watched is None or (watched.run_id, watched.begun) != (about.run.id, begun):
        known = watched or Watched(run_id=about.run.id, begun=begun, draw=begun)
        watched = replace(known, run_id=about.run.id, begun=begun, draw=begun, motion=None)
        if known.complete == "next":
            watched.complete = watched.id
        st.session_state[_kept(key)] = watched
    watched.motion = shown = motion_of(about, watched.draw)
    if watched.problem:
        st.error(plain(watched.problem), icon=":material/error:")
        watched.problem = ""
    _component(
        data={
            **shown.content,
            "id": watched.id,
            "subject": f"{about.run.id} {begun.checkpoint} {begun.mask_set}",
            "opensAt": opens_at,
            "another": another,
            "hearsEnd": hears_end,
            "blank": blank,
            "highlight": highlight,
        },
        key=key,
        on_asked_change=lambda: _answer(key, seed_key),
        on_ended_change=lambda: _hear_end(key),
    )
    return watched


def motion_of(about: Subject, draw: Draw) -> Motion:
    """The draw, kept as long as the checkpoint is the same."""
    request = Request(checkpoint=draw.checkpoint, num_samples=1, seed=draw.seed)
    return _motion(about.run.id, sample_views.signature(about, request), draw)


def subject_of(run_id: str) -> Subject:
    """A run by its id. Raises MadeError where it is not there."""
    return sample_views.subject(Run.open(run_id))


@st.cache_data(max_entries=32, show_spinner=False)
def _motion(run_id: str, signature: str, draw: Draw) -> Motion:
    """signature belongs to the key: a run that trains replaces its checkpoints."""
    return slow_motion.motion(run_id, draw)


def _kept(key: str) -> str:
    return f"{key}-watched"


def _answer(key: str, seed_key: str) -> None:
    """Another draw, or a drawn value changed; what the browser says is checked here."""
    asked = st.session_state[key]["asked"]
    watched: Watched | None = st.session_state.get(_kept(key))
    if watched is None or not isinstance(asked, Mapping):
        return
    if asked.get("another"):
        st.session_state[seed_key] = slow_motion.next_seed(watched.draw.seed)
        watched.complete = "next" if asked.get("complete") else ""
    elif watched.motion is not None:
        try:
            watched.draw = slow_motion.change(watched.draw, watched.motion, asked.get("place"))
        except MadeError as error:
            watched.problem = str(error)


def _hear_end(key: str) -> None:
    ended = st.session_state[key]["ended"]
    watched: Watched | None = st.session_state.get(_kept(key))
    if watched is not None and isinstance(ended, Mapping) and ended.get("id") == watched.id:
        watched.complete = watched.id
        watched.was_played = watched.was_played or ended.get("played") is True
