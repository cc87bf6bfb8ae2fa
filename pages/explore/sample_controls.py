"""The controls of the Samples page: together they make one request, and every change draws anew."""

from __future__ import annotations

import streamlit as st

from made.views import sample_views
from made.views.sample_views import Request, Subject

SEED = "samples_seed"


def request_controls(about: Subject) -> Request:
    """What to draw from a run, from top to bottom."""
    checkpoint = _checkpoint(about)
    num_samples = _number(about)
    seed = _seed()
    mask_set = _mask_set(about)
    row, num_given = _completion(about, mask_set)
    return Request(
        checkpoint=checkpoint,
        num_samples=num_samples,
        seed=seed,
        mask_set=mask_set,
        row=row,
        num_given=num_given,
    )


def _checkpoint(about: Subject) -> str:
    names = about.run.checkpoints()
    return st.segmented_control(
        "Checkpoint",
        names,
        default=names[0],
        format_func=lambda name: sample_views.checkpoint_title(about.run, name),
        key=f"samples_checkpoint_{about.run.id}",
        required=True,
        width="stretch",
        persist_state="session",
        help="Best: the epoch with the lowest validation NLL. Last: the newest weights.",
    )


def _number(about: Subject) -> int:
    if about.info.is_joint:
        return st.select_slider(
            "Number of samples",
            sample_views.POINT_COUNTS,
            value=100_000,
            format_func=lambda count: f"{count:,}",
            key="samples_points",
            persist_state="session",
        )
    low, high = sample_views.IMAGE_COUNTS
    return st.slider(
        "Number of samples", low, high, 100, key="samples_images", persist_state="session"
    )


def _seed() -> int:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = st.number_input(
            "Seed",
            0,
            sample_views.MAX_SEED,
            key=SEED,
            persist_state="session",
            help="The same seed draws the same samples; every run gets the same random numbers.",
        )
        st.button(
            "Draw again",
            type="primary",
            icon=":material/casino:",
            key="samples_new_seed",
            help="Draws with a new seed.",
            on_click=_new_seed,
        )
    return seed


def _new_seed() -> None:
    st.session_state[SEED] = sample_views.new_seed(st.session_state.get(SEED, 0))


def _mask_set(about: Subject) -> int | None:
    reason = sample_views.mask_reason(about)
    titles = {"mixture": f"Mixture of {about.mixture_size}", "one": "A single one"}
    choice = st.segmented_control(
        "Mask sets",
        list(titles),
        format_func=titles.__getitem__,
        default="mixture",
        key=f"samples_masks_{about.run.id}",
        required=True,
        disabled=reason is not None,
        width="stretch",
        persist_state="session",
        help="The mixture draws each sample from one of the mask sets, all equally likely.",
    )
    if reason:
        st.caption(f":material/info: {reason}")
    if reason or choice == "mixture":
        return None
    return st.number_input(
        "Mask set",
        0,
        about.last_mask_set,
        key=f"samples_mask_set_{about.run.id}",
        persist_state="session",
        help=f"Training went through mask sets 0 … {about.last_mask_set}.",
    )


def _completion(about: Subject, mask_set: int | None) -> tuple[int | None, int]:
    """The data row whose first pixels are given and their number, or (None, 0)."""
    if about.info.image_shape is None:
        return None, 0
    reason = sample_views.why_no_completion(about, mask_set)
    is_wanted = st.toggle(
        "Complete an image",
        key="samples_complete",
        disabled=reason is not None,
        persist_state="session",
        help="Keeps the first pixels of a data row and draws the others, given these.",
    )
    if reason:
        st.caption(f":material/info: {reason}")
    if reason or not is_wanted:
        return None, 0
    num_given = st.slider(
        "Pixels given",
        0,
        about.most_given,
        sample_views.default_given(about.info),
        key=f"samples_given_{about.most_given}",
        persist_state="session",
        help="The first ones of the ordering: in the natural ordering from the top row down.",
    )
    row = st.slider(
        "Data row",
        0,
        about.last_row,
        key=f"samples_row_{about.run.id}",
        persist_state="session",
        help="A row of the training split.",
    )
    return row, num_given
