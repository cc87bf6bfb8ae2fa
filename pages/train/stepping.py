"""Play, hold, step, reset: a run is played like an instrument, by buttons and by keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from made.base.errors import MadeError
from made.runs import allowance, held, jobs, launchers
from made.runs.folder import LIVING, RESUMABLE, Run
from made.runs.forks import FORKING
from made.runs.words import Word
from made.setups.config import ExperimentConfig
from pages.shared.person import why_not
from pages.shared.plain_text import plain
from pages.shared.session import look_at

TOAST, FAILURE = "stepping_said", "stepping_failure"
PATIENCE_SECONDS = 1.0  # so long a click waits for what it has asked, to show it at once
SEVERAL = "A run on several devices cannot be held."


def start_held(config: ExperimentConfig) -> Run:
    """A new run, held before its first minibatch. Raises MadeError."""
    return held.start(config, launcher=launchers.chosen(local=FORKING))


def stepping_buttons(run: Run, state: str) -> None:
    """Hold or Play, then Step, Epoch and Reset, of a run that lives or can go on."""
    is_living = state in LIVING
    if run.is_shipped or not (is_living or state in RESUMABLE):
        return
    problem = SEVERAL if run.config.training.num_devices > 1 else why_not("play", run)
    if state == "held":
        _word(run, "play", "Play", ":material/play_arrow:", "p", "Trains on (key P).", problem)
    elif is_living:
        words = "Stands still with its weights in memory, to go on step by step (key P)."
        _word(run, "hold", "Hold", ":material/back_hand:", "p", words, problem)
    words = "One minibatch, then holds (key S)."
    _word(run, "step", "Step", ":material/skip_next:", "s", words, problem)
    words = "To the end of the epoch, then holds (key E)."
    _word(run, "epoch", "Epoch", ":material/fast_forward:", "e", words, problem)
    words = (
        "A new run from the same first weights, held at step 0; this one stays in the list, "
        "stopped (key 0)."
    )
    st.button(
        "Reset",
        icon=":material/restart_alt:",
        key=f"reset-{run.id}",
        shortcut="0",
        help=plain(problem or words),
        disabled=problem is not None,
        on_click=_reset,
        args=(run,),
    )


def tried(act: Callable[..., object], *arguments: Any, **named: Any) -> None:
    """Do something with a run, or note why it may not be done; also the callback of buttons."""
    try:
        act(*arguments, **named)
    except MadeError as error:
        st.session_state[FAILURE] = str(error)


def follow_reset(run: Run) -> None:
    """Look at the run that a reset of this one has begun, if any; the page is drawn anew then."""
    begun = _resets().get(run.id)
    if not begun:
        return
    look_at(begun)
    st.session_state[TOAST] = (
        "Back at step 0, in a new run from the same first weights. The run of before is stopped; "
        "it stays in the list with its checkpoint."
    )
    del _resets()[run.id]
    st.rerun()


def has_failed() -> bool:
    """Whether a press could not do what it was to do, and nothing has said so yet."""
    return FAILURE in st.session_state


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
        help=plain(problem or words),
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
            held.resume(run, word, launcher=launchers.chosen(local=FORKING))
    except MadeError as error:
        st.session_state[FAILURE] = str(error)


def _resets() -> dict[str, str]:
    """By the run that was reset the one that was begun for it; "" while it begins."""
    resets: dict[str, str] = st.session_state.setdefault("resets", {})
    return resets


def _reset(run: Run) -> None:
    """Begin a new run of the same set-up, held before its first minibatch, and stop this one.

    The next refresh of the panel may interrupt this at any access to the session's state. What is
    begun is noted in a dictionary without one, and followed whenever the panel is drawn.
    """
    resets = _resets()
    if run.id in resets:
        return  # the second click of two
    resets[run.id] = ""
    try:
        with allowance.room():
            jobs.stop(run)
        resets[run.id] = start_held(run.config).id
    except MadeError as error:
        del resets[run.id]
        st.session_state[FAILURE] = str(error)
