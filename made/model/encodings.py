"""Input encodings: integers (B, D) to features (B, D x width), variable by variable.

Torch is imported where it is needed only, so that pages can list the encodings without it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from made.base.errors import MadeError
from made.base.registry import Registry, require_members

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class Encoding(Protocol):
    """How an integer 0 … K-1 enters the network, as `width` features next to each other.

    peak and energy scale the first weights. energy tells how many features are active at once: the
    mean over the categories of the sum of squared features, over peak². It is 1 for a single
    feature, whatever its mean.
    """

    title: ClassVar[str]
    is_learned: ClassVar[bool]  # the features are read from a table that the model owns
    is_one_hot: ClassVar[bool]
    has_open_width: ClassVar[bool]  # the width is a setting
    width: int
    peak: float  # the largest size of a feature; of a learned one: the scale at its start
    energy: float

    def __init__(self, num_categories: int, width: int = 16):
        """width: features per variable, for an encoding that leaves them open."""

    def __call__(self, x: Tensor, table: Tensor | None = None) -> Tensor:
        """x: int64 (..., D); table: float32 (K, width), for a learned encoding only.

        Returns float32 (..., D x width).
        """
        ...

    def start(self, generator: torch.Generator | None = None) -> Tensor:
        """The table of a learned encoding before training, float32 (K, width)."""
        ...


class Fixed:
    """Features that follow from the integer alone."""

    is_learned: ClassVar = False
    is_one_hot: ClassVar = False
    has_open_width: ClassVar = False
    peak = 1.0
    energy = 1.0

    def start(self, generator: torch.Generator | None = None) -> Tensor:
        raise TypeError(f"{type(self).__name__} has no table to learn.")


class Raw(Fixed):
    """The integer as it is."""

    title: ClassVar = "Raw"
    width = 1

    def __init__(self, num_categories: int, width: int = 16):
        self.peak = max(num_categories - 1.0, 1.0)

    def __call__(self, x: Tensor, table: Tensor | None = None) -> Tensor:
        return x.float()


class Normalized(Fixed):
    """The integer moved and scaled to -1 … 1."""

    title: ClassVar = "Normalized"
    width = 1

    def __init__(self, num_categories: int, width: int = 16):
        self.num_categories = num_categories

    def __call__(self, x: Tensor, table: Tensor | None = None) -> Tensor:
        return x.float() * (2 / max(self.num_categories - 1, 1)) - 1


class OneHot(Fixed):
    """K features, the one at the value's place 1 and the others 0."""

    title: ClassVar = "One-hot"
    is_one_hot: ClassVar = True

    def __init__(self, num_categories: int, width: int = 16):
        self.width = num_categories

    def __call__(self, x: Tensor, table: Tensor | None = None) -> Tensor:
        zeros = x.float().new_zeros((*x.shape, self.width))
        return zeros.scatter_(-1, x.unsqueeze(-1), 1.0).flatten(-2)


class Fourier(Fixed):
    """sin(pi j u) and cos(pi j u) of u = k / (K-1), for j = 1 … width / 2; all sines come first.

    Close values have close features, and the higher j tell them apart (Tancik et al., "Fourier
    Features Let Networks Learn High Frequency Functions in Low Dimensional Domains", NeurIPS 2020).
    The lowest wave runs through half a period only: with a whole one, sin(2 pi u) and cos(2 pi u),
    the two ends 0 and K-1 would look the same. cos(pi u) falls all the way, so that no two values
    do. A sine without its cosine is left out: an odd width counts as the even one below it.

    The angles are float64: in float32 the sines of multiples of pi would be about 1e-7, not zero,
    noise that Adam blows up to whole steps.
    """

    title: ClassVar = "Fourier"
    has_open_width: ClassVar = True

    def __init__(self, num_categories: int, width: int = 16):
        self.num_categories = num_categories
        self.num_waves = width // 2
        self.width = 2 * self.num_waves
        self.energy = float(self.num_waves)  # sin² + cos² = 1 for every wave

    def __call__(self, x: Tensor, table: Tensor | None = None) -> Tensor:
        import torch
        from torch.nn import functional

        values = torch.arange(self.num_categories, dtype=torch.float64, device=x.device)
        waves = torch.arange(1, self.num_waves + 1, dtype=torch.float64, device=x.device)
        angles = torch.outer(values, waves) * (math.pi / max(self.num_categories - 1, 1))
        features = torch.cat([angles.sin(), angles.cos()], dim=1).float()
        return functional.embedding(x, features).flatten(-2)


class Bits(Fixed):
    """The binary digits of the integer, the highest first: -1 for a 0 and +1 for a 1.

    Not 0 and 1, with which half of the digits would say nothing and their weights would rest: so
    all digits are active in every value, and their mean is about zero.
    """

    title: ClassVar = "Bits"

    def __init__(self, num_categories: int, width: int = 16):
        self.width = max((num_categories - 1).bit_length(), 1)  # ceil(log2 K)
        self.energy = float(self.width)

    def __call__(self, x: Tensor, table: Tensor | None = None) -> Tensor:
        import torch

        places = torch.arange(self.width - 1, -1, -1, device=x.device)
        digits = (x.unsqueeze(-1) >> places) & 1
        return (2 * digits - 1).float().flatten(-2)


class Embedding:
    """A learned vector for every category, the same for all variables.

    Bengio et al., "A Neural Probabilistic Language Model", JMLR 2003, section 2.
    """

    title: ClassVar = "Embedding"
    is_learned: ClassVar = True
    is_one_hot: ClassVar = False
    has_open_width: ClassVar = True
    peak = 1.0

    def __init__(self, num_categories: int, width: int = 16):
        self.num_categories = num_categories
        self.width = width
        self.energy = float(width)  # of normal numbers, each with the mean square 1

    def __call__(self, x: Tensor, table: Tensor | None = None) -> Tensor:
        from torch.nn import functional

        if table is None:
            raise TypeError("An embedding needs its table, (K, width).")
        return functional.embedding(x, table).flatten(-2)

    def start(self, generator: torch.Generator | None = None) -> Tensor:
        import torch

        return torch.randn(self.num_categories, self.width, generator=generator)


PROBE_CATEGORIES = 8
MEMBERS = ("is_learned", "is_one_hot", "has_open_width", "width", "peak", "energy", "start")


def complete(name: str, kind: Any) -> type[Encoding]:
    """An encoding from outside, tried on a few categories; its title is by default its name.

    Raises MadeError, one sentence, for one that has not what every `Encoding` has.
    """
    try:
        encoding = kind(PROBE_CATEGORIES, 16)
    except Exception as error:
        raise MadeError(
            f"The encoding {name!r} cannot be built for {PROBE_CATEGORIES} categories ({error}): "
            "it must take (num_categories, width=16)."
        ) from error
    mend = "inherit from made.model.encodings.Fixed, or define what Encoding there describes"
    require_members("encoding", name, encoding, MEMBERS, mend)
    if not callable(encoding) or not isinstance(encoding.width, int) or encoding.width < 1:
        raise MadeError(
            f"The encoding {name!r} must be callable and have a whole number as width, 1 or more: "
            f"its width is {encoding.width!r}."
        )
    if not hasattr(kind, "title"):
        kind.title = name
    return kind


ENCODINGS: Registry[type[Encoding]] = Registry(
    "encoding",
    {
        "raw": Raw,
        "normalized": Normalized,
        "one-hot": OneHot,
        "fourier": Fourier,
        "bits": Bits,
        "embedding": Embedding,
    },
    prepare=complete,
)
