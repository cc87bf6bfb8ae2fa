"""Densities as levels of their logarithm: a fifth of the space, for pictures that are kept long.

A level is a 20th of a nat, so a mass is within 2.6 % of what it was before. 256 of them reach from
the largest mass down by 12.75 nats, to a 340,000th of it; what is smaller counts as that.
"""

from __future__ import annotations

import numpy as np

LEVELS_PER_NAT = 20
TOP = 255


def to_levels(density: np.ndarray) -> np.ndarray:
    """Levels of masses, uint8 of the same shape.

    >>> to_levels(np.array([[0.5, 0.25], [0.25, 0.0]]))
    array([[255, 241],
           [241,   0]], dtype=uint8)
    """
    with np.errstate(divide="ignore"):
        below = np.log(density.astype(np.float64) / density.max()) * LEVELS_PER_NAT
    return np.clip(np.round(TOP + below), 0, TOP).astype(np.uint8)


def from_levels(levels: np.ndarray) -> np.ndarray:
    """The masses that levels 0 … 255 stand for, float32, summing to 1."""
    mass = np.exp((np.clip(levels, 0, TOP).astype(np.float64) - TOP) / LEVELS_PER_NAT)
    return (mass / mass.sum()).astype(np.float32)
