"""How a network is built from its settings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from made.base.errors import MadeError
from made.model.baselines import Marginals, Naive
from made.model.conditionals import Conditionals
from made.model.encodings import ENCODINGS, Encoding
from made.model.fit import misfit
from made.model.heads import Head, build_head
from made.model.masks import MaskBank, mask_bank
from made.model.network import MADE
from made.model.settings import MaskConfig, ModelConfig


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What every network is made of, beside its layers."""

    num_variables: int
    encoding: Encoding
    head: Head
    bank: MaskBank


def build_model(
    model: ModelConfig,
    masks: MaskConfig,
    num_variables: int,
    num_categories: int,
    *,
    image_shape: tuple[int, int] | None = None,
    seed: int = 0,
    precision: str = "float32",
) -> Conditionals:
    """The untrained network of some settings for D variables of K categories.

    image_shape: (height, width) of variables that are pixels, for orderings that are ways over
    them. seed: of the first weights; the same seed gives the same ones. precision: of the products
    in training. Raises MadeError where the settings do not fit the data.
    """
    problem = misfit(model, num_variables, num_categories)
    if problem:
        raise MadeError(problem[0].upper() + problem[1:])
    parts = Parts(
        num_variables=num_variables,
        encoding=ENCODINGS[model.encoding](num_categories, model.encoding_width),
        head=build_head(model.head, num_categories, model.num_components),
        bank=mask_bank(model, masks, num_variables, image_shape),
    )
    generator = torch.Generator().manual_seed(seed)
    return MODELS[model.model](parts, model, precision, generator)


def _made(parts: Parts, model: ModelConfig, precision: str, generator: torch.Generator) -> MADE:
    return MADE(
        **vars(parts),
        hidden_sizes=model.hidden_sizes,
        activation=model.activation,
        direct_connections=model.direct_connections,
        residual_connections=model.residual_connections,
        dropout=model.dropout,
        precision=precision,
        generator=generator,
    )


def _marginals(
    parts: Parts, model: ModelConfig, precision: str, generator: torch.Generator
) -> Marginals:
    return Marginals(**vars(parts))


def _naive(parts: Parts, model: ModelConfig, precision: str, generator: torch.Generator) -> Naive:
    return Naive(
        **vars(parts),
        hidden_sizes=model.hidden_sizes,
        activation=model.activation,
        generator=generator,
    )


MODELS: dict[str, Callable[[Parts, ModelConfig, str, torch.Generator], Conditionals]] = {
    "made": _made,
    "marginals": _marginals,
    "naive": _naive,
}
