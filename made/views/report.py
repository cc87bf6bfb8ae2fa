"""A comparison as one HTML file that needs nothing else: to be read, mailed and printed on A4.

No script runs in it and nothing is fetched: pictures are inside, curves are drawn as SVG.
"""

from __future__ import annotations

import tomllib
from datetime import datetime
from importlib import metadata

from made.base import places
from made.base.html import Markup, joined, tag
from made.base.text import counted
from made.setups.config import field_title
from made.views import report_parts, report_style
from made.views.cell_pictures import Painter, kinds
from made.views.moment import BEST, Moment
from made.views.story import Story

LIBRARIES = ("made", "torch", "numpy", "streamlit")


def report(
    story: Story,
    painter: Painter,
    *,
    when: datetime,
    title: str | None = None,
    command: str | None = None,
) -> str:
    """The whole file, with the pictures as the painter has them, of the epoch that it stands at.

    title: by default what was varied, on which data.
    command: makes all the runs again, where there is such a one.
    """
    title = title or default_title(story)
    grid = story.grid
    date = f"{when.day} {when:%B %Y}"
    seeds = f" × {grid.num_seeds} seeds" if grid.num_seeds > 1 else ""
    what = f"{counted(len(grid.cells), 'set-up')}{seeds}, {counted(len(grid.readings), 'run')}"
    body = tag(
        "main",
        tag("header", tag("span", "MADE report"), tag("span", f"{date} · {version('made')}")),
        tag("h1", title),
        tag("p", what, class_="quiet"),
        report_parts.verdict_block(story.verdict),
        report_parts.pictures_block(story, painter),
        report_parts.figures_block(grid, painter.moment),
        report_parts.curves_block(story, painter.moment),
        report_parts.shared_block(grid, command),
        report_parts.runs_block(grid, painter.moment),
        tag("footer", "Made with ", ", ".join(map(version, LIBRARIES)), "."),
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=report_style.POLICY),
        tag("title", title),
        tag("style", Markup(report_style.CSS)),
    )
    return joined([Markup("<!doctype html>\n"), tag("html", head, tag("body", body), lang="en")])


def first_look(story: Story, moment: Moment = BEST) -> Painter:
    """The cells as the page opens: the first kind of picture, and of several seeds the first."""
    kind = kinds(story.grid.readings, story.info, story.reference)[0]
    seed = 0 if story.grid.num_seeds > 1 else None
    return Painter(kind=kind, info=story.info, known=story.reference, seed=seed, moment=moment)


def default_title(story: Story) -> str:
    """What was varied, on which data.

    Of runs that differ in more than two fields no field is named.
    """
    names = [field_title(name) for name in story.grid.axes]
    data = story.info.title if story.info else story.grid.readings[0].config.data.dataset
    varied = " and ".join([names[0], *(name.lower() for name in names[1:])]) if names else "Runs"
    return f"{varied} on {data}"


def version(name: str) -> str:
    """A library with its version, as far as that is known; a checkout is not installed."""
    try:
        return f"{name} {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        project = places.PROJECT / "pyproject.toml"
        if name != "made" or not (places.is_checkout() and project.is_file()):
            return name
        return f"{name} {tomllib.loads(project.read_text('utf-8'))['project']['version']}"
