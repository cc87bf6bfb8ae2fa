"""One run through its epochs: the data beside what the model had learned, under one slider."""

from __future__ import annotations

from typing import Any

import streamlit as st

from made.runs.folder import Run
from made.views.film import film
from pages.shared.matrix import show_matrix


def show_film(run: Run, share: float) -> None:
    """The pictures of a run at rest, from the first epoch kept to the last.

    share: of the height of the window, for a picture at most, so that all are seen whole.
    """
    kept = tuple(run.sample_epochs())
    show_matrix({**_content(run.id, kept, run.state), "share": share}, key=f"film-{run.id}")


@st.cache_resource(max_entries=24, show_spinner=False)
def _content(run_id: str, kept: tuple[int, ...], state: str) -> dict[str, Any]:
    """kept, state: what must change before the film does."""
    return film(Run.open(run_id))
