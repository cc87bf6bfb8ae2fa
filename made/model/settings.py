"""Which network models the data, and which orderings and masks it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    NonNegativeInt,
    PositiveInt,
    field_validator,
    model_validator,
)

from made.base.fields import Section, Seed, one_of, titles, zero
from made.model.encodings import ENCODINGS
from made.model.heads import HEADS
from made.model.orderings import GIVEN, ORDERINGS

MAX_HIDDEN_LAYERS = 1024
MAX_HIDDEN_UNITS = 65_536
MAX_VARIABLES = 10_000


def _parse_sizes(value: object) -> object:
    """Accept "512, 512" and 512 beside a sequence of integers."""
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    if isinstance(value, str):
        return [part for part in value.replace(",", " ").split() if part]
    return value


HiddenUnits = Annotated[int, Field(ge=1, le=MAX_HIDDEN_UNITS)]
HiddenSizes = Annotated[tuple[HiddenUnits, ...], BeforeValidator(_parse_sizes)]


Variable = Annotated[int, Field(ge=0, lt=MAX_VARIABLES)]
Permutation = Annotated[tuple[Variable, ...], BeforeValidator(_parse_sizes)]


class ModelConfig(Section):
    model: Literal["made", "marginals", "naive"] = Field(
        "made",
        title="Model",
        json_schema_extra=titles(made="MADE"),
        description="MADE, or a baseline: the product of the marginals, or the naive "
        "p(x1) p(x2 | x1) fed with the raw integer.",
    )
    encoding: Annotated[str, one_of(ENCODINGS)] = Field(
        "one-hot", title="Input encoding", description="How an integer enters the network."
    )
    encoding_width: int = Field(
        16,
        ge=2,
        le=256,
        title="Features per variable",
        description="Features per variable of the Fourier and the embedding encodings.",
    )
    head: Annotated[str, one_of(("auto",), HEADS)] = Field(
        "auto",
        title="Head",
        description="Distribution of each conditional; auto is Bernoulli for two categories "
        "and categorical for more.",
    )
    num_components: int = Field(
        5,
        ge=1,
        le=100,
        title="Logistics in the mixture",
        description="Logistics in a mixture; more can follow finer shapes.",
    )
    hidden_sizes: HiddenSizes = Field(
        (512, 512),
        title="Hidden units per layer",
        description="Units of each hidden layer, from input to output.",
    )
    activation: Literal["relu", "tanh", "elu", "gelu", "silu", "softplus", "sigmoid"] = Field(
        "relu",
        title="Activation",
        json_schema_extra=titles(relu="ReLU", elu="ELU", gelu="GELU", silu="SiLU"),
        description="Non-linearity of the hidden layers.",
    )
    direct_connections: bool = Field(
        False,
        title="Direct connections",
        description="Masked weights straight from the input to the output.",
    )
    residual_connections: bool = Field(
        False,
        title="Residual connections",
        description="Add each hidden layer to the next one, unit by unit of equal degree.",
    )
    dropout: float = Field(
        0.0,
        ge=0.0,
        lt=1.0,
        title="Dropout",
        description="Share of hidden activations zeroed in training.",
    )

    @model_validator(mode="after")
    def _depth_and_sizes(self) -> ModelConfig:
        if len(self.hidden_sizes) > MAX_HIDDEN_LAYERS:
            raise ValueError(
                f"at most {MAX_HIDDEN_LAYERS} hidden layers, not {len(self.hidden_sizes)}"
            )
        if self.residual_connections and len(set(self.hidden_sizes)) > 1:
            raise ValueError("residual connections need hidden layers of one size")
        return self


class MaskConfig(Section):
    autoregressive: bool = Field(
        True,
        title="Masks on",
        description="Off: no masks, a plain autoencoder, which has no density.",
    )
    ordering: Annotated[str, one_of(ORDERINGS)] = Field(
        "natural", title="Ordering", description="In which order the variables are predicted."
    )
    permutation: Permutation = Field(
        (),
        title="Variables in order",
        description="Of the given ordering: the variables that come first, counted from 0, in "
        "their order; those left out follow in natural order.",
    )
    num_orderings: NonNegativeInt = Field(
        1,
        le=1024,
        title="Orderings",
        json_schema_extra=zero("fresh"),
        description="How many random orderings training cycles through; 0: a fresh one each time.",
    )
    num_connectivities: NonNegativeInt = Field(
        1,
        le=1024,
        title="Connectivities",
        json_schema_extra=zero("fresh"),
        description="How many draws of the hidden degrees training cycles through; "
        "0: a fresh one each time.",
    )
    mask_interval: PositiveInt = Field(
        1,
        le=1_000_000,
        title="Steps per mask set",
        description="Minibatches between two changes of the mask set.",
    )
    degrees: Literal["uniform", "even", "range"] = Field(
        "uniform",
        title="Hidden degrees",
        description="How hidden degrees are drawn: uniformly (the paper), spread evenly, or "
        "uniformly within a range of positions.",
    )
    degree_low: PositiveInt = Field(
        1,
        le=1_000_000,
        title="Lowest degree",
        description="No hidden unit may see fewer of the first variables than this.",
    )
    degree_high: PositiveInt = Field(
        1_000_000,
        le=1_000_000,
        title="Highest degree",
        description="Highest degree of the range; cut to the number of variables less 1.",
    )
    mask_seed: Seed = Field(
        0, title="Mask seed", description="Seed of the orderings and the hidden degrees."
    )
    ensemble_size: PositiveInt = Field(
        8,
        le=1024,
        title="Mask sets evaluated",
        description="Most mask sets whose mixture is evaluated.",
    )

    @field_validator("permutation")
    @classmethod
    def _each_once(cls, permutation: tuple[int, ...]) -> tuple[int, ...]:
        repeated = next((one for one, count in Counter(permutation).items() if count > 1), None)
        if repeated is not None:
            raise ValueError(f"variable {repeated} stands in the list twice: name each once")
        return permutation

    def given(self, sequence: Iterable[int]) -> MaskConfig:
        """The same masks along a permutation; sequence: the variables in their order."""
        return self.model_copy(update={"ordering": GIVEN, "permutation": tuple(sequence)})

    @model_validator(mode="after")
    def _range_in_order(self) -> MaskConfig:
        if self.degree_low > self.degree_high:
            raise ValueError(
                f"the lowest degree ({self.degree_low}) is above the highest ({self.degree_high})"
            )
        return self
