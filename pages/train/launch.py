"""The Train button, with what it will cost beside it, and the set-up as a link and as Python."""

from __future__ import annotations

import time
from dataclasses import dataclass

import streamlit as st

from made.base.errors import MadeError
from made.base.text import duration, short_bytes, short_count
from made.datasets import DatasetInfo
from made.runs import jobs
from made.setups.config import ExperimentConfig
from made.setups.estimate import estimate
from pages.shared.session import look_at

DOUBLE_CLICK_SECONDS = 2.0


@dataclass(frozen=True)
class Start:
    """A run that a press of Train in this session has started, and when."""

    config: ExperimentConfig
    run_id: str
    seconds: float

    def is_first_click_of(self, config: ExperimentConfig) -> bool:
        """Whether a press now, for `config`, is the second half of a double click."""
        return self.config == config and time.monotonic() - self.seconds < DOUBLE_CLICK_SECONDS


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
            args=(config, len(st.session_state.get("starts", []))),
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


def _train(config: ExperimentConfig, num_starts: int) -> None:
    """Start a run and look at it; the second click of a double click is not a second run.

    num_starts: how many runs this session had started when the button was drawn; a press of a
    button that is older than the last start belongs to it, however late a busy server hears of it.
    The second click may interrupt this at any access to the session's state. The list is changed
    in place, without one, so what has been started is known whenever that happens.
    """
    starts: list[Start] = st.session_state.setdefault("starts", [])
    try:
        is_second_click = len(starts) > num_starts or (
            starts and starts[-1].is_first_click_of(config)
        )
        if not is_second_click:
            starts.append(Start(config, jobs.start(config).id, time.monotonic()))
        look_at(starts[-1].run_id)
    except MadeError as error:
        st.session_state["launch_failure"] = str(error)


def _share(config: ExperimentConfig) -> None:
    with st.popover("Share this set-up", icon=":material/share:", type="tertiary"):
        st.caption("A link that opens this set-up, and the same in Python and on a command line.")
        st.code(config.to_link(st.context.url or ""), language=None, wrap_lines=True)
        st.code(config.to_python(), language="python", wrap_lines=True)
        st.code(config.to_command(), language="bash", wrap_lines=True)
