"""A comparison to take away: a report that prints, its pictures, its figures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

import streamlit as st

from made.studies.study import Study
from made.views import comparison_tables, report, report_pictures
from made.views.cell_pictures import Painter
from made.views.comparison import RunRow
from made.views.story import Story

STEM = "made-comparison"


def report_button(
    story: Story,
    painter: Painter,
    rows: Sequence[RunRow],
    key: str,
    study: Study | None = None,
) -> None:
    """A menu of files; each is made when it is asked for.

    painter: paints what is on screen. study: what the runs were made for.
    """
    moment = painter.moment
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
            f"One HTML file of verdict, pictures {moment.words()}, figures, curves, settings and "
            "commands. It prints on A4.",
        ),
        (
            "Pictures, PNG",
            f"{STEM}.png",
            "image/png",
            lambda: report_pictures.matrix_png(story, painter),
            f"All cells on one sheet, {moment.words()}.",
        ),
        (
            "Pictures, SVG",
            f"{STEM}.svg",
            "image/svg+xml",
            lambda: report_pictures.matrix_svg(story, painter),
            f"All cells on one sheet, {moment.words()}.",
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
    title = "Take away" if moment.is_best else f"Take away, {moment.words()}"
    with st.popover(title, icon=":material/download:"):
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
