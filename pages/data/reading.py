"""A file that a person chose, read once by a process of its own, with a bar while that takes."""

from __future__ import annotations

from typing import Any

import streamlit as st

from made.datasets.uploads.reading import Reading, ReadUpload
from made.views import upload_views


def read_file(file: Any, place: str) -> ReadUpload:
    """What is in the file; shows its bar as long as it is not known.

    place: which file chooser it is of. The session keeps what is read of the latest file there.
    """
    key = f"reading_{place}"
    known: tuple[str, Reading] | None = st.session_state.get(key)
    if known is None or known[0] != file.file_id:
        known = (file.file_id, Reading(file.name, file.getvalue()))
        st.session_state[key] = known
    bar = st.empty()
    for share in known[1].follow():
        bar.progress(share or 0.0, upload_views.reading_title(share))
    bar.empty()
    return known[1].result()


def forget_file(place: str) -> None:
    """Let go of what was read there; a reading that still goes on ends."""
    st.session_state.pop(f"reading_{place}", None)
