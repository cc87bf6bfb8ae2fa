"""The table to pick runs from: its filters, its groups, and the way from a row to its run."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import pandas as pd
import streamlit as st

from made.base.text import counted
from made.views import bins, comparison, comparison_tables, run_groups
from made.views.comparison import RunRow
from made.views.run_groups import RunGroup
from pages.compare.manage import import_menu, manage_button
from pages.compare.selection import CHOSEN, choose, refuse_later, say_later
from pages.shared.deleted import deleted_menu
from pages.shared.plain_text import plain
from pages.shared.session import look_at

TABLE = "compare_table"
OPENED, GROUP_OPENED = "compare_opened", "compare_group_opened"
GROUP_CLICK = "compare_group_click"
MOST_ROWS = 5
HEIGHT_OF_MANY = 224  # the head, five rows and half of the sixth, which says that there are more
TRAIN = Path(__file__).parents[1] / "train" / "page.py"
RUNS = run_groups.RUNS


def runs_table(rows: Sequence[RunRow], chosen: Sequence[RunRow]) -> None:
    """The table under its filters, and what can be done with its runs."""
    if st.session_state.pop(OPENED, None):
        st.switch_page(TRAIN)
    listed, only_differing, by = _filters(rows, chosen)
    ids = [row.id for row in chosen]
    if not listed:
        st.info("No run matches the filter.", icon=":material/filter_alt_off:")
    elif by == run_groups.SINGLE:
        _singles(listed, ids, only_differing)
    else:
        _groups(run_groups.grouped(listed, by, run_groups.study_runs()), by, ids)
    _foot(rows, listed, chosen)


def _filters(rows: Sequence[RunRow], chosen: Sequence[RunRow]) -> tuple[list[RunRow], bool, str]:
    """The rows that are listed, whether with differing settings only, and by what in groups."""
    with st.container(horizontal=True, vertical_alignment="center"):
        text = st.text_input(
            "Search",
            type="search",
            placeholder="Search names, settings, tags and notes",
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
        show_archived = any(row.notes.archived for row in rows) and st.toggle(
            "Archived", key="compare_archived", help="List the runs that were put away as well."
        )
        listed = comparison.matching(rows, names, text or "")
        ids = {row.id for row in chosen}
        # A run that is compared stays in the table, so that it can be taken out of the comparison.
        listed = [row for row in listed if show_archived or not row.notes.archived or row.id in ids]
        by = st.selectbox(
            "Group by",
            run_groups.groupings(listed, run_groups.study_runs()),
            format_func=run_groups.grouping_title,
            key="compare_grouping",
            label_visibility="collapsed",
            width=190,
        )
        only_differing = st.toggle(
            "Differing settings only",
            value=True,
            key="compare_differing",
            help="On: the settings in which the ticked runs differ. Off: all of them.",
            persist_state="session",
            disabled=by != run_groups.SINGLE,
        )
    return listed, only_differing, by


def _singles(listed: Sequence[RunRow], chosen: Sequence[str], only_differing: bool) -> None:
    table = comparison_tables.runs_table(listed, only_differing, chosen)
    marked = [place for place, row in enumerate(listed) if row.id in chosen]
    _selectable(
        table,
        [[row.id] for row in listed],
        marked,
        alt=f"Table of {len(listed)} runs with their figures; {len(marked)} of them are selected.",
        buttons=_open_buttons(listed),
    )


def _groups(found: Sequence[RunGroup], by: str, chosen: Sequence[str]) -> None:
    """One row a group; a button in each shows its single runs."""
    marked = [place for place, group in enumerate(found) if set(group.ids) <= set(chosen)]

    def show() -> None:
        if clicked := st.session_state[GROUP_CLICK]:
            st.session_state[GROUP_OPENED] = found[clicked["row"]]

    column = st.column_config.ButtonColumn(
        RUNS, type="tertiary", key=GROUP_CLICK, on_click=show, width=90
    )
    _selectable(
        run_groups.groups_table(found, by),
        [group.ids for group in found],
        marked,
        alt=run_groups.groups_alt(found),
        buttons=(RUNS, [counted(len(group.rows), "run") for group in found], column),
    )
    if group := st.session_state.pop(GROUP_OPENED, None):
        _show_group(group)


@st.dialog("Runs of a group", width="large")
def _show_group(group: RunGroup) -> None:
    st.text(group.title)
    table = comparison_tables.runs_table(group.rows)
    title, labels, column = _open_buttons(group.rows, "compare_group_open")
    table.insert(1, title, labels)
    st.dataframe(
        table,
        hide_index=True,
        column_config=_columns(table) | {title: column},
        placeholder="–",
        alt=f"Table of the {counted(len(group.rows), 'run')} of this group with their figures.",
    )
    if st.session_state.pop(OPENED, None):
        st.switch_page(TRAIN)


def _open_buttons(
    listed: Sequence[RunRow], key: str = "compare_open_click"
) -> tuple[str, list[str], Any]:
    """A column of buttons that open a run where it was trained: title, labels, configuration."""
    ids = [row.id for row in listed]

    def look() -> None:
        if clicked := st.session_state[key]:
            look_at(ids[clicked["row"]])
            st.session_state[OPENED] = True

    column = st.column_config.ButtonColumn("", type="tertiary", key=key, on_click=look, width=64)
    return " ", ["Open"] * len(ids), column


def _selectable(
    table: pd.DataFrame,
    ids: list[list[str]],
    marked: list[int],
    *,
    alt: str,
    buttons: tuple[str, list[str], Any],
) -> None:
    """The table with a tick in every row that stands for runs that are compared.

    ids: of each row the runs that it stands for.
    """
    # With other rows it is another table: a tick that the browser still has would mean another run.
    key = f"{TABLE}_{crc32(repr(ids).encode())}"
    before = st.session_state.get(key)
    if before is None or sorted(before["selection"]["rows"]) != marked:
        st.session_state[key] = {"selection": {"rows": marked, "columns": [], "cells": []}}
    title, labels, column = buttons
    table.insert(1, title, labels)
    st.dataframe(
        table,
        key=key,
        on_select=partial(_picked, key, ids, marked),
        selection_mode="multi-row",
        hide_index=True,
        height="auto" if len(ids) <= MOST_ROWS else HEIGHT_OF_MANY,
        column_config=_columns(table) | {title: column},
        placeholder="–",
        alt=alt,
    )


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    """How each column shows: numbers in their decimals, a colour as a dot, tags as chips."""
    formats = comparison_tables.number_formats(table)
    shown: dict[str, Any] = {
        name: (
            st.column_config.NumberColumn("±", format=pattern, width=76, alignment="left")
            if name.endswith(" ±")
            else st.column_config.NumberColumn(format=pattern)
        )
        for name, pattern in formats.items()
    }
    shown[str(table.columns[0])] = st.column_config.TextColumn(pinned=True)
    if comparison_tables.COLOUR in table:
        table[comparison_tables.COLOUR] = table[comparison_tables.COLOUR].map(comparison_tables.dot)
        shown[comparison_tables.COLOUR] = st.column_config.ImageColumn("", width=36)
    if comparison_tables.TAGS in table:
        shown[comparison_tables.TAGS] = st.column_config.ListColumn(width=140)
    if comparison_tables.NOTE in table:
        shown[comparison_tables.NOTE] = st.column_config.TextColumn(width=160)
    return shown


def _picked(key: str, rows: list[list[str]], marked: list[int]) -> None:
    """The runs of the ticked rows; runs of no row that is shown stay as they are.

    rows, marked: what the table of this key showed. While runs come and go the browser may still
    speak of a table that another has replaced, or only repeat what it was told to mark.
    """
    places = [place for place in st.session_state[key]["selection"]["rows"] if place < len(rows)]
    if sorted(places) == marked:
        return
    before = st.session_state.get(CHOSEN, [])
    ids = [id for row in rows for id in row]
    ticked = {id for place in places for id in rows[place]}
    chosen = [place for place, id in enumerate(ids) if id in ticked]
    choose(comparison.merged_selection(before, ids, chosen))


def _foot(rows: Sequence[RunRow], listed: Sequence[RunRow], chosen: Sequence[RunRow]) -> None:
    """How many runs are listed and selected, and what can be done with them."""
    said = comparison.selection_text(rows, listed, chosen)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{plain(said)} Tick the rows to compare.", width="stretch")
        st.button(
            "Deselect all",
            icon=":material/deselect:",
            type="tertiary",
            disabled=not chosen,
            on_click=choose,
            args=([],),
        )
        manage_button(chosen, listed)
        deleted_menu(bins.RUNS_AND_STUDIES, say_later, refuse_later)
        import_menu()
