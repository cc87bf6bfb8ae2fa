"""The studies on the Compare page: choose one, see how it gets on, start, pause or delete it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from made.base.errors import MadeError
from made.studies import control, folder
from made.studies.folder import StoredStudy
from made.studies.progress import Progress, progress
from made.views.study_titles import study_titles
from pages.compare.new_study import new_study
from pages.shared.person import why_not
from pages.shared.plain_text import plain
from pages.shared.pulse import pulse
from pages.shared.session import fragment, shown_errors

CHOSEN = "compare_study"
BOX = "compare_study_box"  # its widget, apart from what is chosen, which others may set
FAILURE = "compare_study_failure"
NONE = ""
REFRESH_SECONDS = 2.0
ICONS = {
    "new": ":material/fiber_new:",
    "starting": ":material/hourglass_top:",
    "training": ":material/play_circle:",
    "pausing": ":material/hourglass_bottom:",
    "stopping": ":material/hourglass_bottom:",
    "paused": ":material/pause_circle:",
    "stopped": ":material/stop_circle:",
    "interrupted": ":material/bolt:",
    "failed": ":material/error:",
    "incomplete": ":material/rule:",
    "finished": ":material/check_circle:",
}


def picker(*, is_whole: bool = True) -> StoredStudy | None:
    """Which study is looked at, how it gets on, and the way to another one.

    is_whole: with what is done with studies, rather than with the choice of one alone.
    Returns None where runs are chosen by hand.
    """
    listed = [stored for stored in folder.list_studies() if stored.problem is None]
    with st.container(horizontal=True, vertical_alignment="center"):
        stored = _choose(listed)
        if is_whole:
            if stored is not None and not stored.is_shipped:
                _manage(stored)
            new_study(choose)
    if failure := st.session_state.pop(FAILURE, None):
        st.error(plain(failure), icon=":material/error:")
    if stored is not None:
        _watch(stored)
    return stored


def unreadable_studies() -> None:
    """Studies that cannot be read, each with its reason and the way to be rid of it."""
    for stored in folder.list_studies():
        if problem := stored.problem:
            st.warning(
                f"{plain(problem)} Mend that file, or remove the study by "
                f"`python -m made study delete {stored.id}`; its runs stay.",
                icon=":material/broken_image:",
            )


def choose(study_id: str) -> None:
    """Look at a study; also the callback of buttons. An empty id: at runs chosen by hand."""
    st.session_state[CHOSEN] = study_id
    if study_id:
        st.query_params.pop("runs", None)


def _choose(listed: Sequence[StoredStudy]) -> StoredStudy | None:
    by_id = {stored.id: stored for stored in listed}
    titles = study_titles(listed) | {NONE: "Runs ticked in the table"}
    wanted = st.session_state.get(CHOSEN)
    if wanted is None:
        wanted = st.query_params.get("study")
        if wanted is not None and wanted not in by_id:
            st.toast(f"There is no study '{plain(wanted[:60])}'; another one is shown.")
            wanted = None
    if wanted is None:
        wanted = NONE if st.query_params.get("runs") else _default(listed)
    wanted = wanted if wanted in by_id else NONE
    st.session_state[CHOSEN] = st.session_state[BOX] = wanted
    st.selectbox(
        "Study",
        [*by_id, NONE],
        format_func=titles.__getitem__,
        key=BOX,
        label_visibility="collapsed",
        width=360,
        on_change=lambda: choose(st.session_state[BOX]),
    )
    if wanted:
        st.query_params["study"] = wanted
    else:
        st.query_params.pop("study", None)
    return by_id.get(wanted)


def _default(listed: Sequence[StoredStudy]) -> str:
    """The first that is shipped, else the newest."""
    shipped = [stored for stored in listed if stored.is_shipped]
    return next((stored.id for stored in [*shipped, *listed]), NONE)


def _manage(stored: StoredStudy) -> None:
    """What can be done with the whole study now.

    Each button has a place of its own, and is off where it would do nothing: the second click of a
    double click meets no other.
    """
    found = progress(stored)
    state, goes_on = found.state, found.goes_on
    if goes_on or found.finished < found.number:
        word = "Start" if state in ("new", "starting") else "Resume"
        asked = state in ("pausing", "stopping")
        # Where the process that conducts it was killed, its runs still go on.
        is_left = state == "interrupted" and found.living > 0
        can_stop = is_left or (goes_on and state != "stopping")
        is_others = why_not("change", stored)
        _button(word, ":material/play_arrow:", control.start, stored, is_others, is_off=goes_on)
        _button(
            "Pause",
            ":material/pause:",
            control.pause,
            stored,
            is_others,
            is_off=not goes_on or asked,
        )
        _button("Stop", ":material/stop:", control.stop, stored, is_others, is_off=not can_stop)
    reason = why_not("delete", stored)
    with st.popover(
        "",
        icon=":material/delete:",
        help=reason or ("To delete it, stop it first." if goes_on else "Delete this study"),
        disabled=goes_on or reason is not None,
        key=f"study-delete-{stored.id}",
    ):
        st.markdown(
            f"Delete “{plain(stored.title)}” with the runs that it has started? Runs that it "
            "found when it was made stay. For a day it can be restored, by Deleted below."
        )
        _button("Yes, delete it", ":material/delete:", _delete, stored)


def _button(
    label: str,
    icon: str,
    act: Callable[[StoredStudy], None],
    stored: StoredStudy,
    reason: str | None = None,
    is_off: bool = False,
) -> None:
    """reason: why who is here may not do this."""
    st.button(
        label,
        icon=icon,
        key=f"study-{label}-{stored.id}",
        disabled=is_off or reason is not None,
        help=reason,
        on_click=_tried,
        args=(act, stored),
    )


def _tried(act: Callable[[StoredStudy], None], stored: StoredStudy) -> None:
    try:
        act(stored)
    except MadeError as error:
        st.session_state[FAILURE] = str(error)


def _delete(stored: StoredStudy) -> None:
    control.delete(stored)
    st.session_state.pop(CHOSEN, None)
    st.query_params.pop("study", None)


def _watch(stored: StoredStudy) -> None:
    """How the study gets on; the page is drawn again when it has come further."""
    found = progress(stored)
    refresh = REFRESH_SECONDS if found.goes_on else None
    fragment(_progress)(stored, _signature(found), refresh)


def _signature(found: Progress) -> tuple[str, int, int]:
    return found.state, found.finished, found.failed


def _progress(stored: StoredStudy, seen: tuple[str, int, int], refresh: float | None) -> None:
    with shown_errors():
        found = progress(stored)
        if _signature(found) != seen:
            st.rerun()
        if found.state != "finished":
            text = f"{ICONS[found.state]} {found.state} · {plain(found.said())}"
            st.progress(found.finished / max(found.number, 1), text=text)
            if found.message:
                st.caption(plain(found.message))
    pulse("study", refresh)
