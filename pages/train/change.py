"""Change: what of a run may be set anew while it trains, and how it goes on after its end."""

from __future__ import annotations

from typing import Any

import streamlit as st

from made.base.errors import MadeError
from made.runs import changing, jobs, launchers
from made.runs.folder import LIVING, Run
from made.runs.forks import FORKING
from made.setups.config import ExperimentConfig, field_options, field_title
from made.views import run_views
from pages.shared.fields import field_words, number_field
from pages.shared.person import why_not
from pages.shared.plain_text import plain
from pages.shared.session import look_at

SHOWN = ("learning_rate", "schedule", "batch_size", "dropout", "epochs", "look_ahead")
FAILURE, TOAST = "change_failure", "change_said"


def change_box(run: Run, config: ExperimentConfig) -> None:
    """A living run takes what is set here from its next minibatch on; an ended one goes on.

    config: the set-up of the controls, which another run may train from these weights.
    """
    reason = _why_not(run)
    can_lend = "best" in run.checkpoints()
    with st.popover(
        "Change",
        icon=":material/instant_mix:",
        disabled=reason is not None and not can_lend,
        help=reason,
    ):
        if reason is None and run.state in LIVING:
            _change(run)
        elif reason is None:
            _go_on(run)
        if can_lend:
            _begin_from(run, config)
        if run.changes() or run.origin is not None:
            st.caption("This run again, in Python")
            st.code(run_views.python_of(run), language="python", wrap_lines=True)
    if failure := st.session_state.pop(FAILURE, None):
        st.error(plain(failure), icon=":material/error:")
    if said := st.session_state.pop(TOAST, None):
        st.toast(said)


def _why_not(run: Run) -> str | None:
    """Why a run can neither change nor go on."""
    if run.is_shipped:
        return "This run ships with the dashboard: start a new one from its set-up or its weights."
    if reason := why_not("change", run):
        return reason
    if run.config.training.num_devices > 1:
        return "A run on several devices cannot change."
    if run.state not in LIVING and "last" not in run.checkpoints():
        return "There is no checkpoint to go on from."
    if run.state not in LIVING:
        try:
            run.reached("last")
        except MadeError as error:
            return plain(str(error))
    return None


def _change(run: Run) -> None:
    config = run.latest_config
    wanted: dict[str, Any] = {}
    for name in SHOWN:
        if name == "dropout" and config.model.model != "made":
            continue
        value = config.flat()[name]
        key = f"change-{name}-{run.id}-{value}"
        words = {**field_words(name), "key": key}
        if name == "schedule":
            options = field_options(name) or ()
            wanted[name] = st.selectbox(options=options, index=options.index(value), **words)
        else:
            wanted[name] = number_field(name, value=value, **words)
    different = {name: value for name, value in wanted.items() if value != config.flat()[name]}
    st.button(
        "Take it from the next minibatch on",
        type="primary",
        icon=":material/check:",
        key=f"change-{run.id}",
        disabled=not different,
        on_click=_take,
        args=(run, different),
    )
    st.caption("It is noted with its step, marked on the curve, and replayed by every resume.")


def _take(run: Run, values: dict[str, Any]) -> None:
    try:
        changing.change(run, values)
    except MadeError as error:
        st.session_state[FAILURE] = str(error)
    else:
        names = ", ".join(field_title(name).lower() for name in values)
        st.session_state[TOAST] = f"Asked for: {names}. The curve marks where it is taken."


def _go_on(run: Run) -> None:
    config: ExperimentConfig = run.latest_config
    done = run.reached("last").epoch
    epochs = number_field(
        "epochs",
        label="Epochs in all",
        value=max(config.training.epochs, done) + 10,
        key=f"go-on-epochs-{run.id}-{done}",
        help="The schedule is stretched over them, and the look-ahead counts anew.",
    )
    st.button(
        "Go on",
        type="primary",
        icon=":material/play_arrow:",
        key=f"go-on-{run.id}",
        on_click=_train_on,
        args=(run, int(epochs)),
    )
    st.caption(f"From its last checkpoint, after epoch {done}, to the end that you give it.")


def _begin_from(run: Run, config: ExperimentConfig) -> None:
    st.button(
        "Start a new run from these weights",
        icon=":material/content_copy:",
        key=f"begin-from-{run.id}",
        help="With the set-up of the controls, whose network must have the same shapes.",
        on_click=_start_from,
        args=(run, config),
    )


def _start_from(run: Run, config: ExperimentConfig) -> None:
    try:
        launcher = launchers.chosen(local=FORKING)
        look_at(jobs.start(config, weights_of=run, launcher=launcher).id)
    except MadeError as error:
        st.session_state[FAILURE] = str(error)


def _train_on(run: Run, epochs: int) -> None:
    try:
        changing.go_on(run, epochs, launcher=launchers.chosen(local=FORKING))
    except MadeError as error:
        st.session_state[FAILURE] = str(error)
