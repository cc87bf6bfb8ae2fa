"""The Train button, with what it will cost beside it, and the set-up as a link and as Python."""

from __future__ import annotations

import time

import streamlit as st

from made.base.errors import MadeError
from made.base.text import duration, short_bytes, short_count
from made.datasets import DatasetInfo
from made.runs import jobs
from made.setups.config import ExperimentConfig
from made.setups.estimate import estimate
from pages.shared.session import look_at

DOUBLE_CLICK_SECONDS = 2.0


def launch_box(config: ExperimentConfig, info: DatasetInfo, problem: str | None) -> None:
    """Train, or the one sentence on why not."""
    cost = estimate(config, info)
    problem = problem or (None if cost.fits else cost.reason)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Train",
            type="primary",
            icon=":material/play_arrow:",
            key="train",
            disabled=problem is not None,
            help="Starts a new run with this set-up; it goes on when this tab is closed.",
            on_click=_train,
            args=(config,),
        )
        _share(config)
    if problem is None:
        download = " · downloads its data first" if info.needs_download else ""
        st.caption(
            f"{short_count(cost.num_parameters)} parameters · {duration(cost.seconds)} · "
            f"{short_bytes(cost.memory_bytes)}{download}",
            help="An estimate of time and memory for all epochs; early stopping may end sooner.",
        )
    if problem is not None:
        st.error(problem, icon=":material/error:")
    if failure := st.session_state.pop("launch_failure", None):
        st.error(failure, icon=":material/error:")


def _train(config: ExperimentConfig) -> None:
    """Start a run; the second click of a double click is not a second run."""
    now = time.monotonic()
    before, since = st.session_state.get("latest_start", (None, 0.0))
    if before == config and now - since < DOUBLE_CLICK_SECONDS:
        return
    st.session_state["latest_start"] = (config, now)
    try:
        look_at(jobs.start(config).id)
    except MadeError as error:
        st.session_state["launch_failure"] = str(error)


def _share(config: ExperimentConfig) -> None:
    with st.popover("Share this set-up", icon=":material/share:", type="tertiary"):
        st.caption("A link that opens this set-up, and the same in Python and on a command line.")
        st.code(config.to_link(st.context.url or ""), language=None, wrap_lines=True)
        st.code(config.to_python(), language="python", wrap_lines=True)
        st.code(config.to_command(), language="bash", wrap_lines=True)
