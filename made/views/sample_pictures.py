"""The pictures of the Samples page: what a model draws, beside what it learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from PIL import Image, ImageDraw, ImageFont

from made import plots
from made.plots import MODEL
from made.views import run_views
from made.views.pictures import LARGE_WIDTH, Picture, one_a_row, rows_as_picture
from made.views.sample_views import Request, Subject, data_row

if TYPE_CHECKING:
    from made.datasets import DatasetInfo
    from made.views.inference import Drawn

PICTURE_WIDTH = 640
TINTS = {"given": (0.55, 0.78, 1.0), "drawn": (1.0, 0.8, 0.55)}
UNKNOWN = 96
NUM_COMPANIONS = 16


def panels(about: Subject, drawn: Drawn) -> list[tuple[str, np.ndarray]]:
    """The truth where it is known, the model's exact density, and the samples: each (K, K)."""
    joint = run_views.reference(about.run).joint
    number = f"{len(drawn.samples):,} samples"
    shown = [
        ("Data: true joint", joint),
        ("Model: exact density", drawn.density),
        (
            f"Model: {number}",
            plots.joint_histogram(drawn.samples, about.info.num_categories),
        ),
    ]
    return [(title, table) for title, table in shown if table is not None]


def density_figure(shown: Sequence[tuple[str, np.ndarray]], height: int) -> go.Figure:
    """The panels, whose squares are as large as height (pixels) and width allow, from the top."""
    figure = plots.density_panel(shown, height=height)
    figure.update_layout(
        margin={"l": 46, "r": 66, "t": 26, "b": 44},
        coloraxis_colorbar={"title": {"side": "right"}, "len": 0.9, "x": 1.01, "thickness": 12},
    )
    figure.update_xaxes(title_standoff=4)
    figure.update_yaxes(constraintoward="top")
    return figure


def density_pictures(shown: Sequence[tuple[str, np.ndarray]]) -> list[Picture]:
    """The same panels, on the same scale, as pictures of their own for a narrow window."""
    drawn = plots.density_pictures(shown, pixels=PICTURE_WIDTH)
    return [
        Picture(title, pixels, plots.density_alt([panel]))
        for (title, pixels), panel in zip(drawn, shown, strict=True)
    ]


def sample_picture(about: Subject, drawn: Drawn, observed: Mapping[int, int]) -> Picture:
    """The samples as a grid of images, or as rows; given pixels are blue, drawn ones orange."""
    info, samples = about.info, drawn.samples
    number = f"{len(samples):,} {'completions' if observed else 'samples'}"
    title = one_a_row(f"{number} of the model", info)
    picture = _picture(samples, info, title, LARGE_WIDTH)
    if not observed:
        return picture
    places = _places(observed, info, len(samples), LARGE_WIDTH)
    alt = f"The {len(observed)} given pixels are the same in all, tinted blue; others orange."
    return Picture(
        f"{title}: given pixels blue, drawn ones orange",
        _tinted(picture.pixels, places),
        f"{picture.alt} {alt}",
    )


def companions(about: Subject, request: Request, observed: Mapping[int, int]) -> list[Picture]:
    """What stands beside the samples: data to compare with, or what the completions began with."""
    if request.row is not None:
        return given_pictures(about, request.row, observed)
    picture = data_picture(about, min(request.num_samples, NUM_COMPANIONS))
    return [picture] if picture else []


def data_picture(about: Subject, number: int) -> Picture | None:
    """As many data rows as the run kept, at most `number`, to compare with; None without any."""
    rows = run_views.reference(about.run).rows
    if rows is None:
        return None
    rows, info = rows[:number], about.info
    title = f"{len(rows)} rows of the training split"
    return _picture(rows, info, title, PICTURE_WIDTH if info.image_shape else LARGE_WIDTH)


