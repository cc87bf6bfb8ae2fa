"""Curves as one SVG picture that prints sharply and needs no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from made.base.html import Markup, tag
from made.plots.palette import MODEL, MODEL_STRONG, REFERENCE

INK, FAINT = "#1b2129", "#dfe3e8"
FONT = "'Source Sans 3', 'Source Sans Pro', system-ui, sans-serif"
LEFT, RIGHT, TOP, BOTTOM = 62.0, 150.0, 30.0, 40.0
WIDTH, HEIGHT = 730.0, 300.0
MOST_EPOCH_TICKS = 6


@dataclass(frozen=True, kw_only=True)
class Series:
    """One curve. points: epoch, and places 0 … 1 of the value and of the ends of its band.

    best: the epoch that is ringed, with its place. label: the place of the name behind the end.
    """

    name: str
    points: Sequence[tuple[int, float, float, float]]
    best: tuple[int, float] | None
    label: float
    is_best: bool = False


def line_chart(
    series: Sequence[Series],
    *,
    ticks: Sequence[tuple[float, str]],
    references: Sequence[tuple[float, str]],
    last_epoch: int,
    label: str,
    alt: str,
    cursor: int | None = None,
) -> Markup:
    """Curves over the epochs up to last_epoch, the best one on top; 0 is before training.

    ticks, references: places 0 … 1 from bottom to top, with their text. label: of the value axis.
    cursor: an epoch that is marked.
    """
    first = min((point[0] for one in series for point in one.points), default=1)
    last = max(last_epoch, first + 1)

    def across(epoch: float) -> float:
        return LEFT + (epoch - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def down(place: float) -> float:
        return HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM)

    end = WIDTH - RIGHT
    parts = [tag("title", alt)]
    for place, text in ticks:
        parts.append(_line((LEFT, down(place)), (end, down(place)), FAINT))
        parts.append(_text(text, LEFT - 8, down(place) + 4, "end"))
    for place, text in references:
        parts.append(_line((LEFT, down(place)), (end, down(place)), REFERENCE, dash="5 4"))
        parts.append(_text(text, end - 4, down(place) - 5, "end"))
    parts += [
        _text(str(epoch), across(epoch), HEIGHT - BOTTOM + 18, "middle")
        for epoch in _epoch_ticks(first, last_epoch)
    ]
    if cursor is not None:
        x = across(cursor)
        parts.append(_line((x, TOP), (x, HEIGHT - BOTTOM), INK, dash="2 3"))
        parts.append(_text(f"epoch {cursor}", x, TOP - 5, "middle", fill=INK))
    parts.append(_text("epoch", (LEFT + end) / 2, HEIGHT - 6, "middle"))
    parts.append(_text(label, LEFT, 12, "start"))
    for one in sorted(series, key=lambda one: one.is_best):
        stroke = MODEL if one.is_best else REFERENCE
        places = [(across(point[0]), down(point[1])) for point in one.points]
        band = [(across(epoch), down(high)) for epoch, _, _, high in one.points]
        band += [(across(epoch), down(low)) for epoch, _, low, _ in reversed(one.points)]
        parts.append(tag("path", d=_path(band) + "Z", fill=stroke, fill_opacity=0.18))
        width = 2.2 if one.is_best else 1.4
        parts.append(tag("path", d=_path(places), fill="none", stroke=stroke, stroke_width=width))
        if one.best is not None:
            x, y = across(one.best[0]), down(one.best[1])
            circle = {"cx": _short(x), "cy": _short(y), "r": 4, "fill": "#ffffff"}
            parts.append(tag("circle", **circle, stroke=stroke, stroke_width=1.8))
        ink = MODEL_STRONG[0] if one.is_best else INK
        weight = "600" if one.is_best else None
        parts.append(
            _text(one.name, end + 8, down(one.label) + 4, "start", fill=ink, font_weight=weight)
        )
    return tag(
        "svg",
        *parts,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}",
        width=f"{WIDTH:g}",
        height=f"{HEIGHT:g}",
        role="img",
        font_family=FONT,
        font_size=12,
    )


def _epoch_ticks(first: int, last_epoch: int) -> list[int]:
    step = next(
        size * 10**power
        for power in range(7)
        for size in (1, 2, 5)
        if last_epoch <= MOST_EPOCH_TICKS * size * 10**power or power == 6
    )
    return [first, *(epoch for epoch in range(step, last_epoch + 1, step) if epoch > first)]


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{_short(x)} {_short(y)}" for x, y in points) if points else ""


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _line(
    start: tuple[float, float], end: tuple[float, float], stroke: str, dash: str | None = None
) -> Markup:
    places = {"x1": start[0], "y1": start[1], "x2": end[0], "y2": end[1]}
    short = {name: _short(value) for name, value in places.items()}
    return tag("line", **short, stroke=stroke, stroke_dasharray=dash)


def _text(text: str, x: float, y: float, anchor: str, **style: object) -> Markup:
    place = {"x": _short(x), "y": _short(y), "text_anchor": anchor}
    return tag("text", text, **place, **({"fill": "#5b6470"} | style))
