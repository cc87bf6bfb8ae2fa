"""What the cell of a comparison shows: its density, its samples, or its ratio to the truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from made.base.text import tick
from made.datasets import DatasetInfo
from made.plots import digit_grid, rows_picture
from made.plots.cells import density_pixels, ratio_pixels
from made.plots.densities import top_of_scale
from made.plots.palette import DIVERGING, SEQUENTIAL
from made.studies.grid import Cell
from made.studies.readings import Reading
from made.studies.variation import kept_at_best
from made.views.moment import BEST, Moment
from made.views.run_views import Reference

Kind = Literal["density", "histogram", "ratio", "samples", "reconstructions"]
TITLES: dict[Kind, str] = {
    "density": "Density",
    "histogram": "Samples",
    "ratio": "Log-ratio",
    "samples": "Samples",
    "reconstructions": "Reconstructions",
}
NUM_TILES = 16  # digits in a cell
CLIP = 2.0  # nats, where the scale of the log-ratios ends


@dataclass(frozen=True)
class Scale:
    """What the colours mean. colours: from low to high; low, high: what stands at the ends."""

    title: str
    colours: tuple[str, ...]
    low: str
    high: str


def kinds(readings: Sequence[Reading], info: DatasetInfo | None, known: Reference) -> list[Kind]:
    """What can be shown of these runs."""
    if not all(reading.config.has_density for reading in readings):
        return ["reconstructions"]
    if info is None or not info.is_joint:
        return ["samples"]
    found: list[Kind] = ["density"]
    if all("histogram" in arrays for arrays in map(_best_arrays, readings) if arrays):
        found.append("histogram")
    return found if known.joint is None else [*found, "ratio"]


@dataclass(frozen=True, kw_only=True)
class Painter:
    """Paints the cells of one grid, all on one scale.

    seed: the place of the run that stands for its cell, or None for the mean over its seeds.
    moment: the epoch of the pictures that stand still, as on paper.
    num_tiles, tiles_across: of a picture of images.
    """

    kind: Kind
    info: DatasetInfo | None
    known: Reference
    seed: int | None = None
    moment: Moment = BEST
    num_tiles: int = NUM_TILES
    tiles_across: int = 4

    @cached_property
    def top(self) -> float:
        """The mass of a state that is brightest: of the truth, or of what the data show of it."""
        return top_of_scale(self.known.joint) if self.known.joint is not None else 1.0

    @property
    def scale(self) -> Scale | None:
        if self.kind in ("density", "histogram"):
            title = "Mass of a state, one scale for all"
            return Scale(title, SEQUENTIAL, "0", f"≥ {tick(self.top)}")
        if self.kind == "ratio":
            title = "log p(model) − log p(truth), grey: next to no mass"
            return Scale(title, DIVERGING, f"−{CLIP:g}", f"+{CLIP:g} nats")
        return None

    def truth(self) -> np.ndarray | None:
        """What the data are, beside which all cells stand: uint8 pixels, or None where unknown."""
        if self.known.joint is not None:
            return density_pixels(self.known.joint, self.top)
        return None if self.known.rows is None else self._tiles(self.known.rows)

    def epochs(self, cell: Cell) -> list[int]:
        """Epochs of which every run that is painted has kept a picture, ascending."""
        kept = [set(reading.run.sample_epochs()) for reading in self._painted(cell)]
        return sorted(set.intersection(*kept)) if kept else []

    def at(self, cell: Cell, epoch: int) -> np.ndarray | None:
        """The picture of a cell after one of its epochs, uint8."""
        return self._paint(cell, lambda reading: epoch)

    def at_best(self, cell: Cell) -> np.ndarray | None:
        """The picture after the best epoch of each run, or the last one kept before it."""
        return self._paint(cell, kept_at_best)

    def then(self, cell: Cell) -> tuple[np.ndarray | None, int | None]:
        """The picture of a cell at the painter's moment, and the epoch of which it is.

        The last one kept up to then, else the first; no epoch is named where it is of the best.
        """
        if self.moment.epoch is not None:
            kept = self.epochs(cell)
            before = [epoch for epoch in kept if epoch <= self.moment.epoch]
            for epoch in [*reversed(before), *kept[len(before) :]]:
                if (pixels := self.at(cell, epoch)) is not None:
                    return pixels, epoch
        return self.at_best(cell), None

    def _painted(self, cell: Cell) -> Sequence[Reading]:
        if self.seed is None and self.kind in ("density", "histogram", "ratio"):
            return cell.readings
        return cell.readings[min(self.seed or 0, len(cell.readings) - 1) :][:1]

    def _paint(self, cell: Cell, epoch: Callable[[Reading], int | None]) -> np.ndarray | None:
        found = [self._array(reading, epoch(reading)) for reading in self._painted(cell)]
        arrays = [array for array in found if array is not None]
        if not arrays:
            return None
        if self.kind in ("samples", "reconstructions"):
            return self._tiles(arrays[0])
        mass = np.mean(arrays, axis=0)
        if self.kind != "ratio":
            return density_pixels(mass, self.top)
        assert self.known.joint is not None
        return ratio_pixels(mass, self.known.joint, CLIP)

    def _array(self, reading: Reading, epoch: int | None) -> np.ndarray | None:
        """Masses (K, K) that sum to 1, or rows (N, D); None where they were not kept."""
        if epoch is None:
            return None
        array = reading.run.samples(epoch).get("density" if self.kind == "ratio" else self.kind)
        if array is None or self.kind in ("samples", "reconstructions"):
            return array
        mass = array.astype(np.float64)
        return mass / mass.sum()

    def _tiles(self, rows: np.ndarray) -> np.ndarray:
        if self.info is None or self.info.image_shape is None:
            num_categories = 2 if self.info is None else self.info.num_categories
            return rows_picture(rows[: 2 * self.num_tiles], num_categories, scale=1)
        shape, number = self.info.image_shape, self.info.num_categories
        return digit_grid(
            rows[: self.num_tiles], shape, number, columns=self.tiles_across, gap=1, scale=1
        )


def _best_arrays(reading: Reading) -> dict[str, np.ndarray]:
    """What was drawn after the best epoch; a run that ships may have left out what is large."""
    epoch = kept_at_best(reading)
    return {} if epoch is None else reading.run.samples(epoch)


def best_density(cell: Cell) -> np.ndarray | None:
    """The mean over the seeds of the densities at their best epochs, (K, K) summing to 1."""
    found = []
    for reading in cell.readings:
        density = _best_arrays(reading).get("density")
        if density is not None:
            found.append(density.astype(np.float64) / density.sum(dtype=np.float64))
    return np.mean(found, axis=0) if found else None
