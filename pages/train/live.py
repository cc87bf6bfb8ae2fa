"""The live panel: what a run does now, its curve, and what its model draws."""

from __future__ import annotations

import time
from typing import Literal

import streamlit as st

from made.runs import ending, jobs, launchers, line
from made.runs.folder import LIVING, RESUMABLE, Run
from made.runs.forks import FORKING
from made.runs.records import Status
from made.views import live_views, run_views, step_view
from made.views.film import has_film
from made.views.pictures import Picture
from pages.shared.film import show_film
from pages.shared.frame import is_large, is_narrow, is_presenting
from pages.shared.person import why_not
from pages.shared.plain_text import plain
from pages.shared.pulse import pulse
from pages.shared.session import fragment, shown_errors, state_badge
from pages.train.live_chart import live_chart, send_whole
from pages.train.stepping import (
    follow_reset,
    has_failed,
    say_stepping,
    stepping_buttons,
    tried,
)

# Before the first loss of a run just launched, which one waits for; before the first picture; and
# from then on.
FIRST_SECONDS, SOON_SECONDS, REFRESH_SECONDS = 0.1, 0.4, 1.0
JUST_SECONDS = 10.0
RESTING_SECONDS = 3.0  # between two looks at whether somebody else lets a run at rest go on
CURVE_HEIGHT = 106  # pixels: the pictures below are to be seen whole
FILM_SHARE = {False: 0.32, True: 0.39}  # of the height of the window; whether it is presented
PICTURE_HEIGHT = 208  # pixels, of three square pictures at a desk
ENGINE_HELP = (
    "How the minibatches are computed: the device, the numbers of the matrix products, the mask "
    "sets, and whether a CUDA graph replays the steps."
)


def live_panel(run: Run) -> None:
    """Show a run; while it lives the panel alone is drawn again and again."""
    say_stepping()
    state = run.state
    send_whole(_curve_key(run))
    fragment(_panel)(run.id, state in LIVING)
    if state in RESUMABLE and not run.is_shipped:
        fragment(_wait)(run.id)


def _wait(run_id: str) -> None:
    """Draw the page anew once a run at rest goes on, which another tab or person may have done."""
    with shown_errors():
        if Run.open(run_id).state in LIVING:
            st.rerun()
    pulse("rest", RESTING_SECONDS)


def refresh_seconds(run: Run, status: Status) -> float | None:
    """After how long the panel is drawn again; None of a run at rest."""
    if status.state not in LIVING:
        return None
    if status.state in ("queued", "held") or run.sample_epochs():
        return REFRESH_SECONDS
    is_awaited = time.time() - status.launched < JUST_SECONDS and not run.num_losses
    return FIRST_SECONDS if is_awaited else SOON_SECONDS


def _panel(run_id: str, was_living: bool) -> None:
    refresh: float | None = REFRESH_SECONDS
    with shown_errors(), st.container(gap="xsmall"):
        run = Run.open(run_id)
        if has_failed():
            st.rerun()  # the page says it, above a panel that is drawn again and again
        follow_reset(run)
        status = run.status()
        figures = run_views.figure_line(run)
        progress = plain(run_views.progress_line(run, status, line.queue_place(run)))
        is_over = status.state == "finished" and bool(figures)
        moment = step_view.moment_of(run, status)
        is_played = not run.is_shipped and (status.state in LIVING or status.state in RESUMABLE)
        _status(run, status, "" if is_played else figures if is_over else progress)
        if is_played:
            told = step_view.moment_line(moment) if moment else figures
            st.markdown(" · ".join(filter(None, [progress, told])))
        elif figures and not is_over:
            st.markdown(figures)
        _curve(run)
        if moment:
            _side_by_side(step_view.moment_pictures(run, moment))
        else:
            _pictures(run)
        if is_over:
            st.caption(progress)
        _details(run, status)
        refresh = refresh_seconds(run, status)
        if (status.state in LIVING) != was_living:
            st.rerun()
    pulse("panel", refresh)


