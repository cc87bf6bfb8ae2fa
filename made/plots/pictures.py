"""Samples, masks and thumbnails as pictures: uint8 arrays, PNG bytes, and small heat maps."""

import io
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from PIL import Image
from plotly.subplots import make_subplots

from made.base.text import significant
from made.plots.palette import CLEAR, DATA, MODEL, colorscale, enlarge, neutral, paint

GAP_GREY = 128  # stands out from black and from white, and on both themes
MOST_LAYERS = 6  # side by side in a picture


def digit_grid(
    samples: np.ndarray,
    image_shape: tuple[int, int],
    num_categories: int,
    *,
    columns: int | None = None,
    gap: int = 3,
    scale: int | None = None,
    target_width: int = 640,
) -> np.ndarray:
    """A grid of grey pictures, row by row, uint8 (H, W): category 0 black, the last one white.

    samples: integers (N, D) with D = height × width of image_shape. Each picture is enlarged by the
    whole number `scale`, by default the largest that keeps the grid within `target_width` pixels;
    `gap` pixels of grey stand around each.
    """
    samples = np.asarray(samples)
    number = len(samples)
    columns = columns or grid_columns(number, image_shape)
    rows = max(1, -(-number // columns))
    scale = scale or max(1, ((target_width - gap) // columns - gap) // image_shape[1])
    height, width = scale * image_shape[0], scale * image_shape[1]
    pictures = _levels(samples, num_categories).reshape(number, *image_shape)
    grid = np.full(
        (gap + rows * (height + gap), gap + columns * (width + gap)), GAP_GREY, dtype=np.uint8
    )
    for i, picture in enumerate(pictures):
        top = gap + (i // columns) * (height + gap)
        left = gap + (i % columns) * (width + gap)
        grid[top : top + height, left : left + width] = enlarge(picture, scale)
    return grid


def grid_columns(number: int, image_shape: tuple[int, int]) -> int:
    """Columns that make a grid of `number` pictures about as wide as it is high."""
    height, width = image_shape
    return max(1, min(number, round(np.sqrt(number * height / width))))


def digit_grid_alt(number: int, image_shape: tuple[int, int], what: str) -> str:
    """The grid in a sentence; `what` names it, such as "100 samples of the model"."""
    height, width = image_shape
    return f"{what}: a grid of {number} pictures, each {height} × {width} pixels."


def rows_picture(
    samples: np.ndarray, num_categories: int, *, scale: int | None = None, target_width: int = 640
) -> np.ndarray:
    """Samples without an image shape: one row a sample, one column a variable; uint8 (H, W)."""
    samples = np.asarray(samples)
    scale = scale or max(1, target_width // max(samples.shape[1], 1))
    return enlarge(_levels(samples, num_categories), scale)


def rows_picture_alt(samples: np.ndarray, what: str) -> str:
    """The rows picture in a sentence."""
    mean = significant(np.mean(samples) if samples.size else None)
    return (
        f"{what}: {len(samples)} examples, one a row, {samples.shape[1]} variables across; "
        f"mean category {mean}."
    )


def mean_picture(
    samples: np.ndarray, image_shape: tuple[int, int], num_categories: int, *, pixels: int = 280
) -> np.ndarray:
    """Mean of all samples (N, D) as one grey picture, uint8 (H, W)."""
    mean = np.asarray(samples).mean(axis=0, dtype=np.float64) / max(num_categories - 1, 1)
    picture = (255 * mean).round().astype(np.uint8).reshape(image_shape)
    return enlarge(picture, max(1, pixels // image_shape[1]))


def variable_means(
    samples: np.ndarray, num_categories: int, names: Sequence[str] | None = None, height: int = 300
) -> go.Figure:
    """Mean category of every variable of rows without an image shape, as bars."""
    means = np.asarray(samples).mean(axis=0, dtype=np.float64)
    places = list(names) if names is not None else np.arange(1, means.size + 1)
    figure = go.Figure(
        go.Bar(
            x=places,
            y=means,
            marker={"color": DATA, "line": {"width": 0}},
            hovertemplate="variable %{x}<br>mean %{y:.4g}<extra></extra>",
        )
    )
    neutral(figure, height, l=60, r=10, t=10, b=56)
    figure.update_layout(bargap=0.1)
    figure.update_xaxes(title="Variable")
    figure.update_yaxes(title="Mean category", range=[0, num_categories - 1])
    return figure


def mask_picture(masks: Sequence[np.ndarray], *, limit: int = 160, height: int = 320) -> go.Figure:
    """Each layer's mask: orange where an input (across) reaches an output (down).

    Of a deep network the first layers are shown, and the output layer. masks: booleans (outputs,
    inputs), first layer first. A layer with more than `limit` rows or columns is shown in blocks,
    whose tone is the share of open connections.
    """
    named = [(name, np.asarray(mask, dtype=bool)) for name, mask in _few_layers(masks)]
    titles = [
        f"{name}<br>{mask.shape[1]:,} → {mask.shape[0]:,}, {_percent(mask)} open"
        for name, mask in named
    ]
    figure = make_subplots(rows=1, cols=len(named), subplot_titles=titles, horizontal_spacing=0.07)
    for column, (_, mask) in enumerate(named, start=1):
        share, down, across = _block_mean(mask, limit)
        figure.add_heatmap(
            z=share.astype(np.float32),
            zmin=0,
            zmax=1,
            showscale=False,
            colorscale=colorscale((CLEAR, MODEL)),
            x0=(across + 1) / 2,
            dx=across,
            y0=(down + 1) / 2,
            dy=down,
            xgap=1 if max(share.shape) <= 40 else 0,
            ygap=1 if max(share.shape) <= 40 else 0,
            hovertemplate="output %{y}<br>input %{x}<br>open %{z:.0%}<extra></extra>",
            row=1,
            col=column,
        )
        frame = {
            "showgrid": False,
            "zeroline": False,
            "showline": True,
            "mirror": True,
            "nticks": 5,
        }
        figure.update_xaxes(
            title="input", range=[0.5, mask.shape[1] + 0.5], row=1, col=column, **frame
        )
        figure.update_yaxes(
            title="output" if column == 1 else None,
            range=[mask.shape[0] + 0.5, 0.5],
            row=1,
            col=column,
            **frame,
        )
    figure.update_annotations(font={"size": 13}, yshift=4)
    return neutral(figure, height, l=60, r=10, t=56, b=50)


def mask_alt(masks: Sequence[np.ndarray]) -> str:
    """The mask set in a sentence: sizes and share of open connections of each layer."""
    parts = [
        f"{name}, {mask.shape[1]} to {mask.shape[0]} units, {_percent(np.asarray(mask))} open"
        for name, mask in _few_layers(masks)
    ]
    return "Masks of the network. " + "; ".join(parts) + "."


def thumbnail_png(picture: np.ndarray, *, size: int = 96) -> bytes:
    """PNG of values in [0, 1], shape (h, w), in the density colours, its longer side `size`."""
    image = Image.fromarray(paint(picture))
    factor = size / max(image.size)
    width, height = (max(1, round(side * factor)) for side in image.size)
    method = Image.Resampling.NEAREST if factor >= 1 else Image.Resampling.BOX
    return _png(image.resize((width, height), method))


def icon(side: int = 8, pixels: int = 64) -> Image.Image:
    """The sign of the dashboard, a mask: lower triangular, of pixels × pixels."""
    mask = np.tril(np.full((side, side), 255, dtype=np.uint8))
    return Image.fromarray(mask.repeat(pixels // side, axis=0).repeat(pixels // side, axis=1))


def png_bytes(picture: np.ndarray, most: int | None = None) -> bytes:
    """PNG of a uint8 picture, grey (H, W) or colour (H, W, 3), at most so many pixels wide."""
    image = Image.fromarray(np.ascontiguousarray(picture, dtype=np.uint8))
    if most is not None and image.width > most:
        size = most, max(1, int(image.height * most / image.width))
        image = image.resize(size, Image.Resampling.BILINEAR)
    return _png(image)


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    # Without `optimize`, which takes ten times as long for a twentieth of the size.
    image.save(buffer, format="PNG")
    return buffer.getvalue()


def _levels(samples: np.ndarray, num_categories: int) -> np.ndarray:
    """Grey levels, uint8: category 0 is 0, the last one 255."""
    return (
        (samples.astype(np.float64) * (255 / max(num_categories - 1, 1))).round().astype(np.uint8)
    )


def _few_layers(masks: Sequence[np.ndarray]) -> list[tuple[str, np.ndarray]]:
    """As many layers with their names as there is room for: the first ones and the output."""
    hidden = [(f"Hidden layer {number}", mask) for number, mask in enumerate(masks[:-1], 1)]
    return [*hidden[: MOST_LAYERS - 1], ("Output layer", masks[-1])]


def _percent(mask: np.ndarray) -> str:
    return f"{float(mask.mean()) if mask.size else 0.0:.0%}"


def _block_mean(mask: np.ndarray, limit: int) -> tuple[np.ndarray, int, int]:
    """Share of open connections in blocks, and a block's number of rows and of columns."""
    down, across = (-(-length // limit) for length in mask.shape)
    values = mask.astype(np.float64)
    for axis, side in enumerate((down, across)):
        starts = np.arange(0, mask.shape[axis], side)
        sizes = np.diff(np.append(starts, mask.shape[axis]))
        values = np.add.reduceat(values, starts, axis=axis) / np.expand_dims(sizes, 1 - axis)
    return values, down, across