def given_pictures(about: Subject, row: int, observed: Mapping[int, int]) -> list[Picture]:
    """What the model is given of a data row, the rest in flat grey, and the whole row."""
    info = about.info
    assert info.image_shape is not None
    whole = _picture(data_row(about, row)[None], info, "The whole data row", PICTURE_WIDTH)
    places = _places(observed, info, 1, PICTURE_WIDTH)
    seen = _tinted(whole.pixels, places)
    seen[places == 0] = UNKNOWN
    share = f"{len(observed)} of {info.num_variables} pixels"
    return [
        Picture(f"Given: {share}", seen, f"Data row {row} with {share} shown, the others grey."),
        Picture(whole.title, whole.pixels, f"Data row {row}, all of its pixels."),
    ]


def png(about: Subject, drawn: Drawn, observed: Mapping[int, int]) -> bytes:
    """The picture of a draw as a file."""
    if about.info.is_joint:
        return density_png(panels(about, drawn))
    return plots.png_bytes(sample_picture(about, drawn, observed).pixels)


def density_png(shown: Sequence[tuple[str, np.ndarray]]) -> bytes:
    """The panels side by side on one colour scale, each under its title, as PNG."""
    pictures = plots.density_pictures(shown, pixels=600)
    margin, head = 20, 44
    width = margin + sum(pixels.shape[1] + margin for _, pixels in pictures)
    height = head + max(pixels.shape[0] for _, pixels in pictures) + margin
    sheet = Image.new("RGB", (width, height), "white")
    pen, font, left = ImageDraw.Draw(sheet), ImageFont.load_default(20), margin
    for title, pixels in pictures:
        pen.text((left, 12), title, fill="#1b2129", font=font)
        sheet.paste(Image.fromarray(pixels), (left, head))
        left += pixels.shape[1] + margin
    return plots.png_bytes(np.asarray(sheet))


def why_none(about: Subject) -> list[Picture]:
    """Why a plain autoencoder has no samples: what its outputs see, beside those of a MADE.

    Then what it does instead: reconstructions, as far as the run kept some.
    """
    sees = [dependencies(about.info.num_variables, autoregressive=x) for x in (False, True)]
    return [*sees, *run_views.pictures(about.run)[-1:]]


def dependencies(num_variables: int, *, autoregressive: bool) -> Picture:
    """Which output (down) sees which input (across), for the first twelve variables.

    Orange cells are seen; a dot marks an output that sees its own input.
    """
    size, side, gap = min(num_variables, 12), 24, 2
    everything = np.ones((size, size), bool)
    sees = np.tril(everything, -1) if autoregressive else everything
    sheet = Image.new("RGB", (size * side + gap, size * side + gap), "#7d848f")
    pen = ImageDraw.Draw(sheet)
    for down, across in np.ndindex(size, size):
        left, top = across * side + gap, down * side + gap
        box = (left, top, left + side - gap - 1, top + side - gap - 1)
        pen.rectangle(box, fill=MODEL if sees[down, across] else "#f3f5f7")
        if sees[down, across] and down == across:
            pen.ellipse((left + 7, top + 7, left + 14, top + 14), fill="#14161b")
    what = "earlier inputs only" if autoregressive else "every input, itself included (dots)"
    name = "A MADE" if autoregressive else "This run"
    title = f"{name}: each output sees {what}"
    return Picture(title, np.asarray(sheet), f"{title}; outputs run down, inputs across.")


def _picture(rows: np.ndarray, info: DatasetInfo, title: str, width: int) -> Picture:
    return rows_as_picture(rows, info.image_shape, info.num_categories, title, width=width)


def _places(observed: Mapping[int, int], info: DatasetInfo, number: int, width: int) -> np.ndarray:
    """The grid of so many images in which given pixels are 255 and the others 0."""
    is_given = np.zeros((number, info.num_variables), np.uint8)
    is_given[:, list(observed)] = 1
    return rows_as_picture(is_given, info.image_shape, 2, "", width=width).pixels


def _tinted(pixels: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Grey pixels (H, W) in colour (H, W, 3): blue where places is 255, orange where it is 0.

    Other places are the gaps between the pictures and stay grey.
    """
    colored = np.repeat(pixels[..., None], 3, axis=2).astype(np.float64)
    colored[places == 255] *= TINTS["given"]
    colored[places == 0] *= TINTS["drawn"]
    return colored.round().astype(np.uint8)
