"""A closer look at a comparison, when asked for: a wipe, the conditionals, fresh draws."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from made.studies.grid import Cell
from made.views.comparison import RunRow
from made.views.slices import slices, wipe
from made.views.story import Story
from pages.compare.pictures import side_by_side
from pages.shared.component import component

WIPE, SLICES, DRAWS = "Two side by side", "p(x₂ | x₁ = a)", "Draw afresh"


_FOLDER = Path(__file__).parent
_wipe = component(_FOLDER, "wipe", style="closer")
_slices = component(_FOLDER, "slices", style="closer")


def look_closer(story: Story, rows: Sequence[RunRow], key: str) -> None:
    """Nothing until one of the ways to look is chosen: each costs more than the page itself."""
    has_truth = story.reference.joint is not None
    ways = [*([WIPE, SLICES] if has_truth else []), DRAWS]
    way = st.segmented_control("Look closer", ways, key=f"closer_{key}", persist_state="session")
    if way == WIPE:
        _show_wipe(story, key)
    elif way == SLICES and (content := slices(story)) is not None:
        _slices(data=content, key=f"slices_{key}")
    elif way == DRAWS:
        side_by_side(rows, story.reference, key)


def _show_wipe(story: Story, key: str) -> None:
    """Two cells, or one and the truth: drag the edge between them, or see their difference."""
    ranked = [cell for row in range(len(story.grid.rows)) for cell in story.grid.ranked(row)]
    options: list[Cell | None] = [*ranked, None]

    def name(cell: Cell | None) -> str:
        return "Truth" if cell is None else cell.name

    with st.container(horizontal=True):
        first = st.selectbox(
            "Left", range(len(options)), format_func=lambda i: name(options[i]), key=f"left_{key}"
        )
        second = st.selectbox(
            "Right",
            range(len(options)),
            index=len(options) - 1,
            format_func=lambda i: name(options[i]),
            key=f"right_{key}",
        )
    content = wipe(story, options[first], options[second])
    if content is None:
        st.info("One of the two has kept no density.", icon=":material/image_not_supported:")
    else:
        _wipe(data=content, key=f"wipe_{key}")
