"""What the masks of a mask set leave, from degrees alone: no matrix is made or multiplied.

A unit sees all that any unit of its degree or of a lower one in the layer below sees. So an input
at place p of the ordering arrives first at the lowest degree m_1 >= p of the first layer, from
there at the lowest degree m_2 >= m_1 of the second, and so on; an output of place q sees it if
q > m_L.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from made.model.masks import MaskSet
from made.model.triangles import Triangle

NOWHERE = np.iinfo(np.int64).max


class Reach:
    """The paths through the hidden layers of a mask set, each found by a few binary searches.

    Layers count from 0, the inputs; 1 … L are the hidden ones, L + 1 the outputs.
    """

    def __init__(self, mask_set: MaskSet, direct_connections: bool = False):
        self.is_masked = mask_set.autoregressive
        self.has_direct = direct_connections
        place = mask_set.ordering.position + 1
        self.degrees = [place, *mask_set.degrees, place]
        self.num_hidden = len(mask_set.degrees)
        self._present = [np.unique(layer) for layer in mask_set.degrees]

    def shares_kept(self) -> list[float]:
        """The share of weights that the mask keeps between each layer and the next; 0 … 1.

        The same with and without the widths of an encoding and of a head. Without hidden layers
        there is nothing between inputs and outputs but direct connections: an empty list.
        """
        if not self.num_hidden:
            return []
        last = len(self.degrees) - 2
        return [
            self._share(above, below, is_strict=layer == last)
            for layer, (below, above) in enumerate(pairwise(self.degrees))
        ]

    def direct_share_kept(self) -> float:
        """The share of direct connections that is kept."""
        return self._share(self.degrees[-1], self.degrees[0], is_strict=True)

    def _share(self, rows: np.ndarray, columns: np.ndarray, *, is_strict: bool) -> float:
        if not self.is_masked:
            return 1.0
        kept = Triangle(rows, columns, strict=is_strict).ends.sum()
        return float(kept) / (len(rows) * len(columns))

    def arrivals(self, layer: int) -> np.ndarray:
        """The lowest degree of a hidden layer at which each input arrives, int64 (D,)."""
        return self._climb(self.degrees[0], 0, layer)

    def exits(self, layer: int) -> np.ndarray:
        """For each unit of a layer, the lowest degree of the last hidden layer that it reaches."""
        return self._climb(self.degrees[layer], layer, self.num_hidden)

    def _climb(self, degrees: np.ndarray, layer: int, top: int) -> np.ndarray:
        current = degrees.astype(np.int64)
        for present in self._present[layer:top]:
            index = np.searchsorted(present, current)
            above = np.append(present, NOWHERE).astype(np.int64)
            current = above[np.minimum(index, len(present))]
        return current

    def seen_by(self, output: int) -> np.ndarray:
        """Which inputs an output may see: bool (D,)."""
        if not self.is_masked:
            is_linked = self.has_direct or self.num_hidden > 0
            return np.full(len(self.degrees[0]), is_linked)
        place = self.degrees[-1][output]
        through = place > self.exits(0) if self.num_hidden else np.zeros(len(self.degrees[0]), bool)
        return through | (place > self.degrees[0]) if self.has_direct else through

    def on_the_way_to(self, output: int, layer: int) -> np.ndarray:
        """Which units of a hidden layer lie on a path from an input to an output: bool (units,)."""
        if not self.is_masked:
            return np.ones(len(self.degrees[layer]), bool)
        is_reached = self.degrees[layer] >= self.arrivals(layer - 1).min()
        return is_reached & (self.degrees[-1][output] > self.exits(layer))

    def has_link(self, layer: int, below: np.ndarray, above: np.ndarray) -> np.ndarray:
        """Which of some units of a layer are linked to some of the next: bool (above, below)."""
        if not self.is_masked:
            return np.ones((len(above), len(below)), bool)
        lower, upper = self.degrees[layer][below], self.degrees[layer + 1][above]
        if layer == self.num_hidden:
            return upper[:, None] > lower[None, :]
        return upper[:, None] >= lower[None, :]
