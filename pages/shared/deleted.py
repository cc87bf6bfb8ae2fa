"""What was deleted within a day, and the way back."""

from __future__ import annotations

import time
from collections.abc import Callable

import streamlit as st

from made.base.errors import MadeError
from made.base.text import clock
from made.runs import bin
from made.studies import bin as study_bin
from pages.compare.selection import DONE, REFUSED
from pages.shared.plain_text import plain


def deleted_menu() -> None:
    """Deleted runs and studies, each with a button; nothing where there is none."""
    studies, runs = study_bin.deleted_studies(), bin.deleted_runs()
    if not studies and not runs:
        return
    number = len(studies) + len(runs)
    with st.popover(f"Deleted ({number})", icon=":material/restore_from_trash:"):
        st.caption("Kept for a day after it was deleted.")
        with st.container(height=260 if number > 4 else "content", border=False):
            for study in studies:
                _line(study.study.id, f"Study “{study.study.title}”", study.at, study_bin.restore)
            for run in runs:
                _line(run.run.id, run.run.label, run.at, bin.restore)
        st.button(
            "Remove all for good",
            icon=":material/delete_forever:",
            type="tertiary",
            key="empty_bin",
            help="Frees the disk at once; nothing of it comes back.",
            on_click=_empty,
        )


def _line(id: str, label: str, at: float, back: Callable[[str], object]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{plain(label)} · {clock(time.time() - at)} ago", width="stretch")
        st.button(
            "Restore",
            icon=":material/undo:",
            key=f"restore_{id}",
            on_click=_restore,
            args=(id, label, back),
        )


def _restore(id: str, label: str, back: Callable[[str], object]) -> None:
    try:
        back(id)
    except MadeError as error:
        st.session_state[REFUSED] = [str(error)]
    else:
        st.session_state[DONE] = f"Restored {label}."


def _empty() -> None:
    study_bin.empty()
    bin.empty()
