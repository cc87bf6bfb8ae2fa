"""A comparison to take away: a report that prints, its pictures, its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import streamlit as st

from made.studies.study import Study
from made.views import comparison_tables, report, report_pictures
from made.views.cell_pictures import Kind, Painter
from made.views.comparison import RunRow
from made.views.story import Story

STEM = "made-comparison"


def report_button(
    story: Story,
    rows: Sequence[RunRow],
    kind: Kind,
    seed: int | None,
    key: str,
    study: Study | None = None,
) -> None:
    """A menu of files; each is made when it is asked for.

    kind, seed: what the cells show on the page. study: what the runs were made for.
    """
    painter = Painter(kind=kind, info=story.info, known=story.reference, seed=seed)
    files: list[tuple[str, str, str, Callable[[], str | bytes], str]] = [
        (
            "Report",
            f"{STEM}.html",
            "text/html",
            lambda: report.report(
                story,
                painter,
                when=datetime.now().astimezone(),
                title=study.title if study else None,
                command=study.to_command() if study else None,
            ),
            "One HTML file of verdict, pictures, figures, curves, settings and commands. It "
            "prints on A4.",
        ),
        (
            "Pictures, PNG",
            f"{STEM}.png",
            "image/png",
            lambda: report_pictures.matrix_png(story, painter),
            "All cells on one sheet, at the best epochs.",
        ),
        (
            "Pictures, SVG",
            f"{STEM}.svg",
            "image/svg+xml",
            lambda: report_pictures.matrix_svg(story, painter),
            "All cells on one sheet, at the best epochs.",
        ),
        (
            "Curves, SVG",
            f"{STEM}-curves.svg",
            "image/svg+xml",
            lambda: report_pictures.curves_svg(story) or "",
            "The validation curves, which stay sharp at any size.",
        ),
        (
            "Figures, CSV",
            f"{STEM}.csv",
            "text/csv",
            lambda: comparison_tables.csv_text(rows),
            "Every figure in full precision and every setting, one line a run.",
        ),
    ]
    with st.popover("Take away", icon=":material/download:"):
        for title, name, mime, content, said in files:
            st.download_button(
                title,
                content,
                name,
                mime,
                key=f"take_{name}_{key}",
                width="stretch",
                on_click="ignore",
                help=said,
            )
