"""What is done with many runs at once: names, tags, notes, the archive, deleting; and importing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from made import runs
from made.base.errors import MadeError
from made.base.text import counted, first_few
from made.runs import archive, notes
from made.views import comparison_tables, run_edits
from made.views.comparison import RunRow
from pages.compare.selection import choose
from pages.shared.plain_text import plain

DONE, REFUSED = "compare_done", "compare_refused"
SCOPE, TAG, EDITOR = "compare_scope", "compare_tag", "compare_editor"
ASKED = "compare_asked"
UPLOAD, SERIAL = "compare_import", "compare_import_serial"
MAX_NAMED = 6


def say_done() -> None:
    """What the last action did, and what it could not do."""
    if done := st.session_state.pop(DONE, None):
        st.toast(plain(done), icon=":material/check:")
    for refused in st.session_state.pop(REFUSED, []):
        st.error(plain(refused), icon=":material/error:")


def manage_menu(chosen: Sequence[RunRow], listed: Sequence[RunRow]) -> None:
    """Everything that is done with the ticked runs, or with all that the filter lists."""
    scopes = {"ticked": list(chosen), "listed": list(listed)}
    with st.popover("Manage", icon=":material/edit_note:", disabled=not (chosen or listed)):
        scope = st.segmented_control(
            "Which runs",
            list(scopes),
            format_func=lambda name: f"{name.capitalize()} ({len(scopes[name])})",
            default="ticked" if chosen else "listed",
            required=True,
            key=SCOPE,
        )
        rows = scopes[scope]
        _buttons(rows)
    asked = st.session_state.pop(ASKED, None)
    if asked == "edit":
        _edit(rows)
    elif asked == "delete":
        _confirm_deletion(rows)


def _buttons(rows: Sequence[RunRow]) -> None:
    st.button(
        "Edit names, tags, notes …",
        icon=":material/edit:",
        disabled=not rows,
        width="stretch",
        on_click=_ask,
        args=("edit",),
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        tag = st.text_input("Tag", key=TAG, max_chars=notes.MAX_TAG_LENGTH)
        for title, act in (("Add", run_edits.add_tag), ("Take off", run_edits.remove_tag)):
            st.button(
                title,
                disabled=not (tag and rows),
                on_click=_act,
                args=(act, rows, "Changed the tags of", tag),
            )
    is_archived = bool(rows) and all(row.notes.archived for row in rows)
    st.button(
        "Take out of the archive" if is_archived else "Archive",
        icon=":material/unarchive:" if is_archived else ":material/archive:",
        disabled=not rows,
        width="stretch",
        help="Archived runs are kept, but listed only when asked for.",
        on_click=_archive,
        args=(rows, not is_archived),
    )
    st.button(
        "Delete …",
        icon=":material/delete:",
        disabled=not rows,
        width="stretch",
        on_click=_ask,
        args=("delete",),
    )


def _ask(what: str) -> None:
    st.session_state[ASKED] = what


def _act(act: Callable[..., list[str]], rows: Sequence[RunRow], did: str, *arguments: Any) -> None:
    """Do something with runs; say with how many it was done, and why not with the others."""
    refused = act(rows, *arguments)
    st.session_state[REFUSED] = refused
    if len(refused) < len(rows):
        st.session_state[DONE] = f"{did} {counted(len(rows) - len(refused), 'run')}."


def _archive(rows: Sequence[RunRow], archived: bool) -> None:
    _act(run_edits.archive, rows, "Archived" if archived else "Took out", archived)
    if archived:
        choose([])


@st.dialog("Names, tags and notes", width="large")
def _edit(rows: Sequence[RunRow]) -> None:
    st.data_editor(
        run_edits.edit_table(rows),
        key=EDITOR,
        hide_index=True,
        num_rows="fixed",
        column_config={
            comparison_tables.NAME: st.column_config.TextColumn(
                required=True, max_chars=runs.MAX_LABEL_LENGTH, pinned=True
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
    if st.button("Keep", type="primary", icon=":material/save:"):
        edited = st.session_state[EDITOR]["edited_rows"]
        touched = [row for place, row in enumerate(rows) if place in edited]
        _act(lambda _: run_edits.keep_edits(rows, edited), touched, "Changed")
        st.rerun()


@st.dialog("Delete runs")
def _confirm_deletion(rows: Sequence[RunRow]) -> None:
    names = first_few([f"“{row.label}”" for row in rows], MAX_NAMED)
    st.markdown(
        f"Delete {counted(len(rows), 'run')} with their checkpoints: {plain(names)}? "
        "This cannot be undone."
    )
    if st.button("Yes, delete them", type="primary", icon=":material/delete:"):
        _act(run_edits.delete, rows, "Deleted")
        st.rerun()


def import_menu() -> None:
    """Take in a run that was exported elsewhere."""
    serial = st.session_state.setdefault(SERIAL, 0)
    with st.popover("Import", icon=":material/upload_file:"):
        st.file_uploader(
            "An exported run",
            "zip",
            key=f"{UPLOAD}_{serial}",
            help="What `python -m made export` has written. Nothing in it is executed.",
            on_change=_import,
            args=(f"{UPLOAD}_{serial}",),
        )


def _import(key: str) -> None:
    file = st.session_state[key]
    if file is None:
        return
    st.session_state[SERIAL] += 1
    try:
        run = archive.import_archive(file)
    except MadeError as error:
        st.session_state[REFUSED] = [str(error)]
    else:
        st.session_state[DONE] = f"Imported “{run.label}”; it is listed below the newer runs."
