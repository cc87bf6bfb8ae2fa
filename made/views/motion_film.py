"""A draw in slow motion as an animated GIF, from the very arrays that the page shows."""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from made.plots.palette import SEQUENTIAL, enlarge, paint

MOST_FRAMES = 90
FRAME_MS, LAST_MS = 70, 2500
SIDE, GAP, CHART = 224, 12, 56
NUM_SHADES = 96
# Of the palette: shades of the chances, shades of ink on paper, then single colours.
PAPER, INK_COLOUR = "#0b0d12", "#f0852f"
SINGLE = ("#ffffff", "#dfe3e8", "#e0701a", "#7d848f", "#3a82d0", "#0f766e")
WHITE, AHEAD, MODEL, REFERENCE, DATA, NOW = range(2 * NUM_SHADES, 2 * NUM_SHADES + len(SINGLE))


def gif(content: dict[str, Any]) -> bytes:
    """What is drawn, beside the chances, above the running log p: at most 90 pictures, and a loop.

    content: as `made.views.slow_motion` makes it.
    """
    last = len(content["values"])
    places = np.unique(np.linspace(0, last, min(MOST_FRAMES, last + 1)).round().astype(int))
    board = _plane_frame if content["kind"] == "plane" else _grid_frame
    decoded = _decoded(content)
    frames = []
    for place in places.tolist():
        left, right = board(content, decoded, place)
        frames.append(_frame(left, right, content["running"], place))
    durations = [FRAME_MS] * (len(frames) - 1) + [LAST_MS]
    buffer = io.BytesIO()
    frames[0].save(
        buffer,
        format="GIF",
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=0,
        optimize=False,
    )
    return buffer.getvalue()


def _palette() -> list[int]:
    shades = np.linspace(0, 1, NUM_SHADES)
    singles = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in SINGLE])
    parts = (paint(shades, SEQUENTIAL), paint(shades, (PAPER, INK_COLOUR)), singles)
    return np.concatenate(parts).astype(np.uint8).ravel().tolist()


def _shade(shares: np.ndarray) -> np.ndarray:
    """Shares 0 … 1 as places in the palette."""
    return (np.clip(shares, 0, 1) * (NUM_SHADES - 1)).round().astype(np.uint8)


def _decoded(content: dict[str, Any]) -> np.ndarray:
    """The futures (stops, D) of a row; the probabilities p(second | first), (K, K), of a joint."""
    if content["kind"] == "plane":
        count = content["numCategories"]
        return np.frombuffer(base64.b64decode(content["second"]), "<f4").reshape(count, count)
    numbers = np.frombuffer(base64.b64decode(content["futures"]), np.uint8)
    return numbers.reshape(len(content["stops"]), -1) / 255


def _grid_frame(
    content: dict[str, Any], futures: np.ndarray, now: int
) -> tuple[np.ndarray, np.ndarray]:
    """What is drawn at a place, and the map beside it: places in the palette, (H, W) each."""
    columns, rows = content["columns"], content["rows"]
    order, values = np.array(content["order"]), np.array(content["values"])
    drawn = np.full(rows * columns, WHITE, np.uint8)
    chances = drawn.copy()
    highest = content["numCategories"] - 1
    drawn[order] = AHEAD
    drawn[order[:now]] = NUM_SHADES + _shade(values[:now] / highest)
    stop = int(np.searchsorted(content["stops"], now, side="right")) - 1
    chances[order] = _shade(futures[stop])
    shown = min(now + 1, len(order))
    chances[order[:shown]] = _shade(np.array(content["shares"])[:shown])
    for place in (place for place in content["changed"] if place < now):
        if values[place]:
            drawn[order[place]] = DATA
    if now < len(order):
        drawn[order[now]] = NOW
    scale = max(1, SIDE // max(rows, columns))
    left, right = (enlarge(p.reshape(rows, columns), scale) for p in (drawn, chances))
    return left, right


def _plane_frame(
    content: dict[str, Any], second: np.ndarray, now: int
) -> tuple[np.ndarray, np.ndarray]:
    """The points so far, and the bars of the toss at hand: places in the palette, (H, W) each."""
    values = np.array(content["values"])
    points = values[: now // 2 * 2].reshape(-1, 2)
    rows = points[:, ::-1] if content["isSwapped"] else points
    plane = Image.fromarray(np.full((SIDE, SIDE), NUM_SHADES, np.uint8))
    pen = ImageDraw.Draw(plane)
    step = SIDE / content["numCategories"]
    for down, across in ((rows + 0.5) * step).tolist():
        pen.rectangle((across - 2, down - 2, across + 2, down + 2), fill=2 * NUM_SHADES - 1)
    place = min(now, len(values) - 1)
    probs = np.frombuffer(base64.b64decode(content["first"]), "<f4")
    if place % 2:
        probs = second[values[place - 1]]
    bars = Image.fromarray(np.full((SIDE, SIDE), WHITE, np.uint8))
    pen = ImageDraw.Draw(bars)
    for value, height in enumerate((probs / probs.max() * (SIDE - 4)).tolist()):
        colour = MODEL if value == values[place] else REFERENCE
        edges = (value * step, SIDE - 1 - height, max((value + 1) * step - 1, value * step))
        pen.rectangle((edges[0], edges[1], edges[2], SIDE - 1), fill=colour)
    return np.array(plane), np.array(bars)


def _frame(
    left: np.ndarray, right: np.ndarray, running: list[float | None], now: int
) -> Image.Image:
    """Two pictures above the curve of log p as far as it is known."""
    height, width = left.shape
    size = (2 * width + 3 * GAP, height + CHART + 3 * GAP)
    frame = Image.new("P", size, WHITE)
    frame.putpalette(_palette())
    frame.paste(Image.fromarray(left), (GAP, GAP))
    frame.paste(Image.fromarray(right), (width + 2 * GAP, GAP))
    known = [value for value in running if value is not None]
    low, high = min(known), max(known)
    top, bottom = height + 2 * GAP, height + 2 * GAP + CHART
    across = (size[0] - 2 * GAP) / (len(running) - 1)
    points = [
        (GAP + place * across, top + (high - value) / max(high - low, 1e-9) * CHART)
        for place, value in enumerate(running[: now + 1])
        if value is not None
    ]
    pen = ImageDraw.Draw(frame)
    pen.line((GAP, bottom, size[0] - GAP, bottom), fill=REFERENCE)
    if len(points) > 1:
        pen.line(points, fill=MODEL, width=2)
    return frame
