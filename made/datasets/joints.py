"""Generated 2-D joints on a K × K grid, exact cell by cell.

All but the checkerboard are a curve smeared by Gaussian noise. A point z is drawn from

    p(z) = 1/M sum_m N(z; c_m, sigma² I),

whose centres c_m lie evenly along the curve in the square [0, 1]², and the state (x_1, x_2) is
the cell that z falls into, given that it falls into the square. Because the noise is isotropic,
the mass of a cell is a product of two one-dimensional ones, each a difference of error functions:

    p(x_1 = a, x_2 = b) ∝ sum_m P(a | c_m1) P(b | c_m2),   P(a | c) = Phi((a+1)/K) - Phi(a/K)

with Phi the normal distribution function of mean c and deviation sigma. No cell is approximated
by its centre, so the table is right for every K, and the grids of different K agree.
x_1 is the row, counted from the top, and x_2 the column.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from made.datasets.base import (
    JOINT_SETTINGS,
    Dataset,
    DatasetInfo,
    Family,
    joint_dataset,
    joint_info,
)
from made.datasets.download import Progress

if TYPE_CHECKING:
    from made.datasets.settings import DataConfig

SPACING = 0.4  # of the centres along a curve, in deviations: the sum is then free of ripples
FLAT = 6.0  # beyond so many deviations the error function is 1 in double precision


def rings(num_categories: int) -> np.ndarray:
    """Four concentric circles of equal brightness; joint (K, K)."""
    sigma = 0.016
    circles = [
        np.stack([0.5 + radius * np.sin(angle), 0.5 + radius * np.cos(angle)], axis=1)
        for radius in (0.11, 0.21, 0.31, 0.41)
        for angle in [_even(0, 2 * np.pi, radius, sigma)]
    ]
    return smeared(np.concatenate(circles), sigma, num_categories)


def spiral(num_categories: int) -> np.ndarray:
    """An Archimedean spiral of three turns, even along its length; joint (K, K)."""
    sigma = 0.016
    turn = np.linspace(0.35, 3.35, 4000)
    radius = 0.125 * turn
    curve = np.stack(
        [
            0.5 - radius * np.sin(2 * np.pi * turn),
            0.5 + radius * np.cos(2 * np.pi * turn),
        ],
        axis=1,
    )
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(curve, axis=0), axis=1))])
    places = np.linspace(0, length[-1], math.ceil(length[-1] / (SPACING * sigma)))
    centres = np.stack([np.interp(places, length, side) for side in curve.T], axis=1)
    return smeared(centres, sigma, num_categories)


def moons(num_categories: int) -> np.ndarray:
    """Two half circles that reach into each other; joint (K, K)."""
    sigma, radius = 0.028, 0.27
    angle = _even(0, np.pi, radius, sigma)
    upper = np.stack([0.58 - radius * np.sin(angle), 0.365 + radius * np.cos(angle)], axis=1)
    lower = 1 - upper
    return smeared(np.concatenate([upper, lower]), sigma, num_categories)


def gaussians(num_categories: int) -> np.ndarray:
    """Eight normal distributions on a circle, cell masses by the error function; joint (K, K)."""
    angle = 2 * np.pi * np.arange(8) / 8
    centres = np.stack([0.5 + 0.34 * np.sin(angle), 0.5 + 0.34 * np.cos(angle)], axis=1)
    return smeared(centres, 0.042, num_categories)


def checkerboard(num_categories: int) -> np.ndarray:
    """Uniform on the dark squares of a 4 × 4 board, by exact overlap of cells; joint (K, K).

    With E(a) and O(a) the lengths that cell a shares with the even and the odd quarters of
    [0, 1], p(x_1 = a, x_2 = b) = 2 (E(a) E(b) + O(a) O(b)).
    """
    edges = np.arange(num_categories + 1) / num_categories
    quarters = np.arange(5) / 4
    even = np.diff(np.interp(edges, quarters, [0, 0.25, 0.25, 0.5, 0.5]))
    odd = np.diff(np.interp(edges, quarters, [0, 0, 0.25, 0.25, 0.5]))
    joint = np.outer(even, even) + np.outer(odd, odd)
    return joint / joint.sum()


def smeared(centres: np.ndarray, sigma: float, num_categories: int) -> np.ndarray:
    """The joint (K, K) of equally likely normal distributions about `centres` (M, 2)."""
    rows = cell_masses(centres[:, 0], sigma, num_categories)
    columns = cell_masses(centres[:, 1], sigma, num_categories)
    joint = rows.T @ columns
    return joint / joint.sum()


def cell_masses(centres: np.ndarray, sigma: float, num_categories: int) -> np.ndarray:
    """P(a | c), the mass of N(c, sigma²) in each of the K equal cells of [0, 1]; (M, K)."""
    edges = np.arange(num_categories + 1) / num_categories
    scaled = (edges - centres[:, None]) / (sigma * math.sqrt(2))
    distribution = np.sign(scaled)
    near = np.abs(scaled) < FLAT
    distribution[near] = [math.erf(value) for value in scaled[near].tolist()]
    return np.diff(distribution, axis=1) / 2


def _even(start: float, stop: float, radius: float, sigma: float) -> np.ndarray:
    """Angles in the middle of equal arcs of a circle, as dense as SPACING asks."""
    count = math.ceil((stop - start) * radius / (SPACING * sigma))
    return start + (stop - start) * (np.arange(count) + 0.5) / count


class GeneratedJoint(Family):
    """Samples of a joint that is computed exactly on a grid of any size."""

    settings = (*JOINT_SETTINGS, "grid_size")

    def __init__(self, title: str, description: str, table: Callable[[int], np.ndarray]) -> None:
        self.name = table.__name__
        self.title = title
        self.description = description
        self.table = table

    def info(self, config: DataConfig) -> DatasetInfo:
        return joint_info(
            config,
            name=self.name,
            title=self.title,
            description=self.description,
            num_categories=config.grid_size,
        )

    def load(self, config: DataConfig, progress: Progress | None = None) -> Dataset:
        return joint_dataset(self.info(config), self.table(config.grid_size), config)


FAMILIES = (
    GeneratedJoint("Rings", "Four concentric circles, each as bright as the others.", rings),
    GeneratedJoint("Spiral", "One line that winds three times around the centre.", spiral),
    GeneratedJoint("Moons", "Two half circles that reach into each other.", moons),
    GeneratedJoint(
        "Checkerboard",
        "Uniform on half of the squares of a board: the marginals alone show nothing.",
        checkerboard,
    ),
    GeneratedJoint("Gaussians", "Eight round clouds on a circle.", gaussians),
)
