"""The pictures of a comparison on one sheet, as SVG that stays sharp and as PNG for slides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from made import plots
from made.base.html import Markup, tag
from made.plots.cells import data_address
from made.plots.line_chart import FONT, INK
from made.plots.palette import DATA, MODEL, MODEL_STRONG
from made.views.cell_pictures import Painter
from made.views.cell_table import figure_texts
from made.views.moment import Moment
from made.views.report_parts import curve_charts
from made.views.story import Story

SIDE, GAP, HEAD, FOOT, MARGIN = 150, 18, 20, 26, 16
ACROSS = 6  # cells of a single row beside each other, the truth excluded
PNG_SCALE = 2
QUIET = "#5b6470"


@dataclass(frozen=True)
class Panel:
    """A picture between a title and a line of text. left, top: its corner on the sheet, pixels."""

    title: str
    text: str
    pixels: np.ndarray | None
    left: int
    top: int
    ink: str = INK
    is_best: bool = False


@dataclass(frozen=True)
class Sheet:
    """Panels, and titles of rows at the left of them; width and height in pixels.

    note: which epoch they are of, below all of them; empty for the best ones.
    """

    panels: list[Panel]
    titles: list[tuple[str, int, int]]
    width: int
    height: int
    note: str = ""


def sheet(story: Story, painter: Painter) -> Sheet:
    """The truth at the left, then the cells: by their columns and rows, a single row in lines."""
    grid = story.grid
    is_matrix = len(grid.rows) > 1
    across = len(grid.columns) if is_matrix else min(ACROSS, len(grid.columns))
    moment = painter.moment
    painted = [painter.then(cell)[0] for cell in grid.cells]
    truth = painter.truth()
    tall = max((_height(pixels) for pixels in [truth, *painted]), default=SIDE)
    step = HEAD + tall + FOOT + GAP

    def corner(column: int, row: int) -> tuple[int, int]:
        return MARGIN + column * (SIDE + GAP), MARGIN + row * step

    name = "Data" if painter.known.joint is None else "Truth"
    panels = [] if truth is None else [Panel(name, "", truth, *corner(0, 0), ink=DATA)]
    for cell, pixels, text in zip(grid.cells, painted, _texts(story, moment), strict=True):
        column = cell.column if is_matrix else cell.column % across
        row = cell.row if is_matrix else cell.column // across
        place = corner(column + 1 + is_matrix, row)
        is_best = cell in story.verdict.winners and moment.is_best
        ink = MODEL_STRONG[0] if is_best else INK
        panels.append(Panel(grid.columns[cell.column], text, pixels, *place, ink, is_best))
    titles = [(title, *corner(1, row)) for row, title in enumerate(grid.rows) if is_matrix]
    num_rows = len(grid.rows) if is_matrix else -(-len(grid.cells) // across)
    right, bottom = corner(across + 1 + is_matrix, num_rows)
    width, height = right - GAP + MARGIN, bottom - GAP + MARGIN
    if moment.is_best:
        return Sheet(panels, titles, width, height)
    note = f"{moment.measured(grid.measure)} {moment.words()} of {grid.num_epochs}"
    return Sheet(panels, titles, width, height + HEAD, note)


def _texts(story: Story, moment: Moment) -> Iterator[str]:
    for row in range(len(story.grid.rows)):
        yield from figure_texts(story.grid.row(row), moment)


def _height(pixels: np.ndarray | None) -> int:
    """Of a picture as wide as a cell."""
    return SIDE if pixels is None else round(SIDE * pixels.shape[0] / pixels.shape[1])


def matrix_svg(story: Story, painter: Painter) -> str:
    """The sheet as one SVG picture with the pixels inside."""
    whole = sheet(story, painter)
    parts: list[Markup] = [tag("rect", width="100%", height="100%", fill="#ffffff")]
    parts += [_svg_text(title, left, top + HEAD + 14, INK) for title, left, top in whole.titles]
    for panel in whole.panels:
        top, tall = panel.top + HEAD, _height(panel.pixels)
        parts.append(_svg_text(panel.title, panel.left, panel.top + 13, panel.ink, bold=True))
        box = {"x": panel.left, "y": top, "width": SIDE, "height": tall}
        if panel.pixels is not None:
            style = "image-rendering: pixelated"
            parts.append(tag("image", **box, href=data_address(panel.pixels), style=style))
        if panel.is_best:
            parts.append(tag("rect", **box, fill="none", stroke=MODEL, stroke_width=3))
        parts.append(_svg_text(panel.text, panel.left, top + tall + 17, panel.ink))
    if whole.note:
        parts.append(_svg_text(whole.note, MARGIN, whole.height - MARGIN, INK))
    return tag(
        "svg",
        tag("title", "; ".join(f"{panel.title} {panel.text}".strip() for panel in whole.panels)),
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {whole.width} {whole.height}",
        width=whole.width,
        height=whole.height,
        font_family=FONT,
        font_size=14,
    )


def _svg_text(text: str, x: float, y: float, ink: str, *, bold: bool = False) -> Markup:
    return tag("text", text, x=x, y=y, fill=ink, font_weight="600" if bold else None)


def matrix_png(story: Story, painter: Painter) -> bytes:
    """The sheet as PNG, twice as large as on screen; its pixels stay squares."""
    whole = sheet(story, painter)
    size = (whole.width * PNG_SCALE, whole.height * PNG_SCALE)
    image = Image.new("RGB", size, "#ffffff")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(14 * PNG_SCALE)

    def write(text: str, left: int, top: int, ink: str) -> None:
        pen.text((left * PNG_SCALE, top * PNG_SCALE), text, fill=ink, font=font)

    for title, left, top in whole.titles:
        write(title, left, top + HEAD, INK)
    write(whole.note, MARGIN, whole.height - MARGIN - HEAD, INK)
    for panel in whole.panels:
        top, tall = panel.top + HEAD, _height(panel.pixels)
        write(panel.title, panel.left, panel.top, panel.ink)
        write(panel.text, panel.left, top + tall + 4, panel.ink)
        if panel.pixels is not None:
            side = (SIDE * PNG_SCALE, tall * PNG_SCALE)
            picture = Image.fromarray(np.ascontiguousarray(panel.pixels)).convert("RGB")
            image.paste(
                picture.resize(side, Image.Resampling.NEAREST),
                (panel.left * PNG_SCALE, top * PNG_SCALE),
            )
        if panel.is_best:
            corners = (panel.left, top, panel.left + SIDE, top + tall)
            pen.rectangle([PNG_SCALE * c for c in corners], outline=MODEL, width=3 * PNG_SCALE)
    return plots.png_bytes(np.asarray(image))


def curves_svg(story: Story) -> str | None:
    """The validation curves of the first row as one SVG picture; None before there are any."""
    charts: Sequence[tuple[str, Markup]] = curve_charts(story)
    return charts[0][1] if charts else None
