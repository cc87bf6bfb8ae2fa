"""One layer's mask as a picture: open weights, the degrees at both edges, and what is dead."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from made.plots.palette import PLACES, paint

OPEN, CLOSED, DEAD = (224, 112, 26), (225, 228, 236), (179, 38, 30)
MOST_BLOCKS, PIXELS = 196, 392
STRIP = 12  # pixels of the degrees at an edge, and of the marks beside them
MARK, GAP = 4, 3


@dataclass(frozen=True, eq=False)
class Edge:
    """The units along an edge: their degrees and which of them are dead, both (units,)."""

    degrees: np.ndarray
    is_dead: np.ndarray

    def along(self, order: np.ndarray) -> Edge:
        return Edge(self.degrees[order], self.is_dead[order])


def mask_layer(
    mask: np.ndarray, down: Edge, across: Edge, highest: int, *, is_sorted: bool = True
) -> tuple[np.ndarray, tuple[int, int]]:
    """A mask, bool (units, units below), as uint8 (H, W, 3), and how many weights a cell shows.

    Open weights are orange, closed ones grey; a cell of several is mixed by the share that is
    open. Left and above stand the degrees, from light, 1, to dark, `highest`; red marks what is
    dead: one dead unit is enough to mark its cell. is_sorted: units along their degrees.
    """
    if is_sorted:
        rows, columns = (np.argsort(edge.degrees, kind="stable") for edge in (down, across))
        mask, down, across = mask[rows][:, columns], down.along(rows), across.along(columns)
    sides = tuple(-(-length // MOST_BLOCKS) for length in mask.shape)
    share = block_mean(block_mean(mask.astype(np.float64), 0, sides[0]), 1, sides[1])
    cell = max(1, PIXELS // max(share.shape))
    colours = share[..., None] * OPEN + (1 - share[..., None]) * np.array(CLOSED)
    inner = colours.round().astype(np.uint8).repeat(cell, 0).repeat(cell, 1)
    edge = MARK + STRIP + GAP
    picture = np.full((inner.shape[0] + edge, inner.shape[1] + edge, 3), 255, np.uint8)
    picture[edge:, edge:] = inner
    for strip, side, sheet in (
        (down, sides[0], picture[edge:]),
        (across, sides[1], picture[:, edge:].transpose(1, 0, 2)),
    ):
        degrees = block_mean(strip.degrees.astype(np.float64), 0, side)
        tones = paint((degrees - 1) / max(highest - 1, 1), PLACES).repeat(cell, 0)
        is_dead = (block_mean(strip.is_dead.astype(np.float64), 0, side) > 0).repeat(cell)
        sheet[:, MARK : MARK + STRIP] = tones[:, None]
        sheet[is_dead, :MARK] = DEAD
    return picture, (sides[0], sides[1])


def block_mean(values: np.ndarray, axis: int, side: int) -> np.ndarray:
    """Means of `side` neighbours along an axis; the last block may be smaller."""
    starts = np.arange(0, values.shape[axis], side)
    sizes = np.diff(np.append(starts, values.shape[axis]))
    shape = [1] * values.ndim
    shape[axis] = -1
    return np.asarray(np.add.reduceat(values, starts, axis=axis) / sizes.reshape(shape))
