"""Rows out of small pictures drawn by hand: what the sheets get and send, and what comes of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from made import datasets
from made.base.errors import MadeError
from made.base.text import counted, with_error
from made.datasets.repeats import num_seen
from made.datasets.settings import DataConfig
from made.datasets.uploads.drawings import (
    MOST_PICTURES,
    SIDE,
    Recipe,
    augmented,
    keep_pictures,
    log_prob,
)
from made.views.drawing import MISHEARD
from made.views.pictures import Picture, rows_as_picture

NUM_SHOWN = 60
COLUMNS = 20
MOST_ROWS = 100_000
EMPTY = "All pictures are empty: draw a digit or two, and shifts and flips make rows of them."


def blank() -> np.ndarray:
    """Pictures without ink, uint8 (MOST_PICTURES, SIDE, SIDE)."""
    return np.zeros((MOST_PICTURES, SIDE, SIDE), np.uint8)


def examples() -> np.ndarray:
    """As `blank`, but the first are digits that people wrote. Raises MadeError."""
    pictures = blank()
    rows = datasets.load(DataConfig(dataset="digits8")).train[: MOST_PICTURES - 2]
    pictures[: len(rows)] = rows.reshape(-1, SIDE, SIDE)
    return pictures


def heard(said: Any) -> np.ndarray:
    """What the sheets send when a stroke ends: pictures as `blank`. Raises MadeError."""
    pixels = said.get("pixels") if isinstance(said, dict) else None
    size = MOST_PICTURES * SIDE * SIDE
    if not isinstance(pixels, str) or len(pixels) != size or set(pixels) - {"0", "1"}:
        raise MadeError(MISHEARD)
    return (np.frombuffer(pixels.encode(), np.uint8) - ord("0")).reshape(-1, SIDE, SIDE)


def content(pictures: np.ndarray, version: int) -> dict[str, Any]:
    """What the sheets get. version: tells pictures put there from outside from drawn ones."""
    return {
        "version": version,
        "count": len(pictures),
        "side": pictures.shape[1],
        "pixels": "".join(map(str, pictures.ravel().tolist())),
    }


def preview(pictures: np.ndarray, recipe: Recipe) -> Picture:
    """The first training rows. Raises MadeError for pictures without ink."""
    train, _, _ = augmented(pictures, recipe)
    title = f"The first {min(NUM_SHOWN, len(train))} of {len(train):,} training rows"
    shape = (SIDE, SIDE)
    return rows_as_picture(train[:NUM_SHOWN], shape, 2, title, columns=COLUMNS, width=800)


def split_line(pictures: np.ndarray, recipe: Recipe) -> str:
    """What the splits are and share, and the figure that no model beats on average."""
    train, validation, test = augmented(pictures, recipe)
    nll = -log_prob(test, pictures, recipe)
    error = float(nll.std(ddof=1)) / len(nll) ** 0.5
    seen = num_seen(test, train)
    number = counted(int(pictures.any(axis=(1, 2)).sum()), "picture")
    return (
        f"{len(train):,} / {len(validation):,} / {len(test):,} rows to train, validate and test, "
        f"each drawn by itself from {number}, so that all splits show all of them; {seen:,} test "
        f"rows equal a training row. The truth itself has a test NLL of "
        f"{with_error(float(nll.mean()), error)} nats."
    )


def keep(pictures: np.ndarray, recipe: Recipe, label: str) -> str:
    """Keep the rows among one's own data; returns their dataset name. Raises MadeError."""
    return keep_pictures(pictures, recipe, label)
