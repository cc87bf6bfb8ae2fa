"""Degrees, mask sets and the bank of mask sets that training cycles through.

Everything here is about the D variables alone; the network repeats the degrees of its first
inputs and last outputs for the width of an encoding and the parameters of a head. A mask set is
kept as its degrees, which rebuild every mask by one comparison (Germain et al. 2015, eqs. 13-14):

    mask[k, j] = 1  if degree[k] >= degree[j]   input to hidden and hidden to hidden
    mask[d, k] = 1  if degree[d] >  degree[k]   hidden to output, and input to output

where an input or output has the degree 1 … D of its place in the ordering.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from made.base.errors import MadeError
from made.model.orderings import ORDERINGS, Ordering, Variables
from made.model.settings import MaskConfig, ModelConfig

ORDERING_STREAM, CONNECTIVITY_STREAM = 0, 1

DegreeDraw = Callable[[int, int, int, np.random.Generator], np.ndarray]


def uniform_degrees(
    num_units: int, low: int, high: int, generator: np.random.Generator
) -> np.ndarray:
    """Every degree low … high equally likely for every unit (the paper)."""
    return generator.integers(low, high, size=num_units, endpoint=True)


def even_degrees(num_units: int, low: int, high: int, generator: np.random.Generator) -> np.ndarray:
    """Degrees low … high as equal in number as the units allow, in random places."""
    spread = low + np.arange(num_units) * (high - low + 1) // num_units
    return generator.permutation(spread)


DEGREE_DRAWS: dict[str, DegreeDraw] = {
    "uniform": uniform_degrees,
    "even": even_degrees,
    "range": uniform_degrees,
}


@dataclass(frozen=True, eq=False)
class MaskReport:
    """What a mask set cuts off.

    unseen_inputs: variables that reach no output though the ordering lets them (all but the last).
    blind_outputs: variables, all but the first, whose conditional sees nothing at all.
    dead_units: for each hidden layer, units with no path from an input or none to an output.
    """

    unseen_inputs: tuple[int, ...]
    blind_outputs: tuple[int, ...]
    dead_units: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class MaskSet:
    """The masks of all layers together: an ordering and one connectivity.

    degrees: for each hidden layer, int64 (units,) with values in 1 … D-1.
    autoregressive: False puts ones everywhere, which is a plain autoencoder and no density.
    """

    ordering: Ordering
    degrees: tuple[np.ndarray, ...]
    autoregressive: bool = True

    def layer_masks(self) -> list[np.ndarray]:
        """bool masks (units of layer l, units of layer l-1), the last one (D, units)."""
        place = self.ordering.position + 1
        layers = [place, *self.degrees]
        masks = [later[:, None] >= earlier[None, :] for earlier, later in pairwise(layers)]
        if self.degrees:
            masks.append(place[:, None] > self.degrees[-1][None, :])
        return masks if self.autoregressive else [np.ones_like(mask) for mask in masks]

    def direct_mask(self) -> np.ndarray:
        """bool (D, D), strictly lower triangular along the ordering."""
        place = self.ordering.position
        mask = place[:, None] > place[None, :]
        return mask if self.autoregressive else np.ones_like(mask)

    def expanded_degrees(self, width: int, num_outputs: int) -> list[np.ndarray]:
        """Degrees of all features, units and outputs of a network; all 0 where nothing is masked.

        width: features per variable; num_outputs: parameters per variable.
        """
        place = self.ordering.position + 1
        degrees = [place.repeat(width), *self.degrees, place.repeat(num_outputs)]
        return degrees if self.autoregressive else [0 * layer for layer in degrees]

    def paths(self, direct_connections: bool = False) -> np.ndarray:
        """Which output may see which input: bool (D, D), True where the product of all masks,
        or a direct connection, leads from input j to output d."""
        place = self.ordering.position + 1
        through = self._seen()[-1][:, None] >= place[None, :]
        return through | self.direct_mask() if direct_connections else through

    def dead_units(self) -> tuple[np.ndarray, ...]:
        """For each hidden layer bool (units,): no path from an input, or none to an output."""
        if not self.autoregressive:
            return tuple(np.zeros(len(layer), bool) for layer in self.degrees)
        dead: list[np.ndarray] = []
        # An output is read from by units of lower degrees, the highest by all below D.
        highest = len(self.ordering) - 1
        for degrees, seen in zip(self.degrees[::-1], self._seen()[-2::-1], strict=True):
            is_heard = degrees <= highest
            highest = degrees[is_heard].max(initial=0)
            dead.insert(0, ~is_heard | (seen == 0))
        return tuple(dead)

    def report(self, direct_connections: bool = False) -> MaskReport:
        """Count what no gradient can reach."""
        paths = self.paths(direct_connections)
        return MaskReport(
            unseen_inputs=_except(np.flatnonzero(~paths.any(axis=0)), self.ordering.sequence[-1]),
            blind_outputs=_except(np.flatnonzero(~paths.any(axis=1)), self.ordering.sequence[0]),
            dead_units=tuple(int(dead.sum()) for dead in self.dead_units()),
        )

    def _seen(self) -> list[np.ndarray]:
        """For each layer, the output last, how many variables its units have paths from: (units,).

        They are always the first ones: a unit reads every unit below of at most its degree, and
        so sees as much as that one of these which sees most. That is the product of all masks.
        """
        place = self.ordering.position + 1
        if not self.degrees:
            return [np.zeros(len(place), int)]
        if not self.autoregressive:
            return [np.full(len(layer), len(place)) for layer in (*self.degrees, place)]
        seen, below = [place], place
        for degrees in (*self.degrees, place - 1):  # an output reads lower degrees than its own
            order = np.argsort(below, kind="stable")
            most = np.append(0, np.maximum.accumulate(seen[-1][order]))
            seen.append(most[np.searchsorted(below[order], degrees, side="right")])
            below = degrees
        return seen[1:]


def _except(indices: np.ndarray, excused: int) -> tuple[int, ...]:
    return tuple(int(index) for index in indices if index != excused)


class MaskBank:
    """Every mask set of an experiment, each rebuilt from its index and the seed.

    has_residual: all hidden layers have the degrees of the first, so that one can be added to the
    next without showing any unit more than it may see. image_shape: (height, width) where the
    variables are pixels, for the orderings that are ways over them.

    Index s takes ordering s mod num_orderings and connectivity s mod num_connectivities, and a
    fresh one for every s where the number is 0. Training at minibatch t uses s = t // interval.
    """

    def __init__(
        self,
        config: MaskConfig,
        num_variables: int,
        hidden_sizes: tuple[int, ...],
        has_residual: bool = False,
        image_shape: tuple[int, int] | None = None,
    ):
        self.config = config
        self.has_residual = has_residual
        self.num_variables = num_variables
        self.hidden_sizes = hidden_sizes
        self.variables = Variables(num_variables, image_shape, config.permutation)
        self.num_orderings = config.num_orderings if ORDERINGS[config.ordering].is_random else 1
        # With fewer than three variables every hidden degree is 1, and without hidden units
        # there is none: a second connectivity could not differ from the first.
        distinct = num_variables > 2 and bool(hidden_sizes) and config.autoregressive
        self.num_connectivities = config.num_connectivities if distinct else 1
        if not config.autoregressive:
            self.num_orderings = 1

    @property
    def is_fresh(self) -> bool:
        """Whether training never sees the same mask set twice."""
        return 0 in (self.num_orderings, self.num_connectivities)

    @property
    def cycle(self) -> int:
        """Mask sets in one cycle; 0 when they are fresh each time."""
        return 0 if self.is_fresh else math.lcm(self.num_orderings, self.num_connectivities)

    def index_at(self, step: int) -> int:
        """The mask set of minibatch `step`, counted from 0."""
        index = step // self.config.mask_interval
        return index if self.is_fresh else index % self.cycle

    def evaluation_indices(self) -> range:
        """The mask sets whose mixture is the model that is evaluated."""
        available = self.cycle or self.config.ensemble_size
        return range(min(available, self.config.ensemble_size))

    def checked_indices(self, indices: Iterable[int] | int | None) -> tuple[int, ...]:
        """Numbers of mask sets that there are; None stands for those that are evaluated.

        Raises MadeError for none at all, and for one beyond those that training cycles through.
        Where it draws a fresh one each time, there is no end to them.
        """
        if indices is None:
            indices = self.evaluation_indices()
        chosen = (indices,) if isinstance(indices, int) else tuple(int(index) for index in indices)
        if not chosen:
            raise MadeError("At least one mask set is needed, and they are counted from 0.")
        last = self.cycle - 1 if self.cycle else math.inf
        if min(chosen) < 0 or max(chosen) > last:
            odd = next(index for index in chosen if not 0 <= index <= last)
            there = "one mask set, number 0" if last == 0 else f"mask sets 0 … {last}"
            there = f"this network has {there}" if self.cycle else "they are counted from 0"
            raise MadeError(f"There is no mask set {odd}: {there}.")
        return chosen

    def mask_set(self, index: int) -> MaskSet:
        """Rebuild mask set `index` exactly."""
        return MaskSet(self.ordering(index), self._degrees(index), self.config.autoregressive)

    def ordering(self, index: int) -> Ordering:
        """The ordering of mask set `index` alone."""
        draw = index % self.num_orderings if self.num_orderings else index
        generator = self._generator(ORDERING_STREAM, draw)
        # Without masks nothing comes before anything.
        name = self.config.ordering if self.config.autoregressive else "natural"
        return ORDERINGS[name](self.variables, generator)

    def _degrees(self, index: int) -> tuple[np.ndarray, ...]:
        draw = index % self.num_connectivities if self.num_connectivities else index
        generator = self._generator(CONNECTIVITY_STREAM, draw)
        highest = max(1, self.num_variables - 1)
        low, high = 1, highest
        if self.config.degrees == "range":
            low, high = min(self.config.degree_low, highest), min(self.config.degree_high, highest)
        degrees: list[np.ndarray] = []
        for num_units in self.hidden_sizes:
            if self.has_residual and degrees:
                degrees.append(degrees[0])
                continue
            layer = DEGREE_DRAWS[self.config.degrees](num_units, low, high, generator)
            if self.num_connectivities == 1:
                # Units are exchangeable: sorted, every mask is a staircase. Over several draws,
                # though, a sorted unit would keep nearly the same degree.
                layer = np.sort(layer)
            degrees.append(layer)
            # A unit below the lowest degree of the layer before it would see nothing.
            low = max(low, int(layer.min()))
        return tuple(degrees)

    def _generator(self, stream: int, draw: int) -> np.random.Generator:
        return np.random.default_rng([self.config.mask_seed, stream, draw])


def mask_bank(
    model: ModelConfig,
    masks: MaskConfig,
    num_variables: int,
    image_shape: tuple[int, int] | None = None,
) -> MaskBank:
    """The mask sets of some settings; a baseline has no masks and keeps the natural ordering."""
    if model.model != "made":
        return MaskBank(MaskConfig(), num_variables, ())
    has_residual = model.residual_connections
    return MaskBank(masks, num_variables, model.hidden_sizes, has_residual, image_shape)
