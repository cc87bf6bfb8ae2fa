"""The parts of a report: verdict, pictures, figures, curves, what all runs share, and each run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from made.base.html import Markup, joined, tag
from made.base.text import counted, exact, significant, whole
from made.plots.cells import data_address
from made.plots.line_chart import Series, line_chart
from made.setups.config import FIELDS, field_title
from made.setups.words import setting_text
from made.studies.grid import IGNORED, Cell, Grid
from made.studies.known import Known
from made.studies.readings import SEEDS
from made.studies.verdict import Sentence, Verdict
from made.views import matrix_curves
from made.views.cell_pictures import Painter
from made.views.cell_table import behind_text, cell_rows, figure_texts
from made.views.moment import BEST, Moment
from made.views.story import Story

ROLES = {"strong": "b", "winner": "em"}
COLUMNS = 4  # of pictures across a page, the truth included
MOST_COLUMNS = 7  # of a matrix of two fields, the head of the row and the truth excluded


def verdict_block(verdict: Verdict) -> Markup:
    """What can be quoted alone."""
    details = [tag("span", _sentence(detail), " ") for detail in verdict.details]
    parts = [tag("p", _sentence(verdict.headline), class_="headline")]
    return tag("blockquote", *parts, *([tag("p", *details)] if details else []))


def _sentence(sentence: Sentence) -> Markup:
    return joined(tag(ROLES[part.role], part.text) if part.role else part.text for part in sentence)


def pictures_block(story: Story, painter: Painter) -> Markup:
    """The matrix of what was learned, with the truth in a column of its own."""
    grid = story.grid
    moment = painter.moment
    title = "What each has learned" if moment.is_best else f"Learned by epoch {moment.epoch}"
    heading = tag("div", tag("h2", title), _scale(painter), class_="head")
    if len(grid.rows) > 1:
        return tag("section", heading, _matrix(story, painter), class_="whole")
    cells = [
        _picture_of(cell, story.verdict, painter, text)
        for cell, text in zip(grid.cells, figure_texts(grid.cells, moment), strict=True)
    ]
    return tag(
        "section",
        heading,
        tag("div", _truth(story, painter), tag("div", *cells, class_="cells"), class_="line"),
        class_="whole",
    )


def _scale(painter: Painter) -> Markup:
    scale = painter.scale
    if scale is None:
        return Markup("")
    stops = ", ".join(scale.colours)
    bar = tag("i", style=f"background: linear-gradient(to right, {stops})")
    return tag("span", f"{scale.title} {scale.low} ", bar, f" {scale.high}", class_="scale")


def _truth(story: Story, painter: Painter) -> Markup:
    title = "Data" if painter.known.joint is None else "Truth"
    pixels = painter.truth()
    parts: list[str] = [tag("h3", title, class_="truth")]
    if pixels is not None:
        parts.append(tag("img", src=data_address(pixels), alt=f"{title}: what the data are."))
    if story.known.entropy is not None:
        parts.append(tag("p", f"entropy {significant(story.known.entropy)}"))
        parts.append(tag("p", "nats / example, the floor", class_="quiet"))
    parts.append(tag("p", how_to_read(story, painter), class_="small"))
    return tag("div", *parts, class_="cell")


def how_to_read(story: Story, painter: Painter) -> str:
    """What the pictures are, of which epoch, and which figures stand below them."""
    grid, epoch = story.grid, painter.moment.epoch
    shown = "the mean over the runs of a cell" if painter.seed is None else "one run of each cell"
    error = (
        "± one standard error over the seeds"
        if grid.num_seeds > 1
        else "± one standard error over the test examples, where known"
    )
    if epoch is None:
        return (
            f"At the best epoch on validation, {shown}, one colour scale. Under each: "
            f"{grid.measure.title}, {grid.measure.unit}, {error}."
        )
    seeds = f", {error}" if grid.num_seeds > 1 else ""
    figure = painter.moment.measured(grid.measure)
    return (
        f"After epoch {epoch} of {grid.num_epochs}, {shown}, one colour scale; a run that ended "
        f"before is shown at its end. Under each: {figure} after that epoch, {grid.measure.unit}"
        f"{seeds}. The verdict is about the best epochs."
    )


def _picture_of(cell: Cell, verdict: Verdict, painter: Painter, text: str) -> Markup:
    pixels, epoch = painter.then(cell)
    # Who has won is known of the best epochs, and said of no other.
    is_best = cell in verdict.winners and painter.moment.is_best
    aside = _kept_instead(painter.moment, cell, epoch)
    chip = [tag("span", "best" if cell in verdict.sure else "lowest", class_="chip")]
    value, _, error = text.partition(" ± ")
    picture = (
        tag("div", "no picture kept", class_="none")
        if pixels is None
        else tag("img", src=data_address(pixels), alt=f"{cell.name}: {text} {cell.measure.unit}.")
    )
    return tag(
        "div",
        tag("h3", cell.name, *(chip if is_best else [])),
        picture,
        tag("p", tag("b", value), " ", tag("span", f"± {error}" if error else ""), class_="figure"),
        *([tag("p", aside, class_="quiet")] if aside and pixels is not None else []),
        class_="cell best" if is_best else "cell",
    )


def _kept_instead(moment: Moment, cell: Cell, epoch: int | None) -> str:
    """Of which epoch the picture is, where the one that was asked for has kept none."""
    if moment.epoch is None or epoch == min(moment.epoch, cell.num_epochs):
        return ""
    return "picture: best epoch" if epoch is None else f"picture: epoch {epoch}"


def _matrix(story: Story, painter: Painter) -> Markup:
    """Two fields: columns across, rows down; wide ones are told in several tables."""
    grid = story.grid
    parts = [tag("div", _truth(story, painter), class_="aside")]
    for first in range(0, len(grid.columns), MOST_COLUMNS):
        heads = grid.columns[first : first + MOST_COLUMNS]
        body = [tag("tr", tag("th"), *(tag("th", head) for head in heads))]
        for row, title in enumerate(grid.rows):
            cells = grid.row(row)
            pairs = zip(cells, figure_texts(cells, painter.moment), strict=True)
            entries = {
                cell.column: tag("td", _picture_of(cell, story.verdict, painter, text))
                for cell, text in pairs
            }
            here = range(first, first + len(heads))
            body.append(
                tag(
                    "tr",
                    tag("th", title, scope="row"),
                    *(entries.get(column, tag("td")) for column in here),
                )
            )
        parts.append(tag("table", *body, class_="matrix"))
    return tag("div", *parts)


def figures_block(grid: Grid, moment: Moment = BEST) -> Markup:
    """One row a cell, and the column that decides: how far behind the best, pair by pair.

    All of it is about the best epochs. moment: the figures of another epoch take the
    place of the parameters, as a page of paper is no wider.
    """
    measure = grid.measure
    unit = "nats, exact" if measure.is_exact else f"validation, {measure.unit}"
    heads = [
        ("", ""),
        (measure.title, "nats, exact" if measure.is_exact else f"test, {measure.unit}"),
        ("behind the best", "pair by pair, nats"),
        *([("test NLL", "nats / example")] if measure.is_exact else []),
        ("best epoch", f"of {whole(grid.num_epochs)}"),
        ("parameters", "") if moment.is_best else (moment.words(), unit),
    ]
    head = tag("tr", *(tag("th", one, tag("br"), two) for one, two in heads))
    rows = []
    for place, title in enumerate(grid.rows):
        if len(grid.rows) > 1:
            rows.append(tag("tr", tag("th", title, colspan=len(heads), scope="rowgroup")))
        found = cell_rows(grid, place)
        for row, then in zip(found, figure_texts([row.cell for row in found], moment), strict=True):
            values = [
                tag("td", row.name, " (worst)" if row.is_worst else ""),
                _with_error(row.figure),
                tag("td", behind_text(row)),
                *([_with_error(row.test)] if measure.is_exact else []),
                tag("td", row.epochs),
                tag("td", whole(row.num_parameters)) if moment.is_best else _with_error(then),
            ]
            rows.append(tag("tr", *values, class_="best" if row.is_best else None))
    kind = "figures" if moment.is_best else "figures tight"
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_=kind)
    title = "Figures" if moment.is_best else f"Figures {BEST.words()}"
    return tag("section", tag("h2", title), table, class_="whole")


def _with_error(text: str) -> Markup:
    value, _, error = text.partition(" ± ")
    return tag("td", value, tag("span", f" ± {error}", class_="quiet") if error else "")


def curve_charts(story: Story, moment: Moment = BEST) -> list[tuple[str, Markup]]:
    """One chart a row of the grid, under the title of the row. moment: is marked."""
    charts = []
    for place, title in enumerate(story.grid.rows):
        chart = _chart(_only_row(story.grid, place), story.verdict, story.known, moment)
        if chart is not None:
            charts.append((title, chart))
    return charts


def curves_block(story: Story, moment: Moment = BEST) -> Markup:
    """The validation curves, on a page of their own."""
    charts = [
        tag("figure", *([tag("figcaption", title)] if title else []), chart)
        for title, chart in curve_charts(story, moment)
    ]
    if not charts:
        return Markup("")
    return tag("section", tag("h2", "Curves"), *charts, class_="overleaf")


def _only_row(grid: Grid, place: int) -> Grid:
    """One row of a grid as a grid of its own."""
    cells = tuple(replace(cell, name=grid.columns[cell.column], row=0) for cell in grid.row(place))
    return replace(grid, rows=("",), cells=cells)


def _chart(grid: Grid, verdict: Verdict, known: Known, moment: Moment) -> Markup | None:
    content: dict[str, Any] | None = matrix_curves.curves(grid, verdict, known)
    if content is None:
        return None
    best = grid.best()
    series = [
        Series(
            name=one["name"],
            points=one["points"],
            best=one["best"],
            label=one["label"],
            is_best=best is not None and one["column"] == best.column,
        )
        for one in content["series"]
    ]
    names = ", ".join(one.name for one in series)
    title = "; ".join(line.rstrip(",") for line in content["title"])
    cursor = None if moment.epoch is None else min(moment.epoch, grid.num_epochs)
    return line_chart(
        series,
        ticks=content["ticks"],
        references=content["lines"],
        last_epoch=grid.num_epochs,
        label=title,
        alt=f"{title}: {names}.",
        cursor=cursor,
    )


def shared_block(grid: Grid, command: str | None = None) -> Markup:
    """The settings that all runs have in common, the seeds, and what makes them again."""
    readings = grid.readings
    pairs = [(field_title("dataset"), readings[0].config.data.dataset)]
    for name in FIELDS:
        values = {repr(reading.settings.get(name)) for reading in readings}
        value = readings[0].settings.get(name)
        if name not in IGNORED and name != "dataset" and len(values) == 1 and value is not None:
            pairs.append((field_title(name), setting_text(name, value)))
    for name in SEEDS:
        seeds = sorted({reading.config.flat()[name] for reading in readings})
        pairs.append((field_title(name), ", ".join(map(str, seeds))))
    entries = [tag("div", tag("dt", name), tag("dd", value)) for name, value in pairs]
    title = f"The same for all {counted(len(readings), 'run')}"
    again = [tag("p", "Made again by ", tag("code", command), class_="again")] if command else []
    return tag("section", tag("h2", title), tag("dl", *entries), *again, class_="whole")


def runs_block(grid: Grid, moment: Moment = BEST) -> Markup:
    """Each run with its figures to the last digit, and the command that trains it again.

    moment: of another epoch than the best there is one more figure.
    """
    epoch, measure = moment.epoch, grid.measure
    rows = []
    for cell in grid.cells:
        for reading in cell.readings:
            then = [] if epoch is None else [tag("td", exact(reading.at(measure, epoch)))]
            figure = reading.at_best(measure)
            rows.append(
                tag(
                    "tr",
                    tag("td", reading.label, tag("br"), tag("code", reading.run.id)),
                    tag("td", exact(figure)),
                    tag("td", exact(reading.result.get("nll_nats"))),
                    *then,
                    tag("td", tag("code", reading.config.to_command())),
                )
            )
    best = f"{measure.title}{'' if epoch is None else ' at the best epoch'} ({measure.unit})"
    what = f"{moment.measured(measure)} {moment.words()} ({measure.unit})"
    other = [] if epoch is None else [what]
    heads = ("Run", best, "Test NLL (nats)", *other, "Command")
    head = tag("thead", tag("tr", *(tag("th", name) for name in heads)))
    table = tag("table", head, tag("tbody", *rows), class_="runs")
    return tag("section", tag("h2", "Every run"), table)
