"""Explore: one trained run, opened up by one tool at a time."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import streamlit as st

from made.runs import kept_models
from made.setups.words import set_up_line
from pages.explore.tools import TOOLS
from pages.shared.frame import places, write_link
from pages.shared.session import choose_run, say_missing_run, shown_errors

TOOL = "tool"
_WRITTEN = "tool_in_link"


def chosen_tool() -> str:
    """The bar of tools; the address of the page names the one in use."""
    wanted = st.query_params.get(TOOL, "")
    if wanted in TOOLS and wanted != st.session_state.get(_WRITTEN, ""):
        st.session_state[TOOL] = wanted
    elif st.session_state.get(TOOL) not in TOOLS:
        st.session_state[TOOL] = next(iter(TOOLS))
    st.segmented_control(
        "Tool",
        list(TOOLS),
        key=TOOL,
        required=True,
        label_visibility="collapsed",
        width="stretch",
        format_func=lambda name: f":material/{TOOLS[name].icon}: {TOOLS[name].title}",
        persist_state="session",
    )
    st.session_state[_WRITTEN] = st.session_state[TOOL]
    return st.session_state[TOOL]


kept_models.warm_up()
tool = chosen_tool()
place = places("Controls")
with place.head, shown_errors():
    run = choose_run("Run", "explore-run")
    if run is None:
        st.info("There is no run yet: train one first.", icon=":material/info:")
        train = Path(__file__).parents[1] / "train" / "page.py"
        st.page_link(train, label="Train", icon=":material/play_circle:")
        st.stop()
    say_missing_run()
    st.caption(set_up_line(run.config))
write_link({"run": run.id, TOOL: tool})
with shown_errors():
    import_module(TOOLS[tool].module).show(place, run)
