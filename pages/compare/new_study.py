"""A new study: what is varied, with how many seeds, and what that costs, before it is started."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import streamlit as st

from made import datasets
from made.base.errors import MadeError
from made.base.text import counted, duration, exact, short_bytes
from made.people import acting
from made.setups import words
from made.setups.checks import no_effect
from made.setups.config import (
    FIELDS,
    ExperimentConfig,
    field_help,
    field_option_title,
    field_options,
    field_title,
)
from made.studies import control
from made.studies.plan import Plan, plan
from made.studies.ready import READY
from made.studies.study import WITHIN_A_CELL, SeedOf, Study, typed_values
from made.views import data_views
from pages.shared.plain_text import plain
from pages.shared.session import fragment
from pages.shared.setup import current_config

OPEN = "new_study_open"
STARTED = "new_study_started"
OWN, NONE = "own", ""
SEEDS: dict[SeedOf, str] = {"both": "Weights and data", "weights": "Weights", "data": "Data"}


def new_study(choose: Callable[[str], None]) -> None:
    """The button, and behind it the form. choose: called with the id of what is started."""
    opened = st.popover(
        "New study", icon=":material/playlist_add:", type="primary", key=OPEN, on_change="rerun"
    )
    if opened.open:
        with opened:
            fragment(form)(choose)


def form(choose: Callable[[str], None]) -> None:
    """What the study asks, what it will cost, and the button that starts it."""
    if st.session_state.pop(STARTED, False):
        st.rerun()
    base = current_config()
    if base is None:
        problem = st.session_state["setup_problem"]
        st.info(f"First mend the set-up of the Train page: {plain(problem)}")
        return
    st.caption(f"With the set-up of the Train page: {plain(words.set_up_line(base))}")
    kind = st.selectbox(
        "Compare",
        [*READY, OWN],
        format_func=lambda name: READY[name].title if name in READY else "Settings of your own",
        key="new_study_kind",
    )
    st.caption(READY[kind].question if kind in READY else "One setting, or two as a matrix.")
    vary = _own_axes(base) if kind == OWN else {}
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    number = left.number_input("Seeds", 1, 100, 3, key="new_study_seeds")
    seed_of: SeedOf = right.segmented_control(
        "Drawn anew with each seed",
        list(SEEDS),
        default="both",
        format_func=SEEDS.__getitem__,
        required=True,
        key="new_study_seed_of",
        help="The weights and masks, the samples of the data, or both. A dataset with a fixed "
        "split has no seed.",
    )
    try:
        if kind == OWN:
            study = Study.make(None, base, vary, range(number), seed_of)
        else:
            study = READY[kind](base, range(number), seed_of)
        if problem := study.problem():
            raise MadeError(problem)
        found = plan(study, owner=acting.owner())
        refused = control.refusal(study)
    except MadeError as error:
        _start_button(choose, None, str(error))
        return
    _cost(study, found)
    _start_button(choose, study, refused if found.wanted else found.left_out[0].reason)


def _own_axes(base: ExperimentConfig) -> dict[str, Sequence[Any]]:
    """Up to two settings, each with its values."""
    off = no_effect(base, datasets.info(base.data))
    fields = [name for name in FIELDS if name not in WITHIN_A_CELL and name not in off]
    vary: dict[str, Sequence[Any]] = {}
    for place, label in enumerate(("Setting", "Second setting")):
        others = [name for name in fields if name not in vary]
        options = others if place == 0 else [NONE, *others]
        left, right = st.columns(2, vertical_alignment="bottom")
        field = left.selectbox(
            label,
            options,
            index=options.index("encoding") if place == 0 and "encoding" in options else 0,
            format_func=lambda name: field_title(name) if name else "None",
            key=f"new_study_field_{place}",
        )
        if field:
            with right:
                vary[field] = _values(field, base.flat()[field])
    return vary


def _values(field: str, now: Any) -> Sequence[Any]:
    """The values of a setting: names and switches to choose, numbers and lists to type."""
    key = f"new_study_values_{field}"
    options: Sequence[Any] | None = (True, False) if isinstance(now, bool) else field_options(field)
    if field == "dataset":
        options = data_views.names()
    if options is not None:
        chosen: list[Any] = st.multiselect(
            "Values",
            options,
            default=[now] if field == "dataset" else list(options),
            format_func=partial(_option, field),
            key=key,
            help=field_help(field),
        )
        return chosen
    is_list = isinstance(now, tuple)
    typed = st.text_input(
        "Values",
        value=exact(now),
        key=key,
        help=f"{field_help(field)} Several, separated by {'semicolons' if is_list else 'commas'}.",
    )
    return typed_values(field, typed or "")


def _option(field: str, value: Any) -> str:
    return exact(value) if isinstance(value, bool) else field_option_title(field, value)


def _cost(study: Study, found: Plan) -> None:
    there = len(found.wanted) - len(found.waiting)
    parts = [counted(len(found.wanted), "run")]
    if there:
        parts.append(f"{there} of them there already")
    if found.waiting:
        parts += [f"{duration(found.seconds)} at most", short_bytes(found.memory_bytes)]
    st.markdown(" · ".join(parts))
    if found.left_out:
        reasons: dict[str, list[str]] = {}
        for left in found.left_out:
            pairs = zip(study.axes, left.values, strict=True)
            said = ", ".join(axis.words(value) for axis, value in pairs)
            reasons.setdefault(left.reason, []).append(said)
        lines = [f"{'; '.join(said)}: {reason}" for reason, said in reasons.items()]
        st.caption("Left out:\n" + "\n".join(f"- {plain(line)}" for line in lines))


def _start_button(choose: Callable[[str], None], study: Study | None, problem: str | None) -> None:
    if problem:
        st.caption(f":material/info: {plain(problem)}")
    st.button(
        "Start",
        icon=":material/play_arrow:",
        type="primary",
        key="new_study_start",
        disabled=problem is not None,
        help="Queues what is not there yet; it goes on when this tab is closed.",
        on_click=_start,
        args=(choose, study),
    )
    if failure := st.session_state.pop("new_study_failure", None):
        st.error(plain(failure), icon=":material/error:")


def _start(choose: Callable[[str], None], study: Study) -> None:
    """Start a study, or the same one that is there already: a second click starts nothing twice."""
    try:
        stored = control.same_or_new(study)
        control.start(stored)
    except MadeError as error:
        st.session_state["new_study_failure"] = str(error)
        return
    choose(stored.id)
    st.session_state[OPEN] = False
    st.session_state[STARTED] = True
