"""The Train button, with what it will cost beside it, and the set-up as a link and as Python."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import streamlit as st

from made.base.errors import MadeError
from made.base.text import duration, short_bytes, short_count
from made.datasets import DatasetInfo
from made.runs import allowance, held, jobs, launchers
from made.runs.folder import LIVING, Run
from made.runs.forks import FORKING
from made.setups.config import ExperimentConfig
from made.setups.estimate import estimate
from pages.shared.frame import is_presenting
from pages.shared.plain_text import plain
from pages.shared.session import look_at
from pages.train.stepping import SEVERAL, start_held


@dataclass(eq=False)
class Started:
    """The latest run of each set-up that this session has started. Two clicks are heard at once."""

    ids: dict[ExperimentConfig, str] = field(default_factory=dict)
    turn: threading.Lock = field(default_factory=threading.Lock)


def launch_box(config: ExperimentConfig, info: DatasetInfo, problem: str | None) -> None:
    """Train, or the one sentence on why not."""
    cost = estimate(config, info)
    problem = problem or (None if cost.fits else cost.reason)
    refused = allowance.refusal(config)
    is_off = problem is not None or refused is not None
    started = st.session_state.setdefault("started", Started())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Train",
            type="primary",
            icon=":material/play_arrow:",
            key="train",
            disabled=is_off,
            help="Starts a run with this set-up; it goes on when this tab is closed.",
            on_click=_train,
            args=(config, started),
        )
        several = config.training.num_devices > 1
        st.button(
            "Step",
            icon=":material/skip_next:",
            key="train-held",
            shortcut="n",
            disabled=is_off or several,
            help=SEVERAL
            if several
            else "Starts a new run that is held before its first minibatch, to be played step by "
            "step (key N).",
            on_click=_train,
            args=(config, started),
            kwargs={"is_held": True},
        )
        if not is_presenting():
            _share(config)
    if not is_off and not is_presenting():
        download = " · downloads its data first" if info.needs_download else ""
        place = f" · {plain(words)}" if (words := launchers.elsewhere()) else ""
        st.caption(
            f"{short_count(cost.num_parameters)} parameters · {duration(cost.seconds)} · "
            f"{short_bytes(cost.memory_bytes)}{download}{place}",
            help="An estimate of time and memory for all epochs; early stopping may end sooner.",
        )
    if problem is not None:
        st.error(plain(problem), icon=":material/error:")
    elif refused is not None:
        st.info(plain(refused), icon=":material/lock:")
    if failure := st.session_state.pop("launch_failure", None):
        st.error(plain(failure), icon=":material/error:")


def _train(config: ExperimentConfig, started: Started, *, is_held: bool = False) -> None:
    """Start a run, which may be held before its first minibatch, and look at it.

    While a run of the same set-up that this session has started lives, it is the one looked at:
    it would end with the same weights, and so a double click, however slow, starts one run.
    The second click runs in a thread of its own while this one still starts, and interrupts it at
    any access to the session's state. So one waits for the other, and what was started is noted
    without the session's state.
    """
    try:
        with started.turn:
            is_new = not _lives(started.ids.get(config))
            if is_new:
                run = start_held(config) if is_held else _start(config)
                started.ids[config] = run.id
        if not is_new:
            _say_of(Run.open(started.ids[config]), is_held=is_held)
        look_at(started.ids[config])
    except MadeError as error:
        st.session_state["launch_failure"] = str(error)


def _start(config: ExperimentConfig) -> Run:
    return jobs.start(config, launcher=launchers.chosen(local=FORKING))


def _say_of(run: Run, *, is_held: bool) -> None:
    """What becomes of a living run when its set-up is to be trained: a held one may go on."""
    if run.state == "held" and not is_held:
        held.ask(run, "play")
    elif run.status().step or not is_held:
        st.toast("This set-up is being trained already; its run is shown.")


def _lives(run_id: str | None) -> bool:
    try:
        return run_id is not None and Run.open(run_id).state in LIVING
    except MadeError:
        return False


def _share(config: ExperimentConfig) -> None:
    with st.popover(
        "Share",
        icon=":material/share:",
        type="tertiary",
        help="This set-up as a link, in Python and on a command line.",
    ):
        st.caption("A link that opens this set-up, and the same in Python and on a command line.")
        st.code(config.to_link(st.context.url or ""), language=None, wrap_lines=True)
        st.code(config.to_python(), language="python", wrap_lines=True)
        st.code(config.to_command(), language="bash", wrap_lines=True)
