"""What is done with many runs at once: names, tags, notes, the archive, deleting; and importing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from made import runs
from made.base.errors import MadeError
from made.base.text import counted, first_few
from made.runs import notes
from made.runs.folder import Run
from made.studies import archive
from made.views import comparison_tables, run_edits
from made.views.comparison import RunRow
from pages.compare import studies
from pages.compare.selection import DONE, REFUSED, choose
from pages.shared.person import why_not
from pages.shared.plain_text import plain

EDITOR = "compare_editor"
UPLOAD, SERIAL = "compare_import", "compare_import_serial"
MAX_NAMED = 6
MOST_ROWS, HEIGHT_OF_MANY = 8, 320


def say_done() -> None:
    """What the last action did, and what it could not do."""
    if done := st.session_state.pop(DONE, None):
        st.toast(plain(done), icon=":material/check:")
    for refused in st.session_state.pop(REFUSED, []):
        st.error(plain(refused), icon=":material/error:")


def manage_button(chosen: Sequence[RunRow], listed: Sequence[RunRow]) -> None:
    """Everything that is done with the ticked runs, or with all that the filter lists."""
    if st.button("Manage …", icon=":material/edit_note:", disabled=not (chosen or listed)):
        _manage(chosen, listed)


@st.dialog("Manage runs", width="large")
def _manage(chosen: Sequence[RunRow], listed: Sequence[RunRow]) -> None:
    scopes = {"ticked": list(chosen), "listed": list(listed)}
    scope = st.segmented_control(
        "Which runs",
        list(scopes),
        format_func=lambda name: f"{name.capitalize()} ({len(scopes[name])})",
        default="ticked" if chosen else "listed",
        required=True,
        label_visibility="collapsed",
    )
    every = scopes[scope]
    if not every:
        st.info("No run is ticked: take all that are listed.", icon=":material/checklist:")
        return
    reasons = [why_not("change", Run.open(row.id)) for row in every]
    rows = [row for row, reason in zip(every, reasons, strict=True) if reason is None]
    if len(rows) < len(every):
        st.info(
            f"{counted(len(every) - len(rows), 'run')} left out. "
            f"{next(reason for reason in reasons if reason)}",
            icon=":material/lock:",
        )
    if not rows:
        return
    _edit(rows)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _tag(rows)
        _archive(rows)
        _deletion(rows)


def _edit(rows: Sequence[RunRow]) -> None:
    """Names and notes as a table; kept by a button."""
    editor = f"{EDITOR}_{len(rows)}_{rows[0].id}"
    st.data_editor(
        run_edits.edit_table(rows),
        key=editor,
        hide_index=True,
        num_rows="fixed",
        height="auto" if len(rows) <= MOST_ROWS else HEIGHT_OF_MANY,
        column_config={
            comparison_tables.NAME: st.column_config.TextColumn(
                required=True, max_chars=runs.MAX_LABEL_LENGTH, width="medium"
            ),
            comparison_tables.TAGS: st.column_config.MultiselectColumn(
                options=notes.all_tags(row.notes for row in rows), accept_new_options=True
            ),
            comparison_tables.COLOUR: st.column_config.SelectboxColumn(options=notes.COLOURS),
            comparison_tables.NOTE: st.column_config.TextColumn(
                max_chars=notes.MAX_WORDS_LENGTH, width="medium"
            ),
        },
    )
    edited = st.session_state[editor]["edited_rows"]
    if st.button("Keep changes", type="primary", icon=":material/save:", disabled=not edited):
        touched = [row for place, row in enumerate(rows) if place in edited]
        _act(lambda _: run_edits.keep_edits(rows, edited), touched, "Changed")


def _tag(rows: Sequence[RunRow]) -> None:
    tag = st.text_input("Tag for all of them", max_chars=notes.MAX_TAG_LENGTH, width=200)
    if st.button("Add", disabled=not tag, icon=":material/new_label:"):
        _act(run_edits.add_tag, rows, "Tagged", tag)
    if st.button("Take off", disabled=not tag, icon=":material/label_off:"):
        _act(run_edits.remove_tag, rows, "Took the tag off", tag)


def _archive(rows: Sequence[RunRow]) -> None:
    is_archived = all(row.notes.archived for row in rows)
    if st.button(
        "Take out of the archive" if is_archived else "Archive",
        icon=":material/unarchive:" if is_archived else ":material/archive:",
        help="Archived runs are kept, but listed only when asked for.",
    ):
        if not is_archived:
            choose([])
        _act(run_edits.archive, rows, "Took out" if is_archived else "Archived", not is_archived)


def _deletion(rows: Sequence[RunRow]) -> None:
    names = first_few([f"“{row.label}”" for row in rows], MAX_NAMED)
    with st.popover("Delete …", icon=":material/delete:"):
        st.markdown(
            f"Delete {counted(len(rows), 'run')} with their checkpoints: {plain(names)}? "
            "For a day they can be restored, by Deleted below the table."
        )
        if st.button("Yes, delete them", type="primary", icon=":material/delete:"):
            _act(run_edits.delete, rows, "Deleted")


def _act(act: Callable[..., list[str]], rows: Sequence[RunRow], did: str, *arguments: Any) -> None:
    """Do something with runs; say with how many it was done, and why not with the others."""
    refused = act(rows, *arguments)
    st.session_state[REFUSED] = refused
    if len(refused) < len(rows):
        st.session_state[DONE] = f"{did} {counted(len(rows) - len(refused), 'run')}."
    st.rerun()


def import_menu() -> None:
    """Take in a run or a study that was exported elsewhere."""
    serial = st.session_state.setdefault(SERIAL, 0)
    reason = why_not("import")
    with st.popover(
        "Import", icon=":material/upload_file:", disabled=reason is not None, help=reason
    ):
        st.file_uploader(
            "An exported run or study",
            "zip",
            key=f"{UPLOAD}_{serial}",
            help="What `python -m made export` or `study export` has written. Nothing in it is "
            "executed.",
            on_change=_import,
            args=(f"{UPLOAD}_{serial}",),
        )


def _import(key: str) -> None:
    file = st.session_state[key]
    if file is None:
        return
    st.session_state[SERIAL] += 1
    try:
        found = archive.take_in(file)
    except MadeError as error:
        st.session_state[REFUSED] = [str(error)]
    else:
        where = "it is chosen above" if found.is_study else "it is listed below the newer runs"
        st.session_state[DONE] = f"Imported “{found.label}”; {where}."
        if found.is_study:
            studies.choose(found.id)
