"""What nobody has foreseen: one sentence where it happened, all about it in the log of the server.

It stands around every page (`pages/router.py`), around the parts of pages that fail on their own
(`shown_errors`), and, for what comes about outside of both, such as the callback of a button, the
app itself hands it here.
"""

from __future__ import annotations

import logging

import streamlit as st
from streamlit.errors import FragmentHandledException

from pages.shared.plain_text import plain

ICON = ":material/report:"
_log = logging.getLogger(__name__)


def say_unforeseen(error: Exception) -> bool:
    """Say it on the page; True, for it is said.

    Its words are for who looks after the server: they may name paths, and rows of data.
    """
    kind = plain(type(error).__name__)
    st.error(
        f"Something went wrong here that was not foreseen ({kind}). The rest of the dashboard "
        "goes on; reload the page to try again. The log of the server has the details.",
        icon=ICON,
    )
    return True


def caught(error: Exception) -> None:
    """Note an error in the log, and say it on the page."""
    if isinstance(error, FragmentHandledException):
        return  # said in its own place, by the app
    _log.error("A part of a page has failed.", exc_info=error)
    say_unforeseen(error)
