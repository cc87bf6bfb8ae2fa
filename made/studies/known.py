"""What bounds the figures of a comparison: the entropy, independence, the uniform, the samples."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from made.datasets import DatasetInfo
from made.datasets.base import split_sizes
from made.studies.grid import Grid
from made.studies.variation import total_variation


@dataclass(frozen=True, kw_only=True)
class Known:
    """What bounds the figures of these data, in nats; None where it is not known.

    num_states: of a 2-D joint, K * K, with num_train samples drawn from it for each row of the
    grid. entropy, independence: NLL of the truth and of the product of its marginals. variation:
    of the true joint, as `total_variation` has it.
    """

    entropy: float | None = None
    independence: float | None = None
    uniform: float | None = None
    num_states: int | None = None
    variation: float | None = None
    num_train: tuple[int | None, ...] = ()

    def above_entropy(self, nll: float | None) -> float | None:
        """A bound on the scale of the KL."""
        return None if nll is None or self.entropy is None else nll - self.entropy


def what_is_known(
    grid: Grid,
    entropy: float | None,
    independence: float | None,
    info: DatasetInfo | None,
    joint: np.ndarray | None = None,
) -> Known:
    """The bounds of a grid's figures. entropy, independence (nats), joint: of its data if known."""
    changes = None if joint is None else total_variation(joint)
    if info is None:
        return Known(entropy=entropy, independence=independence, variation=changes)
    num_states = info.num_categories**2 if info.is_joint else None
    return Known(
        entropy=entropy,
        independence=independence,
        uniform=info.num_variables * math.log(info.num_categories),
        num_states=num_states,
        variation=changes,
        num_train=tuple(_num_train(grid, row, info) for row in range(len(grid.rows))),
    )


def _num_train(grid: Grid, row: int, info: DatasetInfo) -> int | None:
    """Of the training split of all cells in a row; None where they differ."""
    numbers = {cell.readings[0].settings.get("num_samples") for cell in grid.row(row)}
    (number,) = numbers if len(numbers) == 1 else (None,)
    return info.num_train if number is None else split_sizes(number)[0]
