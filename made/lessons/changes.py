"""What may be done to a picture of paper and ink, so that a model is more or less surprised."""

from __future__ import annotations

import numpy as np

# Name to title; of some there is more and less, the last one most.
CHANGES = {
    "none": "As it is",
    "noise": "Noise",
    "shift": "Shifted",
    "mirror": "Mirrored",
    "turn": "Turned",
    "invert": "Inverted",
    "blank": "Blank",
}
LEVELS = {"noise": (1, 2, 5, 10, 20, 50), "shift": (1, 2, 3, 4, 6, 8)}  # per cent, pixels
SEED = 0


def changed(row: np.ndarray, shape: tuple[int, int], change: str, level: int = 0) -> np.ndarray:
    """A row of zeros and ones, (D,), after one of the changes; level: a place in its `LEVELS`.

    Noise is salt and pepper: so many per cent of the pixels have their opposite, and more noise
    keeps what less has turned. What is shifted goes to the right, and blank paper follows.

    >>> changed(np.array([1, 0, 0, 1]), (2, 2), "shift").tolist()
    [0, 1, 0, 0]
    """
    picture = np.asarray(row).reshape(shape)
    if change == "noise":
        chances = np.random.default_rng(SEED).random(shape)
        picture = np.where(chances < LEVELS[change][level] / 100, 1 - picture, picture)
    elif change == "shift":
        by = LEVELS[change][level]
        picture = np.pad(picture, ((0, 0), (by, 0)))[:, : shape[1]]
    elif change == "mirror":
        picture = picture[:, ::-1]
    elif change == "turn":
        picture = picture[::-1, ::-1]
    elif change == "invert":
        picture = 1 - picture
    elif change == "blank":
        picture = np.zeros_like(picture)
    return np.ascontiguousarray(picture).ravel()


def level_title(change: str, level: int) -> str:
    """How much of a change: "5 %", "2 px"; empty for one that is all or nothing."""
    if change not in LEVELS:
        return ""
    unit = {"noise": "%", "shift": "px"}[change]
    return f"{LEVELS[change][level]} {unit}"
