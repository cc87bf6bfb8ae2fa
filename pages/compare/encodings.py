"""One click for the comparison that this project is about: all encodings, else the same."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from made.base.errors import MadeError
from made.base.text import noun, spelled
from made.runs import jobs
from made.runs.folder import Run
from made.setups import words
from made.setups.config import ExperimentConfig
from made.studies import encoding_study
from made.views.comparison import RunRow
from pages.compare.selection import choose
from pages.shared.session import readable_runs
from pages.shared.setup import current_config

QUEUED = "compare_queued"
FAILURE = "compare_failure"


def train_all_button(rows: Sequence[RunRow]) -> None:
    """The button, and the set-up that it takes; disabled with the reason where it cannot work."""
    config = current_config()
    if config is None:
        problem: str | None = f"The set-up of the Train page: {st.session_state['setup_problem']}"
    else:
        problem = encoding_study.encodings_problem(config) or _already(config)
    if problem is not None:
        st.caption(problem, width="content")
    elif config is not None:
        shared = words.shared_line(config)
        st.caption(f"with the set-up of the Train page: {shared}", width="content")
    st.button(
        encoding_study.encoding_title(),
        icon=":material/playlist_add:",
        type="primary",
        key="train-all-encodings",
        disabled=problem is not None,
        help=problem
        or "Queues one run an encoding. They differ in nothing else, and take every other setting "
        "from the Train page.",
        on_click=_queue,
        args=(config,),
    )


def say_queued(rows: Sequence[RunRow]) -> None:
    """What the latest click has queued, as long as it is under way."""
    if failure := st.session_state.pop(FAILURE, None):
        st.error(failure, icon=":material/error:")
    said, ids = st.session_state.get(QUEUED, ("", []))
    if any(row.is_living for row in rows if row.id in ids):
        st.success(said, icon=":material/playlist_add_check:")


def _already(config: ExperimentConfig) -> str | None:
    in_flight = encoding_study.runs_in_flight(config, readable_runs())
    if in_flight.keys() == encoding_study.encoding_variants(config).keys():
        return "These runs are in line or training already."
    return None


def _queue(config: ExperimentConfig) -> None:
    """Start what is not under way yet, so that a second click before the page has answered the
    first queues nothing twice."""
    in_flight = encoding_study.runs_in_flight(config, readable_runs())
    chosen: list[str] = []
    started: list[Run] = []
    try:
        for label, variant in encoding_study.encoding_variants(config).items():
            if label in in_flight:
                chosen.append(in_flight[label].id)
            else:
                started.append(jobs.start(variant, label))
                chosen.append(started[-1].id)
    except MadeError as error:
        st.session_state[FAILURE] = str(error)
    if chosen:
        choose(chosen)
    if started:
        labels = ", ".join(run.label for run in started)
        number = f"{spelled(len(started))} {noun(len(started), 'run')}"
        said = f"Queued {number}, one after another: {labels}."
        st.session_state[QUEUED] = (said, [run.id for run in started])
