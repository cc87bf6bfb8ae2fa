"""One click for the comparison that this project is about: all encodings, else the same."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from made import comparison, encoding_study, jobs
from made.comparison import RunRow
from made.config import ExperimentConfig
from made.errors import MadeError
from made.runs import Run
from pages.shared.comparison import choose
from pages.shared.session import readable_runs
from pages.shared.setup import current_config

SAID = "compare_queued"


def train_all_button(rows: Sequence[RunRow]) -> None:
    """The button, and the set-up that it takes; disabled with the reason where it cannot work."""
    config = current_config()
    if config is None:
        problem = f"The set-up of the Train page: {st.session_state['setup_problem']}"
    else:
        problem = encoding_study.encodings_problem(config) or _already(config, rows)
    if problem is not None:
        st.caption(problem, width="content")
    elif config is not None:
        shared = encoding_study.setup_text(config)
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


def say_queued() -> None:
    """What the latest click has queued, once."""
    if failure := st.session_state.pop("compare_failure", None):
        st.error(failure, icon=":material/error:")
    if said := st.session_state.pop(SAID, None):
        st.toast(said, icon=":material/playlist_add_check:")


def _already(config: ExperimentConfig, rows: Sequence[RunRow]) -> str | None:
    in_flight = encoding_study.runs_in_flight(config, rows)
    if in_flight.keys() == encoding_study.encoding_variants(config).keys():
        return "These runs are in line or training already."
    return None


def _queue(config: ExperimentConfig) -> None:
    """Start what is not under way yet, so that a second click before the page has answered the
    first queues nothing twice."""
    rows = comparison.read_rows(readable_runs())
    in_flight = encoding_study.runs_in_flight(config, rows)
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
        st.session_state["compare_failure"] = str(error)
    if chosen:
        choose(chosen)
    if started:
        st.session_state[SAID] = _sentence(started)


def _sentence(started: Sequence[Run]) -> str:
    parts = []
    for run in started:
        before = jobs.queue_place(run)
        parts.append(f"{run.label} ({f'{before} before it' if before else 'next'})")
    word = encoding_study.number_word(len(started))
    return f"Queued {word} run{'s' if len(started) > 1 else ''} in line: {', '.join(parts)}."
