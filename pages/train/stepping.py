"""Play, hold, step, reset: a run is played like an instrument, by buttons and by keys."""

from __future__ import annotations

import streamlit as st

from made.base.errors import MadeError
from made.runs import held, jobs
from made.runs.folder import LIVING, RESUMABLE, Run
from made.runs.forks import FORKING
from made.runs.words import Word
from made.setups.config import ExperimentConfig
from pages.shared.plain_text import plain
from pages.shared.session import look_at

TOAST, FAILURE = "stepping_said", "stepping_failure"
PATIENCE_SECONDS = 1.0  # so long a click waits for what it has asked, to show it at once
SEVERAL = "A run on several devices cannot be held."


def start_held(config: ExperimentConfig) -> Run:
    """A new run, held before its first minibatch. Raises MadeError."""
    return held.start(config, launcher=FORKING)


def stepping_buttons(run: Run, state: str) -> None:
    """Hold or Play, then Step, Epoch and Reset, of a run that lives or can go on."""
    is_living = state in LIVING
    if run.is_shipped or not (is_living or state in RESUMABLE):
        return
    problem = SEVERAL if run.config.training.num_devices > 1 else None
    if state == "held":
        _word(run, "play", "Play", ":material/play_arrow:", "p", "Trains on (key P).", problem)
    elif is_living:
        words = "Stands still with its weights in memory, to go on step by step (key P)."
        _word(run, "hold", "Hold", ":material/back_hand:", "p", words, problem)
    words = "One minibatch, then holds (key S)."
    _word(run, "step", "Step", ":material/skip_next:", "s", words, problem)
    words = "To the end of the epoch, then holds (key E)."
    _word(run, "epoch", "Epoch", ":material/fast_forward:", "e", words, problem)
    if st.button(
        "Reset",
        icon=":material/restart_alt:",
        key=f"reset-{run.id}",
        shortcut="0",
        help=problem
        or "A new run from the same first weights, held at step 0; this one stays in the list, "
        "stopped (key 0).",
        disabled=problem is not None,
    ):
        _reset(run)
        st.rerun()


def say_stepping() -> None:
    """What a press has done, said once the page is drawn anew."""
    if said := st.session_state.pop(TOAST, None):
        st.toast(said)
    if failure := st.session_state.pop(FAILURE, None):
        st.error(plain(failure), icon=":material/error:")


def _word(
    run: Run, word: Word, label: str, icon: str, key: str, words: str, problem: str | None
) -> None:
    st.button(
        label,
        icon=icon,
        key=f"{word}-{run.id}",
        shortcut=key,
        help=problem or words,
        disabled=problem is not None,
        on_click=_ask,
        args=(run, word),
    )


def _ask(run: Run, word: Word) -> None:
    """Tell a living run, or let one at rest come back held for it."""
    try:
        if run.state in LIVING:
            held.ask(run, word, PATIENCE_SECONDS)
        else:
            held.resume(run, word, launcher=FORKING)
    except MadeError as error:
        st.session_state[FAILURE] = str(error)


def _reset(run: Run) -> None:
    """Look at a new run of the same set-up, held before its first minibatch; stop the old one."""
    if st.session_state.get("run_id") != run.id:
        return  # the second click of two
    try:
        jobs.stop(run)
        fresh = start_held(run.config)
    except MadeError as error:
        st.session_state[FAILURE] = str(error)
        return
    look_at(fresh.id)
    st.session_state[TOAST] = (
        "Back at step 0, in a new run from the same first weights. The run of before is stopped; "
        "it stays in the list with its checkpoint."
    )
