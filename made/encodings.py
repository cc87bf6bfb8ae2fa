"""Input encodings: integers (B, D) to features (B, D x width), variable by variable.

Only tensor methods are used, so that pages can list the encodings without waiting for torch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from torch import Tensor


class Encoding(Protocol):
    """How an integer 0 … K-1 enters the network, as `width` features next to each other."""

    title: ClassVar[str]
    width: int
    peak: float  # the largest size of a feature, by which the first weights are scaled

    def __init__(self, num_categories: int): ...

    def __call__(self, x: Tensor) -> Tensor:
        """x: int64 (..., D). Returns float32 (..., D x width)."""
        ...


class Raw:
    """The integer as it is."""

    title = "Raw"
    width = 1

    def __init__(self, num_categories: int):
        self.peak = num_categories - 1.0

    def __call__(self, x: Tensor) -> Tensor:
        return x.float()


class Normalized:
    """The integer moved and scaled to -1 … 1."""

    title = "Normalized"
    width = 1
    peak = 1.0

    def __init__(self, num_categories: int):
        self.num_categories = num_categories

    def __call__(self, x: Tensor) -> Tensor:
        return x.float() * (2 / (self.num_categories - 1)) - 1


class OneHot:
    """K features, the one at the value's place 1 and the others 0."""

    title = "One-hot"
    peak = 1.0

    def __init__(self, num_categories: int):
        self.width = num_categories

    def __call__(self, x: Tensor) -> Tensor:
        zeros = x.float().new_zeros((*x.shape, self.width))
        return zeros.scatter_(-1, x.unsqueeze(-1), 1.0).flatten(-2)


ENCODINGS: dict[str, type[Encoding]] = {
    "raw": Raw,
    "normalized": Normalized,
    "one-hot": OneHot,
}
