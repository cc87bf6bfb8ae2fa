"""The head of a run: its name, its set-up, and what can be done with it at rest."""

from __future__ import annotations

import streamlit as st

from made import runs
from made.base.errors import MadeError
from made.runs.folder import LIVING, Run
from made.setups.config import ExperimentConfig
from made.views.opening import comparison_line, differences
from pages.shared.frame import is_presenting
from pages.shared.person import why_not
from pages.shared.plain_text import plain
from pages.shared.session import choose_run, say_missing_run
from pages.shared.setup import adopt
from pages.train.change import change_box

UNDOING = "For a day it can be restored, by Deleted on the Compare page."


def run_header(config: ExperimentConfig) -> Run | None:
    """Which run is shown, and a menu to reuse its set-up, rename it or delete it.

    Before a projector the choice alone, and no word where the run has the set-up of the controls.
    config: the set-up of the controls, from which the run may differ.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        run = choose_run("Run", "train-run")
        if run is None:
            say_missing_run()
            st.info("Press Train: the run shows here.", icon=":material/show_chart:")
            return None
        if is_presenting():
            _say_of(run, config)
            return run
        st.button(
            "Use this set-up",
            icon=":material/tune:",
            key="use-set-up",
            help="Sets every control to what this run was trained with.",
            disabled=not differences(run, config),
            on_click=adopt,
            args=(run.config,),
        )
        change_box(run, config)
        not_own = why_not("rename", run)
        with st.popover(
            "Manage",
            icon=":material/more_horiz:",
            disabled=run.is_shipped or not_own is not None,
            help=not_own,
        ):
            _manage(run)
    _say_of(run, config)
    if failure := st.session_state.pop("manage_failure", None):
        st.error(plain(failure), icon=":material/error:")
    return run


def _say_of(run: Run, config: ExperimentConfig) -> None:
    say_missing_run()
    if differences(run, config) or not is_presenting():
        st.caption(plain(comparison_line(run, config)))


def _manage(run: Run) -> None:
    key = f"name-{run.id}"
    st.text_input("Name", value=run.label, max_chars=runs.MAX_LABEL_LENGTH, key=key)
    st.button("Rename", icon=":material/edit:", on_click=_rename, args=(run, key))
    st.divider()
    living = run.state in LIVING
    st.markdown(f"Delete “{plain(run.label)}” with its checkpoints? {UNDOING}")
    st.button(
        "Yes, delete it",
        icon=":material/delete:",
        disabled=living,
        help="Stop the run first." if living else None,
        on_click=_delete,
        args=(run,),
    )


def _rename(run: Run, key: str) -> None:
    try:
        runs.rename(run, st.session_state[key])
    except MadeError as error:
        st.session_state["manage_failure"] = str(error)


def _delete(run: Run) -> None:
    try:
        runs.delete(run)
    except MadeError as error:
        st.session_state["manage_failure"] = str(error)
    else:
        st.session_state.pop("run_id", None)
        st.query_params.pop("run", None)
