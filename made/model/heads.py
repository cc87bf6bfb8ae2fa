"""Heads: the conditional p(x_d | earlier variables) from P real parameters per variable.

torch is imported where it is used, so that pages can list the heads without waiting for it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from made.base.errors import MadeError
from made.base.registry import Registry, require_members

if TYPE_CHECKING:
    from torch import Tensor

# The scales of logistics: the narrowest in bins, and the natural logarithm of the widest.
NARROWEST = 1 / 40
WIDEST_LOG = 20.0
# Components x categories x variables: in all steps of a fit, half a second, and in memory.
FIT_WORK = 2**23
NUMBERS_AT_ONCE = 2**20


class Head(Protocol):
    """The family of distributions of one variable over its K categories."""

    title: ClassVar[str]
    passes: ClassVar[int]  # numbers held for each parameter in training, gradients included
    has_components: ClassVar[bool]  # it is a mixture whose number of parts is a setting
    num_categories: int
    num_parameters: int

    def __init__(self, num_categories: int, num_components: int = 5):
        """num_components: how many parts a mixture has; other heads ignore it."""
        ...

    def log_prob(self, parameters: Tensor, x: Tensor) -> Tensor:
        """log p(x_d) in nats. parameters: (..., D, P), x: int64 (..., D). Returns (..., D)."""
        ...

    def log_probs(self, parameters: Tensor) -> Tensor:
        """log p of every category, normalised. parameters: (..., P). Returns (..., K)."""
        ...

    def sample(self, parameters: Tensor, uniforms: Tensor) -> Tensor:
        """Inverse CDF. parameters: (..., P), uniforms: (...) in [0, 1). Returns int64 (...)."""
        ...

    def marginal_parameters(self, counts: Tensor) -> Tensor:
        """Parameters that reproduce the marginals, exactly where the head can.

        counts: (D, K), positive. Returns (D, P).
        """
        ...


def at_least_float32(parameters: Tensor) -> Tensor:
    """Parameters in float32, or in float64 where they come so: probabilities need no less."""
    return parameters if parameters.itemsize >= 4 else parameters.float()


class Bernoulli:
    """Two categories from one logit: p(x = 1) = sigmoid(logit)."""

    title: ClassVar = "Bernoulli"
    passes: ClassVar = 4
    has_components: ClassVar = False
    num_parameters = 1

    def __init__(self, num_categories: int, num_components: int = 5):
        if num_categories != 2:
            raise MadeError(
                f"The Bernoulli head needs 2 categories, not {num_categories}. "
                "Choose the categorical head."
            )
        self.num_categories = num_categories

    def log_prob(self, parameters: Tensor, x: Tensor) -> Tensor:
        from torch.nn import functional

        logits = at_least_float32(parameters).squeeze(-1)
        return -functional.binary_cross_entropy_with_logits(
            logits, x.to(logits.dtype), reduction="none"
        )

    def log_probs(self, parameters: Tensor) -> Tensor:
        import torch
        from torch.nn import functional

        logits = at_least_float32(parameters)
        return functional.logsigmoid(torch.cat([-logits, logits], dim=-1))

    def sample(self, parameters: Tensor, uniforms: Tensor) -> Tensor:
        return (uniforms >= (-at_least_float32(parameters).squeeze(-1)).sigmoid()).long()

    def marginal_parameters(self, counts: Tensor) -> Tensor:
        return (counts[:, 1:] / counts[:, :1]).log()


class Categorical:
    """K categories from K logits: p(x = k) = softmax(logits)_k."""

    title: ClassVar = "Categorical"
    passes: ClassVar = 4
    has_components: ClassVar = False

    def __init__(self, num_categories: int, num_components: int = 5):
        self.num_categories = num_categories
        self.num_parameters = num_categories

    def log_prob(self, parameters: Tensor, x: Tensor) -> Tensor:
        from torch.nn import functional

        losses = functional.cross_entropy(
            at_least_float32(parameters).reshape(-1, self.num_parameters),
            x.reshape(-1),
            reduction="none",
        )
        return -losses.view(x.shape)

    def log_probs(self, parameters: Tensor) -> Tensor:
        return at_least_float32(parameters).log_softmax(dim=-1)

    def sample(self, parameters: Tensor, uniforms: Tensor) -> Tensor:
        return sample_categories(at_least_float32(parameters).softmax(dim=-1), uniforms)

    def marginal_parameters(self, counts: Tensor) -> Tensor:
        return (counts / counts.sum(dim=-1, keepdim=True)).log()


class DiscretisedLogistics:
    """K ordered categories from a mixture of M logistic densities on a line.

        p(x = k) = sum_m w_m (sigmoid((k + 1/2 - mu_m) / s_m) - sigmoid((k - 1/2 - mu_m) / s_m))

    The two outer edges lie at -inf and inf, so the probabilities of the K bins sum to one. Source:
    Salimans et al., "PixelCNN++", ICLR 2017, section 2.1. The P = 3 M parameters are the logits
    of the weights w, then the means, then the log scales, both in units in which the categories
    span -1 to 1. To each scale 1/40 of a bin is added: such a logistic holds all but 4e-9 of its
    mass in the bin around its mean, and nothing overflows.
    """

    title: ClassVar = "Mixture of logistics"
    passes: ClassVar = 8
    has_components: ClassVar = True

    def __init__(self, num_categories: int, num_components: int = 5):
        self.num_categories = num_categories
        self.num_components = num_components
        self.num_parameters = 3 * num_components
        self._bins_per_unit = max(num_categories - 1, 1) / 2

    def log_prob(self, parameters: Tensor, x: Tensor) -> Tensor:
        import torch
        from torch.nn import functional

        logits, means, log_scales = self._split(parameters)
        # All lengths are in bins from here on, where the edges of neighbours are the same float.
        lowest = math.log(NARROWEST)
        log_scales = log_scales + math.log(self._bins_per_unit)
        log_scales = (lowest + functional.softplus(log_scales - lowest)).clamp(max=WIDEST_LOG)
        inverse = (-log_scales).exp()
        x = x.unsqueeze(-1)
        distance = x - self._bins_per_unit * (means + 1)
        first, last = x == 0, x == self.num_categories - 1
        # With a and b the scaled edges of a bin,
        # sigmoid(b) - sigmoid(a) = sigmoid(b) sigmoid(-a) (1 - exp(a - b)).
        log_below = functional.logsigmoid((distance + 0.5) * inverse).masked_fill(last, 0)
        log_above = functional.logsigmoid((0.5 - distance) * inverse).masked_fill(first, 0)
        log_width = (-(-inverse).expm1()).log().masked_fill(first | last, 0)
        log_weights = logits.log_softmax(dim=-1)
        return torch.logsumexp(log_weights + log_below + log_above + log_width, dim=-1)

    def log_probs(self, parameters: Tensor) -> Tensor:
        import torch

        categories = torch.arange(self.num_categories, device=parameters.device)
        together = max(3 * NUMBERS_AT_ONCE // max(parameters.numel(), 1), 1)
        parts = categories.split(together)
        return torch.cat([self.log_prob(parameters.unsqueeze(-2), x) for x in parts], dim=-1)

    def sample(self, parameters: Tensor, uniforms: Tensor) -> Tensor:
        return sample_categories(self.log_probs(parameters).exp(), uniforms)

    def marginal_parameters(self, counts: Tensor) -> Tensor:
        """Parameters near the marginals: quantiles, improved by a few steps of EM.

        counts: (D, K), positive. Returns float32 (D, P).
        """
        import torch

        work = counts.numel() * self.num_components
        num_steps = min(max(FIT_WORK // work, 2), 30)
        rows = max(NUMBERS_AT_ONCE * len(counts) // work, 1)
        frequencies = counts.double() / counts.double().sum(dim=-1, keepdim=True)
        return torch.cat([self._fit(part, num_steps) for part in frequencies.split(rows)])

    def _split(self, parameters: Tensor) -> tuple[Tensor, ...]:
        """Logits, means and log scales, float32 (..., M) each."""
        return at_least_float32(parameters).unflatten(-1, (3, self.num_components)).unbind(dim=-2)

    def _fit(self, frequencies: Tensor, num_steps: int) -> Tensor:
        """EM whose maximisation is one Newton step (Lange, 1995). (D, K) to (D, P).

        The gradient of the log-likelihood is divided by the Fisher information of the mean,
        1 / (3 s^2), and of the log scale, about 1.43, each times the weight of the component.
        """
        import torch

        parameters = self._quantiles(frequencies)
        frequencies = frequencies.float()
        for _ in range(num_steps):
            with torch.enable_grad():
                parameters = parameters.detach().requires_grad_()
                fit = (frequencies * self.log_probs(parameters)).sum()
                (gradient,) = torch.autograd.grad(fit, parameters)
            logits, means, log_scales = self._split(parameters.detach())
            to_logits, to_means, to_log_scales = self._split(gradient)
            weights = (logits.softmax(dim=-1) + to_logits).clamp(min=1e-6)
            scales = log_scales.exp()
            means = means + scales * (3 * scales * to_means / weights).clamp(-1, 1)
            log_scales = log_scales + (0.7 * to_log_scales / weights).clamp(-1, 1)
            parameters = torch.cat([weights.log(), means, log_scales], dim=-1)
        return parameters

    def _quantiles(self, frequencies: Tensor) -> Tensor:
        """Equal weights, each component in the middle of its share of the mass and as wide."""
        import torch

        levels = torch.linspace(0, 1, 2 * self.num_components + 1, dtype=frequencies.dtype)
        levels = levels.to(frequencies.device).expand(len(frequencies), -1).contiguous()
        cumulative = frequencies.cumsum(dim=-1)
        bins = torch.searchsorted(cumulative, levels).clamp(max=self.num_categories - 1)
        mass = frequencies.gather(-1, bins)
        inside = ((levels - cumulative.gather(-1, bins)) / mass + 0.5).clamp(-0.5, 0.5)
        # Components of one bin keep off its edges, yet differ, or they would never part.
        places = bins + inside / 2
        means, widths = places[:, 1::2], places[:, 2::2] - places[:, :-1:2]
        scales = (0.3 * widths).clamp(min=2 * NARROWEST)
        means, scales = means / self._bins_per_unit - 1, scales / self._bins_per_unit
        return torch.cat([torch.zeros_like(means), means, scales.log()], dim=-1).float()


def sample_categories(probabilities: Tensor, uniforms: Tensor) -> Tensor:
    """The first category whose cumulative probability exceeds the uniform number.

    probabilities: (..., K), uniforms: (...) in [0, 1). Returns int64 (...). Rounding may leave the
    last cumulative sum just below 1; the last category of positive probability takes that gap.
    """
    cumulative = probabilities.cumsum(dim=-1)
    cumulative = cumulative / cumulative[..., -1:]
    return (cumulative <= uniforms.unsqueeze(-1)).sum(dim=-1).clamp(max=probabilities.shape[-1] - 1)


PROBE_CATEGORIES = (2, 3, 17, 256)
PASSES = Categorical.passes  # of a head from outside that does not say
MEMBERS = (
    "num_categories",
    "num_parameters",
    "log_prob",
    "log_probs",
    "sample",
    "marginal_parameters",
)


def complete(name: str, kind: Any) -> type[Head]:
    """A head from outside, tried on a few categories; by default its title is its name.

    Raises MadeError, one sentence, for one that has not what every `Head` has.
    """
    head = None
    for num_categories in PROBE_CATEGORIES:
        try:
            head = kind(num_categories, 5)
        except MadeError:
            continue  # as Bernoulli does, a head may refuse some numbers of categories
        except Exception as error:
            raise MadeError(
                f"The head {name!r} cannot be built for {num_categories} categories ({error}): "
                "it must take (num_categories, num_components=5)."
            ) from error
        break
    if head is None:
        tried = ", ".join(map(str, PROBE_CATEGORIES))
        raise MadeError(f"The head {name!r} refuses {tried} categories: let it take some of them.")
    require_members("head", name, head, MEMBERS, "define what made.model.heads.Head describes")
    if not isinstance(head.num_parameters, int) or head.num_parameters < 1:
        raise MadeError(
            f"The head {name!r} must have a whole number of parameters per variable, 1 or more: "
            f"its num_parameters is {head.num_parameters!r}."
        )
    for member, default in (("title", name), ("has_components", False), ("passes", PASSES)):
        if not hasattr(kind, member):
            setattr(kind, member, default)
    return kind


HEADS: Registry[type[Head]] = Registry(
    "head",
    {
        "bernoulli": Bernoulli,
        "categorical": Categorical,
        "logistics": DiscretisedLogistics,
    },
    prepare=complete,
)


def head_name(requested: str, num_categories: int) -> str:
    """Resolve "auto": Bernoulli for two categories, categorical for more."""
    if requested != "auto":
        return requested
    return "bernoulli" if num_categories == 2 else "categorical"


def build_head(requested: str, num_categories: int, num_components: int = 5) -> Head:
    """The head of a configuration: its name or "auto", and what only a mixture heeds."""
    return HEADS[head_name(requested, num_categories)](num_categories, num_components)
