"""The runs that are compared: chosen in the table, kept in the session, named in the link."""

from __future__ import annotations

from collections.abc import Sequence
from zlib import crc32

import streamlit as st

from made import runs
from made.base.text import counted
from made.runs import line
from made.runs.folder import LIVING, Run
from made.views import comparison, comparison_tables, run_edits, run_views
from made.views.comparison import RunRow
from pages.compare import studies
from pages.shared.plain_text import plain
from pages.shared.pulse import pulse
from pages.shared.session import STATE_ICONS, fragment, readable_runs, shown_errors, state_badge

CHOSEN = "compare_chosen"
CORRECTIONS = "compare_corrections"
DONE, REFUSED = "compare_done", "compare_refused"  # what was done, and what could not be
REFRESH_SECONDS = 2.0


def chosen_rows(rows: Sequence[RunRow], study_ids: Sequence[str] | None = None) -> list[RunRow]:
    """The runs of a study; else those of the session, of the link, or the default ones.

    Runs that were chosen by hand are named by the link; a study has a name of its own there.
    """
    by_id = {row.id: row for row in rows}
    if study_ids is not None:
        st.session_state[CHOSEN] = [id for id in study_ids if id in by_id]
        _name_in_link([])
        return [by_id[id] for id in st.session_state[CHOSEN]]
    wanted = st.session_state.get(CHOSEN)
    if wanted is None:
        wanted = st.query_params.get("runs", "").split(",")
    ids, corrections = comparison.checked_selection(wanted, rows)
    if not ids and CHOSEN not in st.session_state:
        ids = comparison.default_selection(rows)
    st.session_state[CHOSEN] = ids
    st.session_state[CORRECTIONS] = st.session_state.get(CORRECTIONS, []) + corrections
    _name_in_link(ids)
    return [by_id[id] for id in ids]


def choose(ids: Sequence[str]) -> None:
    """Compare these runs rather than a study; also the callback of buttons."""
    st.session_state[CHOSEN] = list(ids)
    st.session_state[studies.CHOSEN] = studies.NONE


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
            st.warning(
                "\n\n".join(map(plain, corrections)), icon=":material/link_off:", width="stretch"
            )
            st.button("Got it", on_click=lambda: st.session_state.update({CORRECTIONS: []}))


def unreadable_runs() -> None:
    """Runs that cannot be read, one marked row each with its reason."""
    broken = [run for run in runs.list_runs() if run.problem is not None]
    if not broken:
        return
    st.markdown(f":material/broken_image: {counted(len(broken), 'run')} cannot be read:")
    table = comparison_tables.problems_table(broken)
    st.table(table.map(plain), hide_index=True, alt=comparison_tables.problems_alt(broken))
    _putting_aside(broken)


def _putting_aside(broken: Sequence[Run]) -> None:
    """Which of them are to be moved away, and the button that does it."""
    names = {run.id: f"{run.label} ({run.id})" if run.label != run.id else run.id for run in broken}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        ids = st.multiselect(
            "Runs to put aside",
            list(names),
            default=list(names),
            format_func=names.__getitem__,
            # With other runs it is another choice.
            key=f"compare_aside_{crc32(repr(list(names)).encode())}",
        )
        st.button(
            "Move to quarantine",
            icon=":material/move_to_inbox:",
            key="compare_quarantine",
            help="Moves their folders to .quarantine in the runs folder. Nothing is deleted: moved "
            "back, a folder is a run again once it can be read.",
            disabled=not ids,
            on_click=_put_aside,
            args=([run for run in broken if run.id in ids],),
        )


def _put_aside(broken: Sequence[Run]) -> None:
    done, refused = run_edits.put_aside(broken)
    st.session_state[REFUSED] = refused
    if done:
        st.session_state[DONE] = done


def say_later(done: str) -> None:
    """What was done, to be said when the page is drawn again."""
    st.session_state[DONE] = done


def refuse_later(refused: str) -> None:
    """What could not be done, likewise."""
    st.session_state[REFUSED] = [refused]


def say_failures(chosen: Sequence[RunRow]) -> None:
    """Why a chosen run has not come to its end."""
    for row in chosen:
        if row.status.state in ("failed", "interrupted"):
            message = row.status.message or "The log in the run folder has more."
            st.warning(
                f"**{plain(row.label)}** {row.status.state} after epoch {row.status.epoch}. "
                f"{plain(message)}",
                icon=STATE_ICONS[row.status.state],
            )


def watch(rows: Sequence[RunRow], chosen: Sequence[RunRow]) -> None:
    """Say how the chosen runs get on, and draw the page again when one has come further."""
    ids = [row.id for row in chosen]
    seen = comparison.signature({row.id: row.status for row in rows}, ids)
    refresh = REFRESH_SECONDS if any(row.is_living for row in rows) else None
    fragment(_watch)(seen, ids, refresh)


def _watch(seen: comparison.Signature, ids: list[str], refresh: float | None) -> None:
    with shown_errors():
        _progress(seen, ids)
    pulse("runs", refresh)


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
                st.markdown(f"**{plain(run.label)}** · {plain(said)}", width="stretch")
