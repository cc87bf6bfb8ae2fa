"""What all pages share in a session: the run that is looked at, and how runs and errors show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Literal, ParamSpec

import streamlit as st

from made import runs
from made.base.errors import MadeError
from made.runs.folder import Run
from made.views import opening, run_views
from pages.shared import boundary
from pages.shared.plain_text import plain

_Parameters = ParamSpec("_Parameters")

_MISSING = "missing_run"
STATE_ICONS = {
    "starting": ":material/hourglass_top:",
    "queued": ":material/hourglass_empty:",
    "training": ":material/play_circle:",
    "held": ":material/back_hand:",
    "paused": ":material/pause_circle:",
    "stopped": ":material/stop_circle:",
    "finished": ":material/check_circle:",
    "failed": ":material/error:",
    "interrupted": ":material/bolt:",
}
STATE_COLORS: dict[str, Literal["blue", "gray", "green", "red", "orange"]] = {
    "starting": "blue",
    "queued": "gray",
    "training": "blue",
    "held": "orange",
    "paused": "gray",
    "stopped": "gray",
    "finished": "green",
    "failed": "red",
    "interrupted": "orange",
}


def readable_runs() -> list[Run]:
    """All runs that can be read, newest first, shipped ones last."""
    return [run for run in runs.list_runs() if run.problem is None]


def look_at(run_id: str) -> None:
    """Make a run the one that every page shows; also the callback of buttons."""
    st.session_state["run_id"] = run_id
    st.session_state.pop(_MISSING, None)


def looked_at() -> str | None:
    """The name of the run that was chosen, or is that of the link; whether it is there or not."""
    return st.session_state.get("run_id") or st.query_params.get("run")


def current_run(listed: list[Run]) -> Run | None:
    """The run this session looks at: the chosen one, the one of the link, or the default one."""
    wanted = looked_at()
    chosen = next((run for run in listed if run.id == wanted), None)
    if wanted and chosen is None:
        st.session_state[_MISSING] = wanted[:60]
    chosen = chosen or opening.opening_run(listed)
    if chosen is not None:
        st.session_state["run_id"] = chosen.id
    return chosen


def say_missing_run() -> None:
    """That the run which was asked for is not there, until another one is chosen."""
    if missing := st.session_state.get(_MISSING):
        st.warning(
            f"There is no run “{plain(missing)}” here: another one is shown. Choose one from the "
            "list of runs.",
            icon=":material/search_off:",
        )


def choose_run(label: str, key: str) -> Run | None:
    """A select box over the runs; the choice holds on every page. None where there is no run.

    Runs of a shipped study without weights are only looked at in that study, or by a link.
    """
    listed = readable_runs()
    current = current_run(listed)
    if current is None:
        return None
    by_id = {
        run.id: run
        for run in listed
        if not run.is_shipped or run.checkpoints() or run.id == current.id
    }
    st.session_state[key] = current.id
    st.selectbox(
        label,
        list(by_id),
        format_func=lambda run_id: run_views.run_title(by_id[run_id]),
        key=key,
        label_visibility="collapsed",
        on_change=lambda: look_at(st.session_state[key]),
    )
    return by_id[st.session_state["run_id"]]


def state_badge(state: str) -> None:
    """The state of a run as an icon, a word and a colour."""
    st.badge(state, icon=STATE_ICONS[state], color=STATE_COLORS[state])


@contextmanager
def shown_errors() -> Iterator[None]:
    """Turn an error that a person can mend into its sentence on the page; note any other one."""
    try:
        yield
    except MadeError as error:
        st.error(plain(str(error)), icon=":material/error:")
    except Exception as error:
        boundary.caught(error)


def fragment(part: Callable[_Parameters, None]) -> Callable[_Parameters, None]:
    """A part of a page that is drawn again by itself, and that fails by itself."""

    @wraps(part)
    def bounded(*arguments: _Parameters.args, **named: _Parameters.kwargs) -> None:
        with shown_errors():
            part(*arguments, **named)

    return st.fragment(bounded)
