"""Which row, and under which masks: what several tools of Explore ask for."""

from __future__ import annotations

import streamlit as st

from made.runs.folder import Run
from made.views import xray
from made.views.examples import Examples

_ROW = "explore-row"
_SINGLE = "explore-mask-set"


def choose_row(run: Run, shown: Examples) -> int:
    """The number of a row, and where the rows come from if not from the test split."""
    key = f"{_ROW}-{run.id}"
    st.session_state[key] = min(st.session_state.get(key, 0), shown.last)
    number = st.number_input(
        f"{shown.title} of {len(shown.rows):,}",
        0,
        shown.last,
        key=key,
        persist_state="session",
        help="Counted from 0, in the order of the split.",
    )
    if shown.note:
        st.caption(f":material/info: {shown.note}")
    return int(number)


def next_row(run: Run, shown: Examples) -> None:
    """Go on by one, and after the last to the first."""
    key = f"{_ROW}-{run.id}"
    st.session_state[key] = (st.session_state.get(key, 0) + 1) % len(shown.rows)


def choose_mask_set(run: Run) -> int:
    """One of several mask sets; 0 without asking where there is one."""
    number = xray.num_mask_sets(run)
    if number == 1:
        return 0
    return int(
        st.number_input(
            "Mask set",
            0,
            number - 1,
            key=f"{_SINGLE}-{run.id}",
            persist_state="session",
            help=f"Training went through mask sets 0 … {number - 1}; each has its conditionals.",
        )
    )
