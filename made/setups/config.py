"""The configuration of one experiment: frozen, validated once, and the same in JSON, URL and flags.

Field names are unique across the sections, so that a URL or a command line can stay flat.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from pydantic import (
    AfterValidator,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveInt,
    ValidationError,
)
from pydantic.fields import FieldInfo

from made.base.errors import MadeError
from made.base.fields import (
    OneOf,
    Section,
    Seed,
    bounds_of,
    one_of,
    option_title,
    options_of,
    titles,
    zero,
    zero_of,
)
from made.datasets.settings import DataConfig
from made.model.settings import MaskConfig, ModelConfig
from made.setups.mistakes import SettingError

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


class TrainingConfig(Section):
    optimizer: Annotated[str, one_of(OPTIMIZERS)] = Field(
        "Adam",
        title="Optimiser",
        description="How a gradient becomes a step, as in torch.optim; Adam suits nearly all.",
    )
    learning_rate: float = Field(
        0.001,
        gt=0,
        le=100,
        title="Learning rate",
        description="How far a step goes: too small learns slowly, too large runs away.",
    )
    schedule: Literal["constant", "cosine", "one-cycle"] = Field(
        "constant",
        title="Schedule",
        description="Learning rate over the epochs: constant, a cosine down to zero, or one cycle: "
        "up from a twenty-fifth, then a cosine down to zero.",
    )
    warm_up: float = Field(
        0.1,
        gt=0,
        lt=1,
        title="Warm-up share",
        description="Share of the minibatches in which one cycle goes up.",
    )
    weight_decay: NonNegativeFloat = Field(
        0.0, le=10, title="Weight decay", description="L2 pull on the weights."
    )
    gradient_clip: NonNegativeFloat = Field(
        0.0,
        le=1e9,
        title="Gradient clip",
        json_schema_extra=zero("off"),
        description="Largest norm of the gradient; 0: no clipping.",
    )
    ema_decay: float = Field(
        0.0,
        ge=0,
        lt=1,
        title="EMA decay",
        json_schema_extra=zero("off"),
        description="Decay per minibatch of the moving average of the weights (EMA), which is then "
        "what is measured and kept; 0: no average.",
    )
    batch_size: PositiveInt = Field(
        128,
        le=1_000_000,
        title="Batch size",
        description="Examples in a minibatch: fewer give more and noisier steps an epoch.",
    )
    epochs: PositiveInt = Field(
        20, le=1_000_000, title="Epochs", description="Most passes over the training split."
    )
    look_ahead: NonNegativeInt = Field(
        10,
        title="Look-ahead",
        json_schema_extra=zero("off"),
        description="Stop after so many epochs without a better validation NLL; 0: never.",
    )
    precision: Literal["float32", "bfloat16"] = Field(
        "float32",
        title="Precision",
        json_schema_extra=titles(float32="float32", bfloat16="bfloat16"),
        description="Numbers of the matrix products in training (a GPU multiplies float32 as TF32);"
        " bfloat16 is faster where the processor has it. All figures are measured in float32.",
    )
    num_devices: PositiveInt = Field(
        1,
        le=16,
        title="Number of devices",
        description="GPUs of this machine, or CPU processes, that share each minibatch.",
    )
    seed: Seed = Field(
        0, title="Seed", description="Seed of the initial weights, data order and dropout."
    )
    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda:\d{1,2})$")] = Field(
        "auto",
        title="Device",
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

    @classmethod
    def from_json(cls, content: bytes) -> ExperimentConfig:
        """Read what `model_dump_json` wrote. Raises MadeError that names the field and reason."""
        try:
            return cls.model_validate_json(content)
        except ValidationError as error:
            raise SettingError(error) from None

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
            raise SettingError(error) from None

    def replace(self, **values: Any) -> ExperimentConfig:
        """A copy with some fields, named flatly, changed and everything validated again."""
        return self.from_flat(self.flat() | values)

    def differences(self, other: ExperimentConfig) -> dict[str, tuple[Any, Any]]:
        """The fields in which two configurations differ: name to (own value, other value)."""
        mine, theirs = self.flat(), other.flat()
        return {name: (mine[name], theirs[name]) for name in mine if mine[name] != theirs[name]}

    def to_query(self) -> dict[str, str]:
        """What a link must say, as text: the dataset, and the fields that differ from the defaults.

        A link that names no setting at all opens with those of the run that it shows.
        """
        changed = {name: value for name, (value, _) in self.differences(ExperimentConfig()).items()}
        told = {"dataset": self.data.dataset} | changed
        return {name: as_text(value) for name, value in told.items()}

    def to_link(self, address: str) -> str:
        """A link to the dashboard at `address` that opens with this configuration."""
        query = urlencode(self.to_query(), safe=",")
        return f"{address.partition('?')[0]}?{query}"

    def to_python(
        self,
        changes: Mapping[int, Mapping[str, Any]] | None = None,
        weights_of: str | None = None,
    ) -> str:
        """The call that trains this configuration in a notebook.

        changes: settings that change on the way, by the minibatch from which on they hold.
        weights_of: the id of a run whose weights it begins with.
        """
        changed = {name: value for name, (value, _) in self.differences(ExperimentConfig()).items()}
        arguments = {"dataset": self.data.dataset} | changed
        if weights_of:
            arguments["weights_of"] = weights_of
        if changes:
            arguments["changes"] = {step: dict(values) for step, values in changes.items()}
        lines = "".join(f"    {name}={value!r},\n" for name, value in arguments.items())
        return f"import made\n\nrun = made.train(\n{lines})\nrun.model.sample(10)"

    def to_command(self, command: str = "train", without: Collection[str] = ()) -> str:
        """The command that trains this configuration.

        command: one that takes settings as `train` does. without: settings that it gets otherwise.
        """
        silent = {"dataset", *without}
        changed = self.differences(ExperimentConfig()).items()
        flags = [_as_flag(name, value) for name, (value, _) in changed if name not in silent]
        return " ".join([f"python -m made {command} --dataset", self.data.dataset, *flags])

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
            except SettingError as error:
                default = as_text(cls().flat()[name])
                corrections.append(
                    f"{field_title(name)} (in the link: '{text[:60]}'): {error.reason} "
                    f"The default '{default}' is used."
                )
            else:
                values[name] = text
        for section, (names, what) in JOINED.items():
            try:
                cls.from_flat({n: text for n, text in values.items() if FIELDS[n] == section})
            except SettingError as error:
                values = {name: text for name, text in values.items() if name not in names}
                corrections.append(f"{error.about(None)} {what}")
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


def field(name: str) -> FieldInfo:
    """A field of the configuration by its flat name: its title, its help and its bounds."""
    return SECTIONS[FIELDS[name]].model_fields[name]


def field_title(name: str) -> str:
    """What a field is called wherever people read it."""
    return field(name).title or name


def field_help(name: str) -> str:
    """The one line that explains a field."""
    return field(name).description or ""


_CHOICES = [
    part.func.names
    for name in FIELDS
    for part in field(name).metadata
    if isinstance(part, AfterValidator) and isinstance(part.func, OneOf)
]


def num_choices() -> int:
    """How many names there are for all fields together, which grows with what is registered."""
    return sum(len(some) for choice in _CHOICES for some in choice)


def field_options(name: str) -> tuple[str, ...] | None:
    """The names that a field may take, or None where it is no choice."""
    return options_of(field(name))


def field_option_title(name: str, option: str) -> str:
    """What one of the names is called on screen: "made" is "MADE"."""
    return option_title(field(name), option)


def field_bounds(name: str) -> tuple[float, float]:
    """The least and the greatest value that a number may have; infinite where there is none."""
    return bounds_of(field(name))


def field_zero(name: str) -> str | None:
    """What 0 stands for, such as "fresh"; None where it is a number like any other."""
    return zero_of(field(name))


def field_label(name: str) -> str:
    """The title, and what 0 stands for: "Orderings (0: fresh)"."""
    meaning = field_zero(name)
    return field_title(name) if meaning is None else f"{field_title(name)} (0: {meaning})"


def as_text(value: Any) -> str:
    """A value of a setting as links and flags have it.

    >>> as_text((512, 512)), as_text(True), as_text(0.5)
    ('512,512', 'true', '0.5')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _as_flag(name: str, value: Any) -> str:
    flag = name.replace("_", "-")
    if isinstance(value, bool):
        return f"--{flag}" if value else f"--no-{flag}"
    return f"--{flag} {shlex.quote(as_text(value))}"
