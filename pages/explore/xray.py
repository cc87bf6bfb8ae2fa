"""X-ray: one variable of one row, opened up; click another one, or flip it, and see what moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from made.runs.folder import Run
from made.views import examples, inference, xray, xray_panel
from made.views.examples import Examples
from pages.explore.rows import choose_mask_set, choose_row, next_row
from pages.shared.component import DRAWING, component
from pages.shared.frame import Places
from pages.shared.session import fragment, shown_errors

KEY = "xray"
_drawing = component(Path(__file__).parent, KEY, DRAWING)


def show(place: Places, run: Run) -> None:
    """The tool: which row and which masks at the left, what a click opens at the right."""
    shown = None
    with place.controls, shown_errors():
        if reason := xray.why_none(run):
            st.info(reason, icon=":material/info:")
            return
        shown = examples.examples(run)
        number = choose_row(run, shown)
        mask_set = choose_mask_set(run)
        st.markdown(xray_panel.LEGEND)
    if shown is not None:
        with place.picture, shown_errors():
            opened(run, shown, number, mask_set)


@fragment
def opened(run: Run, shown: Examples, number: int, mask_set: int) -> None:
    """The drawing; a click on it runs nothing but this."""
    if st.session_state.pop(f"{KEY}-next", False):
        next_row(run, shown)
        st.rerun()
    with shown_errors():
        look = look_of(run, number)
        row = xray.edited(run, shown.row(number), look["edits"])
        variable = look["variable"]
        if variable is None:
            variable = xray.first_variable(run, row)
        seen = xray.xray(run, row, variable, look["other"], mask_set)
        title = f"{shown.title} {number}" + (", changed" if look["edits"] else "")
        data = xray_panel.panel(seen, title)
        if seen.info.is_joint and seen.is_density:
            data["density"] = _density(run.id, run.checkpoint_path().stat().st_mtime_ns, mask_set)
        _drawing(
            data=data,
            key=KEY,
            on_chosen_change=lambda: look.update(variable=_told("chosen"), other=None),
            on_flipped_change=lambda: _flip(look),
            on_moved_to_change=lambda: look.update(other=_told("moved_to")),
            on_point_change=lambda: _point(look),
            on_next_change=lambda: st.session_state.update({f"{KEY}-next": True}),
        )


def look_of(run: Run, number: int) -> dict[str, Any]:
    """What this session looks at: the variable, the value it is moved to, and what was changed.

    It begins anew with another run, and keeps the variable with another row.
    """
    look = st.session_state.setdefault(f"{KEY}-look", {"run": None})
    if look["run"] != run.id:
        look.update(run=run.id, number=number, variable=None, other=None, edits={})
    if look["number"] != number:
        look.update(number=number, other=None, edits={})
    return look


def _told(name: str) -> Any:
    return st.session_state[KEY][name]


def _flip(look: dict[str, Any]) -> None:
    told = _told("flipped")
    look["edits"][told["variable"]] = told["value"]
    look.update(variable=told["variable"], other=None)


def _point(look: dict[str, Any]) -> None:
    look["edits"].update(enumerate(_told("point")))
    look["other"] = None


@st.cache_data(max_entries=16, show_spinner=False)
def _density(run_id: str, signature: int, mask_set: int) -> str:
    """signature belongs to the key: a run that trains replaces its checkpoints."""
    density = inference.exact_density(run_id, mask_set=mask_set)
    return "" if density is None else xray_panel.density_address(density)
