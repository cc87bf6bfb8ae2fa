"""Inpainting: some variables are known, any of them, and the model draws the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from made.runs.folder import Run
from made.views import inference, inpainting, inpainting_content, joint_slices, sample_views
from made.views.inpainting import Answer, Question
from made.views.sample_views import Request, Subject
from pages.shared.component import DRAWING, component
from pages.shared.frame import Places, is_presenting
from pages.shared.session import shown_errors

SHEET = "inpainting"
_FOLDER = Path(__file__).parent
_sheet = component(_FOLDER, "inpainting", DRAWING, _FOLDER / "sheet.js")
_completions = component(_FOLDER, "completions", DRAWING, _FOLDER / "sheet.js")
_slices = component(_FOLDER, "joint-slices", DRAWING, _FOLDER / "joint.js")


def show(place: Places, run: Run) -> None:
    """The tool: the sheet at the left, its completions at the right."""
    with place.picture, shown_errors():
        about = sample_views.subject(run)
        if reason := sample_views.why_none(run):
            st.info(reason, icon=":material/info:")
            return
        checkpoint = run.checkpoints()[0]
        signature = sample_views.signature(
            about, Request(checkpoint=checkpoint, num_samples=1, seed=0)
        )
        if about.info.is_joint:
            show_joint(place, about, checkpoint, signature)
        else:
            show_sheet(place, about, checkpoint, signature)


@st.cache_data(max_entries=16, show_spinner=False)
def complete(run_id: str, signature: str, checkpoint: str, question: Question) -> Answer:
    """signature belongs to the key: a run that trains replaces its checkpoints."""
    return inpainting.ask(run_id, checkpoint, question)


@st.cache_data(max_entries=4, show_spinner=False)
def density(run_id: str, signature: str, checkpoint: str) -> np.ndarray | None:
    """The exact joint of a model of two variables."""
    return inference.exact_density(run_id, checkpoint)


def show_sheet(place: Places, about: Subject, checkpoint: str, signature: str) -> None:
    """What was brushed, completed."""
    question = asked(about, checkpoint)
    answer = complete(about.run.id, signature, checkpoint, question)
    original = inpainting.original(about, checkpoint, question.row)
    # Before a room the controls are folded away, and the sheet is what one looks at.
    left, right = st.columns([2, 5], gap="medium") if is_presenting() else (place.controls, None)
    with left:
        _sheet(
            data=inpainting_content.sheet(about, question, original),
            key=SHEET,
            on_asked_change=lambda: hear(about.run.id),
        )
        if about.info.image_shape is None:
            st.caption("These data are no pictures: their variables stand line by line.")
    with right or st.container():
        _completions(
            data=inpainting_content.completions(about, question, original, answer),
            key="completions",
        )
        st.caption(inpainting_content.time_line(answer))


def asked(about: Subject, checkpoint: str) -> Question:
    """What was last brushed on this run, or how it begins."""
    said: Any = st.session_state.get(_key(about.run.id))
    if said is not None:
        return inpainting.heard(about, checkpoint, said)
    return inpainting.beginning(about, inpainting.original(about, checkpoint, 0), 0)


def hear(run_id: str) -> None:
    """A stroke has ended: what it made of the sheet is kept for as long as the session lasts."""
    st.session_state[_key(run_id)] = st.session_state[SHEET]["asked"]


def _key(run_id: str) -> str:
    return f"inpainting_{run_id}"


def show_joint(place: Places, about: Subject, checkpoint: str, signature: str) -> None:
    """Two variables: each given the other, exactly."""
    with place.controls:
        st.markdown(joint_slices.WORDS)
    joint = density(about.run.id, signature, checkpoint)
    assert joint is not None
    _slices(data=joint_slices.content(joint, joint_slices.truth(about.run)), key="joint-slices")
