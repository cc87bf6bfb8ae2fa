"""The story of a comparison: the verdict in words, then the matrix of what was learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from made.studies import folder
from made.studies.folder import StoredStudy
from made.studies.study import Study
from made.studies.verdict import Part, Sentence
from made.views.cell_pictures import TITLES, Kind, Painter
from made.views.comparison import RunRow
from made.views.matrix import matrix
from made.views.moment import moment_of
from made.views.story import Story, told_elsewhere
from pages.compare.report import report_button
from pages.shared.frame import is_presenting
from pages.shared.matrix import moment_told, show_telling_matrix
from pages.shared.plain_text import plain
from pages.shared.session import fragment

MARKS = {"": "{}", "strong": "**{}**", "winner": ":orange[**{}**]"}


def say_headline(story: Story) -> None:
    """Who is best, by how much, and how sure that is."""
    st.subheader(_markdown(story.verdict.headline), anchor=False)


def say_details(story: Story, study: StoredStudy | None = None) -> None:
    """What else the figures say, other studies included."""
    contrary = None if study is None else _contrary(story, study)
    if sentences := [*story.verdict.details, *([contrary] if contrary else [])]:
        st.markdown(" ".join(map(_markdown, sentences)))


def _contrary(story: Story, study: StoredStudy) -> Sentence | None:
    """What another study says to the contrary."""
    others = [other for other in folder.list_studies() if other.id != study.id]
    key = tuple((other.id, len(other.run_ids)) for other in others if other.problem is None)
    return _elsewhere(study.id, story.signature, key, story, study, others)


@st.cache_data(max_entries=24, show_spinner=False)
def _elsewhere(
    study_id: str,
    signature: tuple[tuple[str, int], ...],
    others_key: tuple[tuple[str, int], ...],
    _story: Story,
    _study: StoredStudy,
    _others: list[StoredStudy],
) -> Sentence | None:
    return told_elsewhere(_story.grid, _study, [one for one in _others if one.problem is None])


def _markdown(sentence: Sentence) -> str:
    return "".join(_marked(part) for part in sentence)


def _marked(part: Part) -> str:
    """A piece with its mark; blanks stand outside of it, as Markdown needs them."""
    text = part.text.strip()
    if not text:
        return part.text
    before, after = part.text.split(text)
    return f"{before}{MARKS[part.role].format(plain(text))}{after}"


def show_story(
    story: Story,
    kind: Kind,
    seed: int | None,
    rows: Sequence[RunRow],
    key: str,
    study: Study | None = None,
) -> None:
    """The matrix of what was learned, and the way to take away what is on screen.

    rows, study: the runs of the story, and what they were made for.
    """
    # Of the page only this is drawn again when the slider rests.
    fragment(_matrix)(story, kind, seed, rows, key, study, moment_told(f"matrix_{key}"))


def _matrix(
    story: Story,
    kind: Kind,
    seed: int | None,
    rows: Sequence[RunRow],
    key: str,
    study: Study | None,
    begin: Any,
) -> None:
    """begin: where the slider stands when the page is drawn, so that the content stays the same."""
    content = _content(story, kind, seed)
    told = show_telling_matrix(content, key=f"matrix_{key}", begin=begin)
    if is_presenting():
        return
    moment = moment_of(told, story.grid)
    painter = Painter(kind=kind, info=story.info, known=story.reference, seed=seed, moment=moment)
    report_button(story, painter, rows, key, study)


def switches(story: Story, key: str) -> tuple[Kind, int | None]:
    """What the cells show, and which seed: the run's place, or None for the mean."""
    options = story.kinds
    kind: Any = options[0]
    seed: int | None = None
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(options) > 1:
            kind = st.segmented_control(
                "Pictures",
                options,
                default=options[0],
                required=True,
                format_func=TITLES.__getitem__,
                key=f"kind_{key}",
                label_visibility="collapsed",
                persist_state="session",
            )
        if story.grid.num_seeds > 1:
            seed = _seed_switch(story, kind, key)
    return kind, seed


def _seed_switch(story: Story, kind: Kind, key: str) -> int | None:
    """Which run of each cell is shown; masses can be averaged, rows cannot."""
    can_be_mean = kind not in ("samples", "reconstructions")
    places: list[int | None] = [*range(story.grid.num_seeds), *([None] if can_be_mean else [])]
    return st.segmented_control(
        "Seed",
        places,
        default=0,
        required=True,
        format_func=lambda place: "mean" if place is None else f"run {place + 1}",
        key=f"seed_{key}_{can_be_mean}",
        label_visibility="collapsed",
        persist_state="session",
    )


def _content(story: Story, kind: Kind, seed: int | None) -> dict[str, Any]:
    return _cached_content(story.signature, kind, seed, story.grid.axes, story)


@st.cache_resource(max_entries=24, show_spinner="Painting the pictures…")
def _cached_content(
    signature: tuple[tuple[str, int], ...],
    kind: Kind,
    seed: int | None,
    axes: tuple[str, ...],
    _story: Story,
) -> dict[str, Any]:
    painter = Painter(kind=kind, info=_story.info, known=_story.reference, seed=seed)
    return matrix(_story.grid, _story.verdict, _story.known, painter)