def _status(run: Run, status: Status, words: str) -> None:
    """What the run does and, in words, what counts most about it now; and how to stop it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        state_badge(status.state)
        if words:
            st.markdown(words, width="stretch")
        stepping_buttons(run, status.state)
        _buttons(run, status.state)
    if status.state in LIVING:
        _silence(run)
    if status.message and status.state == "failed":
        st.error(f"Step {status.step:,}: {plain(status.message)}", icon=":material/error:")
    elif status.message and status.state == "interrupted":
        st.warning(plain(status.message), icon=":material/bolt:")
    elif status.message and status.state == "paused":
        st.caption(plain(status.message))


def _silence(run: Run) -> None:
    """That the process of a living run gives no sign of life, and how to be rid of it."""
    words = run_views.silence(run)
    if not words:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(
            f"Its process is {words}: it was stopped from outside, or waits for a disk. It may go "
            "on by itself; ended, the run can be resumed from its last checkpoint.",
            icon=":material/hourglass_disabled:",
            width="stretch",
        )
        not_own = why_not("stop", run)
        if not run.is_shipped:
            st.button(
                "End its process",
                icon=":material/power_settings_new:",
                key=f"end-{run.id}",
                help=not_own,
                disabled=not_own is not None,
                on_click=tried,
                args=(ending.end_process, run),
            )


def _buttons(run: Run, state: str) -> None:
    """Pause or Resume, then Stop: always in these places, so that a double click hits no other."""
    is_living = state in LIVING
    can_stop = is_living or state == "paused"
    asked = jobs.requested(run) is not None
    not_own = why_not("stop", run)
    if run.is_shipped or not (is_living or state in RESUMABLE):
        return
    if is_living:
        st.button(
            "Pause",
            icon=":material/pause:",
            key=f"pause-{run.id}",
            help=not_own
            or "Writes a checkpoint and frees the device; Resume goes on as if never paused.",
            disabled=asked or not_own is not None,
            on_click=tried,
            args=(jobs.pause, run),
        )
    elif st.button(
        "Resume",
        icon=":material/play_arrow:",
        key=f"resume-{run.id}",
        help=not_own or "Goes on from the last checkpoint, as if never interrupted.",
        disabled=not_own is not None,
    ):
        tried(jobs.resume, run, launcher=launchers.chosen(local=FORKING))
        st.rerun()
    st.button(
        "Stop",
        icon=":material/stop:",
        key=f"stop-{run.id}",
        help=not_own
        or ("Ends the run and keeps its checkpoints." if can_stop else "Nothing runs."),
        disabled=asked or not can_stop or not_own is not None,
        on_click=tried,
        args=(jobs.stop, run),
    )


def _curve(run: Run) -> None:
    curve = live_views.curve(run)
    if curve is None:
        st.info("The curve begins with the first minibatches.", icon=":material/show_chart:")
        return
    live_chart(curve.option, key=_curve_key(run), alt=curve.alt, height=CURVE_HEIGHT)


def _curve_key(run: Run) -> str:
    return f"curve-{run.id}"


def _pictures(run: Run) -> None:
    """A run at rest through all its epochs; one that trains, after its latest."""
    if has_film(run):
        show_film(run, FILM_SHARE[is_presenting()])
        return
    if pictures := live_views.pictures(run):
        _side_by_side(pictures)


def _side_by_side(pictures: list[Picture]) -> None:
    for column, picture in zip(st.columns(len(pictures), gap="medium"), pictures, strict=True):
        with column, st.container(gap="xxsmall"):
            st.caption(picture.title)
            width = _width(picture, len(pictures))
            encoded = picture.png() if width == "stretch" else picture.png(width)
            st.image(encoded, alt=picture.alt, width=width, output_format="PNG")


def _width(picture: Picture, count: int) -> int | Literal["stretch"]:
    """As wide as its column, at a desk only as long as all of it is seen there."""
    if count < 3 or is_presenting() or is_narrow() or is_large():
        return "stretch"
    height, width = picture.pixels.shape[:2]
    return round(PICTURE_HEIGHT * width / height)


def _details(run: Run, status: Status) -> None:
    """The set-up, and the way it is computed."""
    parts = [run_views.details_line(run.config), plain(run_views.origin_line(run))]
    st.caption(" · ".join(filter(None, [*parts, run_views.changes_line(run)])))
    if engine := run_views.engine_line(status):
        st.caption(f":material/memory: {plain(engine)}", help=ENGINE_HELP)
