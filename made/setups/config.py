"""The configuration of one experiment: frozen, validated once, and the same in JSON, URL and flags.

Field names are unique across the sections, so that a URL or a command line can stay flat.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args
from urllib.parse import urlencode

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveInt,
    ValidationError,
    model_validator,
)

from made.base.errors import MadeError
from made.model.encodings import ENCODINGS
from made.model.heads import HEADS

MAX_HIDDEN_LAYERS = 16
MAX_HIDDEN_UNITS = 65_536
OPTIMIZERS = (
    "Adam",
    "AdamW",
    "NAdam",
    "RAdam",
    "Adamax",
    "Adagrad",
    "Adadelta",
    "RMSprop",
    "SGD",
)


def _parse_sizes(value: object) -> object:
    """Accept "512, 512" beside a sequence of integers."""
    if isinstance(value, str):
        return [part for part in value.replace(",", " ").split() if part]
    return value


@dataclass(frozen=True)
class OneOf:
    """A name out of a registry."""

    names: tuple[str, ...]

    def __call__(self, value: str) -> str:
        if value not in self.names:
            raise ValueError(f"should be one of {', '.join(self.names)}")
        return value


def _one_of(names: Iterable[str]) -> AfterValidator:
    return AfterValidator(OneOf(tuple(names)))


HiddenUnits = Annotated[int, Field(ge=1, le=MAX_HIDDEN_UNITS)]
HiddenSizes = Annotated[tuple[HiddenUnits, ...], BeforeValidator(_parse_sizes)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Section(BaseModel, frozen=True, extra="forbid"):
    """A frozen part of the configuration; every field explains itself in one line."""


class DataConfig(Section):
    dataset: str = Field("rings", description="Which data to model.")
    num_samples: int = Field(
        100_000,
        ge=1_000,
        le=10_000_000,
        description="Samples drawn from a 2-D joint: 80 % train, 10 % validate, 10 % test.",
    )
    grid_size: int = Field(
        200, ge=2, le=1000, description="Values per variable of a generated 2-D joint."
    )
    data_seed: Seed = Field(0, description="Seed of the samples drawn from a joint.")


class ModelConfig(Section):
    model: Literal["made", "marginals", "naive"] = Field(
        "made",
        description="MADE, or a baseline: the product of the marginals, or the naive "
        "p(x1) p(x2 | x1) fed with the raw integer.",
    )
    encoding: Annotated[str, _one_of(ENCODINGS)] = Field(
        "one-hot", description="How an integer enters the network."
    )
    encoding_width: int = Field(
        16,
        ge=2,
        le=256,
        description="Features per variable of the Fourier and the embedding encodings.",
    )
    head: Annotated[str, _one_of(["auto", *HEADS])] = Field(
        "auto",
        description="Distribution of each conditional; auto is Bernoulli for two categories "
        "and categorical for more.",
    )
    num_components: int = Field(
        5, ge=1, le=100, description="Logistics in a mixture; more can follow finer shapes."
    )
    hidden_sizes: HiddenSizes = Field(
        (512, 512), description="Units of each hidden layer, from input to output."
    )
    activation: Literal["relu", "tanh", "elu", "gelu", "silu", "softplus", "sigmoid"] = Field(
        "relu", description="Non-linearity of the hidden layers."
    )
    direct_connections: bool = Field(
        False, description="Masked weights straight from the input to the output."
    )
    residual_connections: bool = Field(
        False, description="Add each hidden layer to the next one, unit by unit of equal degree."
    )
    dropout: float = Field(
        0.0, ge=0.0, lt=1.0, description="Share of hidden activations zeroed in training."
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
        True, description="Off: no masks, a plain autoencoder, which has no density."
    )
    ordering: Literal["natural", "reversed", "random"] = Field(
        "natural", description="In which order the variables are predicted."
    )
    num_orderings: NonNegativeInt = Field(
        1,
        le=1024,
        description="How many random orderings training cycles through; 0: a fresh one each time.",
    )
    num_connectivities: NonNegativeInt = Field(
        1,
        le=1024,
        description="How many draws of the hidden degrees training cycles through; "
        "0: a fresh one each time.",
    )
    mask_interval: PositiveInt = Field(
        1, le=1_000_000, description="Minibatches between two changes of the mask set."
    )
    degrees: Literal["uniform", "even", "range"] = Field(
        "uniform",
        description="How hidden degrees are drawn: uniformly (the paper), spread evenly, or "
        "uniformly within a range of positions.",
    )
    degree_low: PositiveInt = Field(1, le=1_000_000, description="Lowest degree of the range.")
    degree_high: PositiveInt = Field(
        1_000_000,
        le=1_000_000,
        description="Highest degree of the range; cut to the number of variables less 1.",
    )
    mask_seed: Seed = Field(0, description="Seed of the orderings and the hidden degrees.")
    ensemble_size: PositiveInt = Field(
        8, le=1024, description="Most mask sets whose mixture is evaluated."
    )

    @model_validator(mode="after")
    def _range_in_order(self) -> MaskConfig:
        if self.degree_low > self.degree_high:
            raise ValueError(
                f"the lowest degree ({self.degree_low}) is above the highest ({self.degree_high})"
            )
        return self


class TrainingConfig(Section):
    optimizer: Annotated[str, _one_of(OPTIMIZERS)] = Field(
        "Adam", description="An optimiser of torch.optim."
    )
    learning_rate: float = Field(0.001, gt=0, le=100, description="Step size of the optimiser.")
    schedule: Literal["constant", "cosine", "one-cycle"] = Field(
        "constant",
        description="Learning rate over the epochs: constant, a cosine down to zero, or one cycle: "
        "up from a twenty-fifth, then a cosine down to zero.",
    )
    warm_up: float = Field(
        0.1, gt=0, lt=1, description="Share of the minibatches in which one cycle goes up."
    )
    weight_decay: NonNegativeFloat = Field(0.0, le=10, description="L2 pull on the weights.")
    gradient_clip: NonNegativeFloat = Field(
        0.0, le=1e9, description="Largest norm of the gradient; 0: no clipping."
    )
    ema_decay: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="Decay per minibatch of the moving average of the weights (EMA), which is then "
        "what is measured and kept; 0: no average.",
    )
    batch_size: PositiveInt = Field(128, le=1_000_000, description="Examples in a minibatch.")
    epochs: PositiveInt = Field(
        20, le=1_000_000, description="Most passes over the training split."
    )
    look_ahead: NonNegativeInt = Field(
        10, description="Stop after so many epochs without a better validation NLL; 0: never."
    )
    precision: Literal["float32", "bfloat16"] = Field(
        "float32",
        description="Numbers of the matrix products in training (a GPU multiplies float32 as TF32);"
        " bfloat16 is faster where the processor has it. All figures are measured in float32.",
    )
    num_devices: PositiveInt = Field(
        1, le=16, description="GPUs of this machine, or CPU processes, that share each minibatch."
    )
    seed: Seed = Field(0, description="Seed of the initial weights, data order and dropout.")
    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda:\d{1,2})$")] = Field(
        "auto",
        description="Where to train: auto takes the GPU with most free memory, else the CPU.",
    )


class ExperimentConfig(Section):
    """Everything that decides the outcome of a run.

    Raises MadeError from the class methods; direct construction raises pydantic's ValidationError.
    """

    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    masks: MaskConfig = MaskConfig()
    training: TrainingConfig = TrainingConfig()

    @property
    def has_density(self) -> bool:
        """False for a plain autoencoder, whose outputs see the very inputs they predict."""
        return self.masks.autoregressive or self.model.model != "made"

    def flat(self) -> dict[str, Any]:
        """All fields by their unique names."""
        return {name: getattr(getattr(self, section), name) for name, section in FIELDS.items()}

    @classmethod
    def from_flat(cls, values: Mapping[str, Any]) -> ExperimentConfig:
        """The inverse of `flat`; fields left out keep their defaults.

        Raises MadeError for an unknown name or an invalid value, naming the field.
        """
        sections: dict[str, dict[str, Any]] = {}
        for name, value in values.items():
            if name not in FIELDS:
                raise MadeError(f"There is no setting '{name}'; known are {', '.join(FIELDS)}.")
            sections.setdefault(FIELDS[name], {})[name] = value
        try:
            return cls.model_validate(sections)
        except ValidationError as error:
            raise MadeError(_first_sentence(error)) from None

    def replace(self, **values: Any) -> ExperimentConfig:
        """A copy with some fields, named flatly, changed and everything validated again."""
        return self.from_flat(self.flat() | values)

    def differences(self, other: ExperimentConfig) -> dict[str, tuple[Any, Any]]:
        """The fields in which two configurations differ: name to (own value, other value)."""
        mine, theirs = self.flat(), other.flat()
        return {name: (mine[name], theirs[name]) for name in mine if mine[name] != theirs[name]}

    def to_query(self) -> dict[str, str]:
        """What a link must say: the fields that differ from the defaults, as text."""
        return {
            name: _as_text(value)
            for name, (value, _) in self.differences(ExperimentConfig()).items()
        }

    def to_link(self, address: str) -> str:
        """A link to the dashboard at `address` that opens with this configuration."""
        query = urlencode(self.to_query(), safe=",")
        return f"{address.partition('?')[0]}?{query}" if query else address.partition("?")[0]

    def to_python(self) -> str:
        """The call that trains this configuration in a notebook."""
        changed = {name: value for name, (value, _) in self.differences(ExperimentConfig()).items()}
        arguments = {"dataset": self.data.dataset} | changed
        lines = "".join(f"    {name}={value!r},\n" for name, value in arguments.items())
        return f"import made\n\nrun = made.train(\n{lines})\nrun.model.sample(10)"

    def to_command(self) -> str:
        """The command that trains this configuration."""
        changed = self.differences(ExperimentConfig()).items()
        flags = [_as_flag(name, value) for name, (value, _) in changed if name != "dataset"]
        return " ".join(["python -m made train --dataset", self.data.dataset, *flags])

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> tuple[ExperimentConfig, list[str]]:
        """Read a link: the configuration, and one sentence for everything that was corrected."""
        values: dict[str, Any] = {}
        corrections = []
        for name, text in query.items():
            if name not in FIELDS:
                continue
            try:
                cls.from_flat({name: text})
            except MadeError as error:
                default = _as_text(cls().flat()[name])
                corrections.append(
                    f"The link asked for {name} = '{text[:60]}'. {error} "
                    f"The default '{default}' is used."
                )
            else:
                values[name] = text
        for section, (names, what) in JOINED.items():
            try:
                cls.from_flat({n: text for n, text in values.items() if FIELDS[n] == section})
            except MadeError as error:
                values = {name: text for name, text in values.items() if name not in names}
                corrections.append(f"{error} {what}")
        return cls.from_flat(values), corrections


SECTIONS: dict[str, type[Section]] = {
    "data": DataConfig,
    "model": ModelConfig,
    "masks": MaskConfig,
    "training": TrainingConfig,
}
FIELDS: dict[str, str] = {
    name: section for section, kind in SECTIONS.items() for name in kind.model_fields
}


# Fields that only others of their section can make invalid, and what a link then has instead.
JOINED = {
    "model": (("residual_connections",), "The link opens without residual connections."),
    "masks": (("degree_low", "degree_high"), "The default range is used."),
}


def field_help(name: str) -> str:
    """The one line that explains a field."""
    return SECTIONS[FIELDS[name]].model_fields[name].description or ""


def field_options(name: str) -> tuple[str, ...] | None:
    """The names that a field may take, or None where it is no choice."""
    field = SECTIONS[FIELDS[name]].model_fields[name]
    for part in field.metadata:
        if isinstance(part, AfterValidator) and isinstance(part.func, OneOf):
            return part.func.names
    return get_args(field.annotation) if field.annotation.__class__ is _LITERAL else None


def field_bounds(name: str) -> tuple[float, float]:
    """The least and the greatest value that a number may have; infinite where there is none."""
    field = SECTIONS[FIELDS[name]].model_fields[name]
    low, high = -math.inf, math.inf
    for part in field.metadata:
        low, high = getattr(part, "ge", low), getattr(part, "le", high)
        if hasattr(part, "gt"):
            low = part.gt + 1 if field.annotation is int else math.nextafter(part.gt, math.inf)
        if hasattr(part, "lt"):
            high = math.nextafter(part.lt, -math.inf)
    return low, high


_LITERAL = type(Literal["a"])


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _as_flag(name: str, value: Any) -> str:
    flag = name.replace("_", "-")
    if isinstance(value, bool):
        return f"--{flag}" if value else f"--no-{flag}"
    return f"--{flag} {shlex.quote(_as_text(value))}"


def _first_sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"][1:2]) or "The configuration"
    reason = first["msg"].removeprefix("Value error, ")
    return f"{where}: {reason[0].lower()}{reason[1:].rstrip('.')}."
