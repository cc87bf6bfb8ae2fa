"""What is drawn by hand, as data: a joint out of ink, or rows out of a few small pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from made.base.errors import MadeError
from made.datasets.base import split_sizes
from made.datasets.uploads.store import keep_joint, keep_rows

GRIDS = (25, 50, 100, 200)  # each of which is a whole multiple of those before it
MOST_INK = 255
SIDE = 8  # pixels of a small picture
MOST_PICTURES = 12
ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How rows come of small pictures.

    num_rows: of all three splits together. max_shift: pixels by which a picture is moved at most,
    up or down and to either side. flip_probability: of each pixel, to be turned over.
    """

    num_rows: int = 5_000
    max_shift: int = 1
    flip_probability: float = 0.02
    seed: int = 0


def joint_of(levels: np.ndarray) -> np.ndarray:
    """The joint p(x_1, x_2) that is proportional to the ink of each cell, float64 (K, K).

    levels: 0 … MOST_INK, (K, K). Raises MadeError for a canvas without ink.
    """
    if not levels.any():
        raise MadeError("The canvas is empty: draw something on it first.")
    return levels / levels.sum(dtype=np.float64)


def levels_of(joint: np.ndarray, size: int) -> np.ndarray:
    """A joint as ink, uint8 (size, size), the likeliest cell as dark as can be.

    Of a joint with another number of cells the nearest ones are taken.
    """
    nearest = (np.arange(size) + 0.5) * len(joint) // size
    cells = joint[np.ix_(nearest.astype(int), nearest.astype(int))]
    return np.rint(cells * (MOST_INK / max(cells.max(), np.finfo(float).tiny))).astype(np.uint8)


def keep_drawing(levels: np.ndarray, label: str) -> str:
    """Keep a drawn joint; returns its dataset name. Raises MadeError for a canvas without ink."""
    size = len(levels)
    description = f"Your own {size} × {size} joint, drawn by hand."
    return keep_joint(joint_of(levels), label=label, description=description)


def drawn(pictures: np.ndarray) -> np.ndarray:
    """Those pictures (M, SIDE, SIDE) that have ink. Raises MadeError where none has."""
    with_ink = pictures[pictures.any(axis=(1, 2))]
    if not len(with_ink):
        raise MadeError("All pictures are empty: draw at least one.")
    return with_ink


def prototypes(pictures: np.ndarray, max_shift: int) -> np.ndarray:
    """All pictures at all shifts, uint8 (M (2 s + 1)^2, D); what leaves the edge is lost."""
    side, reach = pictures.shape[1], range(2 * max_shift + 1)
    wide = np.pad(pictures, ((0, 0), (max_shift, max_shift), (max_shift, max_shift)))
    moved = [wide[:, y : y + side, x : x + side] for y in reach for x in reach]
    return np.stack(moved, axis=1).reshape(-1, side * side).astype(np.uint8)


def augmented(pictures: np.ndarray, recipe: Recipe) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Train, validation and test rows, uint8 (N, D): independent draws of one distribution.

    Each row is a picture, equally likely at each shift, of which every pixel is turned over with
    the flip probability. So all three splits show all pictures, and what is measured on the test
    rows is how well that distribution was learned, not whether a new picture would be
    understood. Each split has a random stream of its own; rows may recur across them.
    """
    known = prototypes(drawn(pictures), recipe.max_shift)
    splits = []
    for stream, size in enumerate(split_sizes(recipe.num_rows)):
        generator = np.random.default_rng([recipe.seed, stream])
        rows = known[generator.integers(len(known), size=size)]
        flips = generator.random(rows.shape) < recipe.flip_probability
        splits.append(np.where(flips, 1 - rows, rows).astype(np.uint8))
    train, validation, test = splits
    return train, validation, test


def log_prob(rows: np.ndarray, pictures: np.ndarray, recipe: Recipe) -> np.ndarray:
    """log p(x) of rows under the distribution that they are drawn from, in nats, float64 (N,).

    With f the flip probability and h_m the pixels that differ from the m-th of M shifted pictures,
    p(x) = 1 / M sum_m f^h_m (1 - f)^(D - h_m).
    """
    known = prototypes(drawn(pictures), recipe.max_shift).astype(np.float32)
    num_pixels = known.shape[1]
    off, on = (_log_power(p, num_pixels) for p in (recipe.flip_probability, _left(recipe)))
    of_distance = off + on[::-1]  # log f^h (1 - f)^(D - h) for h = 0 … D
    parts = []
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE].astype(np.float32)
        shared = part @ known.T
        distance = part.sum(axis=1)[:, None] + known.sum(axis=1)[None, :] - 2 * shared
        terms = of_distance[np.rint(distance).astype(np.intp)]
        parts.append(np.logaddexp.reduce(terms, axis=1) - np.log(len(known)))
    return np.concatenate(parts)


def _left(recipe: Recipe) -> float:
    return 1 - recipe.flip_probability


def _log_power(base: float, most: int) -> np.ndarray:
    """log base^n for n = 0 … most, with 0^0 = 1."""
    powers = np.arange(most + 1)
    if base == 0:
        return np.where(powers == 0, 0.0, -np.inf)
    return powers * np.log(base)


def keep_pictures(pictures: np.ndarray, recipe: Recipe, label: str) -> str:
    """Keep rows drawn from small pictures; returns their dataset name. Raises MadeError."""
    with_ink = drawn(pictures)
    splits = augmented(with_ink, recipe)
    surprise = -log_prob(splits[2], with_ink, recipe)
    error = surprise.std(ddof=1) / len(surprise) ** 0.5
    number = f"{len(with_ink)} small pictures" if len(with_ink) > 1 else "one small picture"
    description = (
        f"Drawn by hand: {number}, moved by up to {recipe.max_shift} and each pixel turned over "
        f"with probability {recipe.flip_probability:g}; every split shows all of them. The truth "
        f"itself has a test NLL of {surprise.mean():.2f} ± {error:.2f} nats."
    )
    side = with_ink.shape[1]
    return keep_rows(splits, 2, label=label, image_shape=(side, side), description=description)
