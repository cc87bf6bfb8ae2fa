"""The 3-4-3 network of the first chapters, small enough to be read number by number.

    h = tanh((W ∘ M_W) x + b),    x̂ = sigmoid((V ∘ M_V) h + c)

With its masks x̂_d is p(x_d = 1 | variables before d). Without them it is a plain autoencoder, whose
outputs see what they predict, and the product of its "conditionals" is no probability.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from made.base.errors import MadeError
from made.lessons.three_bits import NUM_VARIABLES, STATES, probabilities
from made.model.masks import MaskSet
from made.model.orderings import Ordering

NUM_HIDDEN = 4
HIGHEST_DEGREE = NUM_VARIABLES - 1


@dataclass(frozen=True)
class Setting:
    """What a reader may choose. It alone decides the weights: see `made.lessons.small_training`.

    degrees: m(k) = 1 or 2 of each hidden unit; those of the worked example by default.
    position: the place 0 … 2 of x₁, x₂, x₃ in the ordering. is_masked: False for no masks at all.
    """

    degrees: tuple[int, ...] = (1, 2, 1, 2)
    position: tuple[int, ...] = (0, 1, 2)
    is_masked: bool = True

    def __post_init__(self) -> None:
        if len(self.degrees) != NUM_HIDDEN or not set(self.degrees) <= {1, HIGHEST_DEGREE}:
            raise MadeError(
                f"The four hidden units need a degree of 1 or {HIGHEST_DEGREE} each, such as "
                "1, 2, 1, 2."
            )
        if sorted(self.position) != list(range(NUM_VARIABLES)):
            raise MadeError("An ordering of three variables gives each of the places 0, 1, 2 once.")

    def mask_set(self) -> MaskSet:
        ordering = Ordering(np.array(self.position))
        return MaskSet(ordering, (np.array(self.degrees),), self.is_masked)


@dataclass(frozen=True, eq=False)
class SmallNetwork:
    """Weights under a setting; all arrays float64, removed weights are exactly 0.

    first: W (4, 3); first_bias: b (4,); second: V (3, 4); second_bias: c (3,).
    """

    setting: Setting
    first: np.ndarray
    first_bias: np.ndarray
    second: np.ndarray
    second_bias: np.ndarray

    def before_hidden(self, x: np.ndarray) -> np.ndarray:
        """What the hidden units take the tanh of: x (B, 3) gives (B, 4)."""
        return np.asarray(x @ self.first.T + self.first_bias)

    def hidden(self, x: np.ndarray) -> np.ndarray:
        """h (B, 4), each -1 … 1."""
        return np.asarray(np.tanh(self.before_hidden(x)))

    def logits(self, x: np.ndarray) -> np.ndarray:
        """What the outputs take the sigmoid of: (B, 3)."""
        return np.asarray(self.hidden(x) @ self.second.T + self.second_bias)

    def outputs(self, x: np.ndarray) -> np.ndarray:
        """x̂ (B, 3): with masks p(x_d = 1 | variables before d)."""
        return np.asarray(1 / (1 + np.exp(-self.logits(x))))

    def jacobian(self, x: np.ndarray) -> np.ndarray:
        """∂x̂_d / ∂x_j (B, 3, 3), by the chain rule through the weights as they are."""
        slope = 1 - self.hidden(x) ** 2
        outputs = self.outputs(x)
        through = np.einsum("dk,bk,kj->bdj", self.second, slope, self.first)
        return np.asarray((outputs * (1 - outputs))[:, :, None] * through)

    def log_product(self, x: np.ndarray) -> np.ndarray:
        """sum_d log of the probability that output d gives x_d: (B,), nats.

        log p(x) if the network is autoregressive, and no probability otherwise.
        """
        logits = self.logits(x)
        return np.asarray((x * logits - np.logaddexp(0, logits)).sum(axis=1))

    @property
    def total(self) -> float:
        """The sum of the products over all eight states: 1 for a density."""
        return float(np.exp(self.log_product(STATES)).sum())

    @property
    def loss(self) -> float:
        """-sum_x p(x) log product, exact over the eight states, nats; with masks the NLL."""
        return float(-probabilities() @ self.log_product(STATES))

    @cached_property
    def masks(self) -> tuple[np.ndarray, np.ndarray]:
        """M_W bool (4, 3) and M_V bool (3, 4)."""
        first, second = self.setting.mask_set().layer_masks()
        return first, second

    @cached_property
    def paths(self) -> np.ndarray:
        """How many paths lead from input j to output d: int (3, 3), the product M_V M_W."""
        first, second = self.masks
        return second.astype(int) @ first.astype(int)

    @cached_property
    def forbidden(self) -> np.ndarray:
        """Where x_j does not come before x_d in the ordering: bool (3, 3), rows d."""
        place = np.array(self.setting.position)
        return place[None, :] >= place[:, None]

    def depends(self, output: int) -> list[int]:
        """The inputs, counted from 0, that some path joins to an output."""
        return [int(j) for j in np.flatnonzero(self.paths[output])]

    @property
    def is_autoregressive_by_masks(self) -> bool:
        """Whether no path joins an input to its own output or an earlier one: a proof."""
        return not self.paths[self.forbidden].any()

    @property
    def is_autoregressive_as_measured(self) -> bool:
        """Whether no output moves with what it must not see, at any of the eight inputs."""
        return not self.jacobian(STATES)[:, self.forbidden].any()

    @property
    def largest_leak(self) -> tuple[int, float]:
        """The output that its own input moves most, from 0, and that ∂x̂_d/∂x_d."""
        own = np.abs(np.einsum("bdd->bd", self.jacobian(STATES)))
        output = int(own.max(axis=0).argmax())
        return output, float(own[:, output].max())

    @property
    def num_copied(self) -> int:
        """At how many of the eight inputs the likelier output is the input, bit for bit."""
        return int(((self.outputs(STATES) > 0.5) == STATES.astype(bool)).all(axis=1).sum())
