"""What was deleted within a day, and the way back."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from made.base.errors import MadeError
from made.views.bins import Bin, Gone
from pages.shared.plain_text import plain

MOST_LINES, HEIGHT_OF_MANY = 4, 260


def deleted_menu(bin: Bin, done: Callable[[str], None], refused: Callable[[str], None]) -> None:
    """All that lies in a bin, each with a button; nothing where there is none.

    done, refused: take the sentence on what a button did.
    """
    every = bin.gone()
    if not every:
        return
    with st.popover(f"Deleted ({len(every)})", icon=":material/restore_from_trash:"):
        st.caption("Kept for a day after it was deleted.")
        is_long = len(every) > MOST_LINES
        with st.container(height=HEIGHT_OF_MANY if is_long else "content", border=False):
            for gone in every:
                _line(gone, done, refused)
        st.button(
            "Remove all for good",
            icon=":material/delete_forever:",
            type="tertiary",
            key="empty_bin",
            help="Frees the disk at once; nothing of it comes back.",
            on_click=_empty,
            args=(bin,),
        )


def _empty(bin: Bin) -> None:
    bin.empty()


def _line(gone: Gone, done: Callable[[str], None], refused: Callable[[str], None]) -> None:
    def restore() -> None:
        try:
            gone.restore(gone.id)
        except MadeError as error:
            refused(str(error))
        else:
            done(f"Restored {gone.label}.")

    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(plain(gone.line()), width="stretch")
        st.button("Restore", icon=":material/undo:", key=f"restore_{gone.id}", on_click=restore)
