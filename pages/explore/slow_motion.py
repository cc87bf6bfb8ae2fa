"""Slow motion: one draw of a run, toss by toss, with the chances at each of them."""

from __future__ import annotations

import streamlit as st

from made.runs.folder import Run
from made.views import motion_film, sample_views
from made.views.sample_views import MAX_SEED, Subject
from made.views.slow_motion import Draw
from pages.shared.frame import Places
from pages.shared.motion import motion_of, show_motion, subject_of
from pages.shared.session import shown_errors

KEY, SEED = "slow-motion", "slow_motion_seed"
OPENS_AT = 0.48


def show(place: Places, run: Run) -> None:
    """The tool: which draw at the left, the draw itself at the right."""
    about = begun = reason = None
    with place.controls, shown_errors():
        about = subject_of(run.id)
        reason = sample_views.why_none(run)
        if reason is None:
            begun = draw_controls(about)
    if about is None or begun is None:
        if reason:
            place.picture.info(reason, icon=":material/info:")
        return
    with place.picture, shown_errors():
        watched = show_motion(
            about,
            begun,
            key=KEY,
            seed_key=SEED,
            opens_at=OPENS_AT,
            another="Other points" if about.info.is_joint else "Another draw",
        )
        with place.controls:
            film(about, watched.draw)


def draw_controls(about: Subject) -> Draw:
    """Which draw: of which weights, by which numbers, under which mask set."""
    names = about.run.checkpoints()
    checkpoint = st.segmented_control(
        "Checkpoint",
        names,
        default=names[0],
        format_func=lambda name: sample_views.checkpoint_title(about.run, name),
        key=f"slow_motion_checkpoint_{about.run.id}",
        required=True,
        width="stretch",
        persist_state="session",
        help="Best: the epoch with the lowest validation NLL. Last: the newest weights.",
    )
    seed = st.number_input(
        "Seed",
        0,
        MAX_SEED,
        key=SEED,
        persist_state="session",
        help="The same seed tosses the same coins, in every run.",
    )
    mask_set = 0
    if about.num_mask_sets > 1:
        mask_set = st.number_input(
            "Mask set",
            0,
            about.last_mask_set,
            key=f"slow_motion_mask_set_{about.run.id}",
            persist_state="session",
            help="A draw is made under one mask set, whose ordering it follows.",
        )
        st.caption(f"log p is that under mask set {mask_set} alone, not of the mixture.")
    return Draw(checkpoint=checkpoint, seed=seed, mask_set=mask_set)


def film(about: Subject, draw: Draw) -> None:
    """The draw as a file that plays anywhere, made when it is asked for."""
    st.download_button(
        "GIF",
        lambda: motion_film.gif(motion_of(about, draw).content),
        f"slow-motion-{about.run.id}-{draw.checkpoint}-seed-{draw.seed}.gif",
        "image/gif",
        icon=":material/animated_images:",
        on_click="ignore",
        help="The whole draw as a film of at most 90 pictures, for slides.",
    )
