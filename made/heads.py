"""Heads: the conditional p(x_d | earlier variables) from P real parameters per variable.

torch is imported where it is used, so that pages can list the heads without waiting for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

from made.errors import MadeError

if TYPE_CHECKING:
    from torch import Tensor


class Head(Protocol):
    """The family of distributions of one variable over its K categories."""

    title: ClassVar[str]
    num_categories: int
    num_parameters: int

    def __init__(self, num_categories: int): ...

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
        """The maximum-likelihood parameters. counts: (D, K), positive. Returns (D, P)."""
        ...


class Bernoulli:
    """Two categories from one logit: p(x = 1) = sigmoid(logit)."""

    title = "Bernoulli"
    num_parameters = 1

    def __init__(self, num_categories: int):
        if num_categories != 2:
            raise MadeError(
                f"The Bernoulli head needs 2 categories, not {num_categories}. "
                "Choose the categorical head."
            )
        self.num_categories = num_categories

    def log_prob(self, parameters: Tensor, x: Tensor) -> Tensor:
        from torch.nn import functional

        logits = parameters.squeeze(-1)
        return -functional.binary_cross_entropy_with_logits(
            logits, x.to(logits.dtype), reduction="none"
        )

    def log_probs(self, parameters: Tensor) -> Tensor:
        import torch
        from torch.nn import functional

        return functional.logsigmoid(torch.cat([-parameters, parameters], dim=-1))

    def sample(self, parameters: Tensor, uniforms: Tensor) -> Tensor:
        return (uniforms >= (-parameters.squeeze(-1)).sigmoid()).long()

    def marginal_parameters(self, counts: Tensor) -> Tensor:
        return (counts[:, 1:] / counts[:, :1]).log()


class Categorical:
    """K categories from K logits: p(x = k) = softmax(logits)_k."""

    title = "Categorical"

    def __init__(self, num_categories: int):
        self.num_categories = num_categories
        self.num_parameters = num_categories

    def log_prob(self, parameters: Tensor, x: Tensor) -> Tensor:
        from torch.nn import functional

        losses = functional.cross_entropy(
            parameters.reshape(-1, self.num_parameters), x.reshape(-1), reduction="none"
        )
        return -losses.view(x.shape)

    def log_probs(self, parameters: Tensor) -> Tensor:
        return parameters.log_softmax(dim=-1)

    def sample(self, parameters: Tensor, uniforms: Tensor) -> Tensor:
        return sample_categories(parameters.softmax(dim=-1), uniforms)

    def marginal_parameters(self, counts: Tensor) -> Tensor:
        return (counts / counts.sum(dim=-1, keepdim=True)).log()


def sample_categories(probabilities: Tensor, uniforms: Tensor) -> Tensor:
    """The first category whose cumulative probability exceeds the uniform number.

    probabilities: (..., K), uniforms: (...) in [0, 1). Returns int64 (...). Rounding may leave the
    last cumulative sum just below 1; the last category of positive probability takes that gap.
    """
    cumulative = probabilities.cumsum(dim=-1)
    cumulative = cumulative / cumulative[..., -1:]
    return (cumulative <= uniforms.unsqueeze(-1)).sum(dim=-1).clamp(max=probabilities.shape[-1] - 1)


HEADS: dict[str, type[Head]] = {
    "bernoulli": Bernoulli,
    "categorical": Categorical,
}


def head_name(requested: str, num_categories: int) -> str:
    """Resolve "auto": Bernoulli for two categories, categorical for more."""
    if requested != "auto":
        return requested
    return "bernoulli" if num_categories == 2 else "categorical"
