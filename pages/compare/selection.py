"""The runs that are compared: chosen in the table, kept in the session, named in the link."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from made import runs
from made.base.text import counted
from made.runs import line
from made.runs.folder import LIVING, Run
from made.views import comparison, comparison_tables, run_views
from made.views.comparison import RunRow
from pages.shared.plain_text import plain
from pages.shared.session import STATE_ICONS, readable_runs, shown_errors, state_badge

CHOSEN = "compare_chosen"
SHOWN = "compare_shown"
TABLE = "compare_table"
CORRECTIONS = "compare_corrections"
REFRESH_SECONDS = 2.0
MOST_ROWS = 5
HEIGHT_OF_MANY = 224  # the head, five rows and half of the sixth, which says that there are more


def chosen_rows(rows: Sequence[RunRow]) -> list[RunRow]:
    """The runs of the session, of the link, or the default ones; the link then names them."""
    wanted = st.session_state.get(CHOSEN)
    if wanted is None:
        wanted = st.query_params.get("runs", "").split(",")
    ids, corrections = comparison.checked_selection(wanted, rows)
    if not ids and CHOSEN not in st.session_state:
        ids = comparison.default_selection(rows)
    st.session_state[CHOSEN] = ids
    st.session_state[CORRECTIONS] = st.session_state.get(CORRECTIONS, []) + corrections
    _name_in_link(ids)
    by_id = {row.id: row for row in rows}
    return [by_id[id] for id in ids]


def choose(ids: Sequence[str]) -> None:
    """Compare these runs; also the callback of buttons."""
    st.session_state[CHOSEN] = list(ids)


def _name_in_link(ids: Sequence[str]) -> None:
    text = ",".join(ids)
    if text and st.query_params.get("runs") != text:
        st.query_params["runs"] = text
    elif not text:
        st.query_params.pop("runs", None)


def say_corrections() -> None:
    """What was taken out of the selection and why, until the reader closes it."""
    if corrections := st.session_state.get(CORRECTIONS):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.warning("\n\n".join(corrections), icon=":material/link_off:", width="stretch")
            st.button("Got it", on_click=lambda: st.session_state.update({CORRECTIONS: []}))


def unreadable_runs() -> None:
    """Runs that cannot be read, one marked row each with its reason."""
    broken = [run for run in runs.list_runs() if run.problem is not None]
    if not broken:
        return
    st.markdown(f":material/broken_image: {counted(len(broken), 'run')} cannot be read:")
    table = comparison_tables.problems_table(broken)
    st.table(table.map(plain), hide_index=True, alt=comparison_tables.problems_alt(broken))


def runs_table(rows: Sequence[RunRow], chosen: Sequence[RunRow]) -> None:
    """The table to pick from, under its filters."""
    with st.container(horizontal=True, vertical_alignment="center"):
        text = st.text_input(
            "Search",
            type="search",
            placeholder="Search names and settings",
            key="compare_search",
            label_visibility="collapsed",
            persist_state="session",
            icon=":material/search:",
            live=True,
        )
        names = st.multiselect(
            "Datasets",
            sorted({row.config.data.dataset for row in rows}),
            placeholder="All datasets",
            key="compare_datasets",
            label_visibility="collapsed",
            persist_state="session",
        )
        only_differing = st.toggle(
            "Differing settings only",
            value=True,
            key="compare_differing",
            help="On: the settings in which the listed runs differ. Off: all of them.",
            persist_state="session",
        )
    listed = comparison.matching(rows, names, text or "")
    if listed:
        _table(listed, [row.id for row in chosen], only_differing)
    else:
        st.info("No run matches the filter.", icon=":material/filter_alt_off:")
    _summary(rows, listed, chosen)


def _table(listed: Sequence[RunRow], chosen: Sequence[str], only_differing: bool) -> None:
    ids = [row.id for row in listed]
    st.session_state[SHOWN] = ids
    marked = [place for place, id in enumerate(ids) if id in chosen]
    before = st.session_state.get(TABLE)
    if before is None or sorted(before["selection"]["rows"]) != marked:
        st.session_state[TABLE] = {"selection": {"rows": marked, "columns": [], "cells": []}}
    st.dataframe(
        comparison_tables.as_text(comparison_tables.runs_table(listed, only_differing)),
        key=TABLE,
        on_select=_picked,
        selection_mode="multi-row",
        hide_index=True,
        height="auto" if len(ids) <= MOST_ROWS else HEIGHT_OF_MANY,
        column_config={comparison_tables.NAME: st.column_config.TextColumn(pinned=True)},
        placeholder="–",
        alt=f"Table of {len(ids)} runs with their figures; {len(marked)} of them are selected.",
    )


def _picked() -> None:
    picked = st.session_state[TABLE]["selection"]["rows"]
    before = st.session_state.get(CHOSEN, [])
    choose(comparison.merged_selection(before, st.session_state[SHOWN], picked))


def _summary(rows: Sequence[RunRow], listed: Sequence[RunRow], chosen: Sequence[RunRow]) -> None:
    said = comparison.selection_text(rows, listed, chosen)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{said} Tick the rows to compare.", width="stretch")
        st.button(
            "Deselect all",
            icon=":material/deselect:",
            type="tertiary",
            disabled=not chosen,
            on_click=choose,
            args=([],),
        )


def say_failures(chosen: Sequence[RunRow]) -> None:
    """Why a chosen run has not come to its end."""
    for row in chosen:
        if row.status.state in ("failed", "interrupted"):
            message = row.status.message or "The log in the run folder has more."
            st.warning(
                f"**{row.label}** {row.status.state} after epoch {row.status.epoch}. {message}",
                icon=STATE_ICONS[row.status.state],
            )


def watch(rows: Sequence[RunRow], chosen: Sequence[RunRow]) -> None:
    """Say how the chosen runs get on, and draw the page again when one has come further."""
    ids = [row.id for row in chosen]
    seen = comparison.signature({row.id: row.status for row in rows}, ids)
    refresh = REFRESH_SECONDS if any(row.is_living for row in rows) else None
    st.fragment(_watch, run_every=refresh)(seen, ids)


def _watch(seen: comparison.Signature, ids: list[str]) -> None:
    with shown_errors():
        _progress(seen, ids)


def _progress(seen: comparison.Signature, ids: list[str]) -> None:
    statuses = {run.id: run.status() for run in readable_runs()}
    if comparison.signature(statuses, ids) != seen:
        st.rerun()
    living = [Run.open(id) for id in ids if statuses[id].state in LIVING]
    with st.container(gap="xsmall"):
        for run in living:
            place = line.queue_place(run)
            said = run_views.progress_line(run, statuses[run.id], place)
            with st.container(horizontal=True, vertical_alignment="center"):
                state_badge(statuses[run.id].state)
                st.markdown(f"**{run.label}** · {said}", width="stretch")
