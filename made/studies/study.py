"""A study: runs that differ in one or two chosen fields and in seeds, and in nothing else."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from made import datasets
from made.base.errors import MadeError
from made.base.fields import Section, Seed
from made.datasets import DatasetInfo
from made.datasets.settings import DataConfig
from made.runs.records import MAX_LABEL_LENGTH, is_label
from made.setups.checks import misfit, no_effect
from made.setups.config import FIELDS, ExperimentConfig, as_text, field_title, num_choices
from made.setups.words import setting_words

if TYPE_CHECKING:
    from made.runs.folder import Run

MAX_RUNS = 1000
MAX_SEEDS = 100

Vary = Mapping[str, Sequence[Any]]
SeedOf = Literal["weights", "data", "both"]
SEED_FIELDS: dict[SeedOf, tuple[str, ...]] = {
    "weights": ("seed", "mask_seed"),
    "data": ("data_seed",),
    "both": ("seed", "mask_seed", "data_seed"),
}
DATA = frozenset(DataConfig.model_fields)
# Runs that differ in these alone stand in one cell of a comparison.
WITHIN_A_CELL = frozenset({*SEED_FIELDS["both"], "device"})
# Whose values say by themselves what they are, as in "rings · fourier".
PLAIN = frozenset({"dataset", "model", "encoding"})


def _is_title(value: str) -> str:
    if not is_label(value):
        raise ValueError(f"a name has 1 to {MAX_LABEL_LENGTH} printable characters")
    return value


class Varied(Section):
    """A field of the configuration, and the values that it takes one after another."""

    field: str
    values: Annotated[tuple[Any, ...], Field(min_length=1, max_length=MAX_RUNS)]

    @field_validator("field")
    @classmethod
    def _can_vary(cls, name: str) -> str:
        if name not in FIELDS:
            raise ValueError(f"there is no setting '{name[:60]}'; known are {', '.join(FIELDS)}")
        if name in WITHIN_A_CELL:
            raise ValueError(
                f"'{name}' is no setting to compare: seeds are given as seeds, and the device "
                "changes no figure"
            )
        return name

    @field_validator("values", mode="before")
    @classmethod
    def _fit_the_field(cls, values: object, info: ValidationInfo) -> object:
        """Each value as the field itself has it."""
        name = info.data.get("field")
        if name is None or isinstance(values, str) or not isinstance(values, Sequence):
            return values
        return tuple(ExperimentConfig.from_flat({name: value}).flat()[name] for value in values)


class Axis(Varied):
    """What is compared, each value once.

    along: fields that follow this one, with one value for each of its values. Minibatches that
    grow with the number of samples leave the number of steps the same, for instance.
    """

    along: tuple[Varied, ...] = ()

    @field_validator("values")
    @classmethod
    def _each_once(cls, values: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(values))

    @model_validator(mode="after")
    def _all_follow(self) -> Axis:
        for follower in self.along:
            if len(follower.values) != len(self.values):
                raise ValueError(
                    f"'{follower.field}' goes along with '{self.field}', and needs one value for "
                    f"each of its {len(self.values)}, not {len(follower.values)}"
                )
        return self

    def settings(self, value: Any) -> dict[str, Any]:
        """The fields that are set at one of the values, with those that follow.

        >>> follower = Varied(field="dropout", values=(0, 0.5))
        >>> Axis(field="epochs", values=(1, 2), along=(follower,)).settings(2)
        {'epochs': 2, 'dropout': 0.5}
        """
        place = self.values.index(value)
        return {self.field: value} | {one.field: one.values[place] for one in self.along}

    @property
    def title(self) -> str:
        return field_title(self.field)

    def words(self, value: Any) -> str:
        """One of the values as it stands in the name of a run.

        >>> axis = Axis(field="num_samples", values=(1000, 20_000))
        >>> axis.words(20_000), Axis(field="encoding", values=("raw",)).words("raw")
        ('20,000 samples', 'raw')
        """
        return str(value) if self.field in PLAIN else setting_words(self.field, value)


@dataclass(frozen=True)
class Cell:
    """One value of each axis, and a configuration for each seed."""

    values: tuple[Any, ...]
    configs: dict[int, ExperimentConfig]


@dataclass(frozen=True)
class LeftOut:
    """One value of each axis that is not trained, or not with all seeds, and why not."""

    values: tuple[Any, ...]
    reason: str


class Study(Section):
    """What is varied, from which set-up, with which seeds.

    base: gives all that is not varied. seeds: each takes the place of the seeds named by seed_of:
    of the weights and the masks, of the data, or of both.
    """

    title: Annotated[str, AfterValidator(_is_title)]
    base: ExperimentConfig = ExperimentConfig()
    axes: Annotated[tuple[Axis, ...], Field(min_length=1, max_length=2)]
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1, max_length=MAX_SEEDS)] = (0,)
    seed_of: SeedOf = "weights"

    @model_validator(mode="after")
    def _is_sound(self) -> Study:
        varied = [one.field for axis in self.axes for one in (axis, *axis.along)]
        if twice := [name for name, number in Counter(varied).items() if number > 1]:
            raise ValueError(f"'{twice[0]}' is varied twice: name two settings")
        if len(set(self.seeds)) < len(self.seeds):
            raise ValueError("a seed stands there twice")
        number = prod(len(axis.values) for axis in self.axes) * len(self.seeds)
        if number > MAX_RUNS:
            raise ValueError(f"a study has at most {MAX_RUNS:,} runs, not {number:,}")
        return self

    @classmethod
    def make(
        cls,
        title: str | None,
        base: ExperimentConfig,
        vary: Vary,
        seeds: Sequence[int] = (0,),
        seed_of: SeedOf = "weights",
        along: Mapping[str, Vary] | None = None,
    ) -> Study:
        """A study that varies the fields named by `vary`. Raises MadeError, one sentence.

        title: by default the data and what is varied, "rings · input encoding × samples".
        along: by a varied field, the fields that follow it, with one value for each of its values.
        """
        title = default_title(base, vary) if title is None else title.strip()
        if unknown := [field for field in along or {} if field not in vary]:
            raise MadeError(f"Nothing can go along with '{unknown[0][:60]}': it is not varied.")
        axes = [
            {
                "field": field,
                "values": values,
                "along": [
                    {"field": follower, "values": its}
                    for follower, its in (along or {}).get(field, {}).items()
                ],
            }
            for field, values in vary.items()
        ]
        return cls._checked(
            {"title": title, "base": base, "axes": axes, "seeds": seeds, "seed_of": seed_of}
        )

    def titled(self, title: str) -> Study:
        """The same under another name. Raises MadeError for one that will not do."""
        return self._checked({**self.model_dump(), "title": title.strip()})

    @classmethod
    def _checked(cls, values: Mapping[str, Any]) -> Study:
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise MadeError(sentence(error)) from None

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that are varied."""
        return tuple(axis.field for axis in self.axes)

    def cells(self) -> list[Cell]:
        """What there is to train: the last axis changes fastest."""
        return [cell for cell in self._judged() if isinstance(cell, Cell)]

    def left_out(self) -> list[LeftOut]:
        """What does not fit, or would be the same as an earlier cell, each with the reason."""
        return [cell for cell in self._judged() if isinstance(cell, LeftOut)]

    def problem(self) -> str | None:
        """Why there is nothing to learn from this study, or None."""
        cells, left = self.cells(), self.left_out()
        if not cells:
            return left[0].reason
        for place, axis in enumerate(self.axes):
            if len(axis.values) > 1 and len({cell.values[place] for cell in cells}) == 1:
                reason = next(one.reason for one in left if one.values[place] != axis.values[0])
                return f"{reason} So there is nothing to compare by '{axis.title}'."
        return None

    def to_command(self) -> str:
        """The command that makes this study, and again goes on with it; its title apart."""
        flags = []
        for axis in self.axes:
            name = axis.field.replace("_", "-")
            flags.append(f"--vary {name} {_as_words(axis.values)}")
            for follower in axis.along:
                own = follower.field.replace("_", "-")
                flags.append(f"--along {name} {own} {_as_words(follower.values)}")
        seeds = ",".join(map(str, self.seeds)) + ","
        if self.seeds == tuple(range(len(self.seeds))):
            seeds = str(len(self.seeds))
        drawn = f"--seeds {seeds} --seed-of {self.seed_of}"
        following = {one.field for axis in self.axes for one in axis.along}
        without = {*self.fields, *following, *SEED_FIELDS[self.seed_of]}
        return self.base.to_command(f"study new {' '.join(flags)} {drawn}", without)

    def label(self, values: Sequence[Any], seed: int) -> str:
        """The name of a run, which says what differs: "rings · fourier · seed 1"."""
        parts = [axis.words(value) for axis, value in zip(self.axes, values, strict=True)]
        if len(self.seeds) > 1:
            parts.append(f"data seed {seed}" if self.seed_of == "data" else f"seed {seed}")
        # The seed stands last, and tells apart what is too long to be shown whole.
        ending = " · ".join(parts)[4 - MAX_LABEL_LENGTH :]
        if "dataset" in self.fields:
            return ending
        room = MAX_LABEL_LENGTH - len(ending) - len(" · ")
        return f"{self.base.data.dataset[:room]} · {ending}"

    def _judged(self) -> tuple[Cell | LeftOut, ...]:
        """Known until other names are registered, or the data are no longer what they were."""
        return _judgement(self, num_choices(), tuple(self._data()))

    def _data(self) -> Iterable[DatasetInfo | str]:
        """What can be said of the data of the cells, or why nothing can."""
        axes = [axis for axis in self.axes if any(one.field in DATA for one in (axis, *axis.along))]
        for values in product(*(axis.values for axis in axes)):
            settings = _settings(axes, values)
            changed = {name: settings[name] for name in DATA if name in settings}
            try:
                yield datasets.info(self.base.data.model_copy(update=changed))
            except MadeError as error:
                yield str(error)

    def _judged_anew(self) -> Iterable[Cell | LeftOut]:
        known: dict[object, tuple[Any, ...]] = {}
        for values in product(*(axis.values for axis in self.axes)):
            try:
                config = self.base.replace(**_settings(self.axes, values))
                info = datasets.info(config.data)
                if problem := misfit(config, info):
                    raise MadeError(problem)
            except MadeError as error:
                yield LeftOut(values, str(error))
                continue
            silent = no_effect(config, info)
            same = known.setdefault(_what_counts(config, silent), values)
            if same != values:
                yield LeftOut(values, self._sameness(values, same, silent))
                continue
            configs = self._with_seeds(config, silent)
            yield Cell(values, configs)
            if len(configs) < len(self.seeds):
                reason = f"{silent['data_seed']} Another seed of the data changes nothing."
                yield LeftOut(values, reason)

    def _with_seeds(
        self, config: ExperimentConfig, silent: Mapping[str, str]
    ) -> dict[int, ExperimentConfig]:
        """One configuration a seed. A seed without effect stays, so that it makes no new run."""
        names = [name for name in SEED_FIELDS[self.seed_of] if name not in silent]
        seeds = self.seeds if names else self.seeds[:1]
        return {seed: config.replace(**dict.fromkeys(names, seed)) for seed in seeds}

    def _sameness(
        self, values: tuple[Any, ...], same: tuple[Any, ...], silent: Mapping[str, str]
    ) -> str:
        """Why a cell would repeat an earlier one: the settings that tell them apart do nothing."""
        pairs = zip(self.axes, values, same, strict=True)
        reasons = [silent[axis.field] for axis, mine, theirs in pairs if mine != theirs]
        words = [axis.words(value) for axis, value in zip(self.axes, same, strict=True)]
        return f"{reasons[0]} This would repeat {', '.join(words)}."


def _settings(axes: Sequence[Axis], values: Sequence[Any]) -> dict[str, Any]:
    """What is set where these axes have these values."""
    pairs = zip(axes, values, strict=True)
    return {name: it for axis, value in pairs for name, it in axis.settings(value).items()}


@lru_cache(maxsize=64)
def _judgement(
    study: Study, choices: int, data: tuple[DatasetInfo | str, ...]
) -> tuple[Cell | LeftOut, ...]:
    """The cells of a study. choices, data: all else on which they depend.

    A page that watches a study asks for them every other second, and to build and judge a hundred
    configurations takes tens of milliseconds.
    """
    return tuple(study._judged_anew())


def default_title(base: ExperimentConfig, fields: Iterable[str]) -> str:
    """The data and what is varied in them: "rings · input encoding × samples"."""
    titles = [field_title(field) for field in fields if field in FIELDS]
    varied = " × ".join(f"{title[:1].lower()}{title[1:]}" for title in titles)
    return f"{base.data.dataset} · {varied}"[:MAX_LABEL_LENGTH]


def typed_values(field: str, text: str) -> tuple[str, ...]:
    """The values that somebody wrote in one line, to be read by `Axis`.

    >>> typed_values("num_samples", "1000, 20000"), typed_values("hidden_sizes", "64; 64, 64")
    (('1000', '20000'), ('64', '64, 64'))
    """
    between = ";" if isinstance(ExperimentConfig().flat()[field], tuple) else ","
    return tuple(part.strip() for part in text.split(between) if part.strip())


def comparable(config: ExperimentConfig) -> ExperimentConfig:
    """The configuration but for its device: runs that are equal in this are the same run."""
    anywhere = config.training.model_copy(update={"device": "auto"})
    return config.model_copy(update={"training": anywhere})


def as_planned(runs: Iterable[Run]) -> Iterator[Run]:
    """Those that are what their configuration says, and so may belong to a study.

    One that was changed on its way is none of them, nor one that began with another's weights.
    """
    return (run for run in runs if not run.changes() and run.origin is None)


def sentence(error: ValidationError) -> str:
    """What is wrong with a study, in one sentence."""
    first = error.errors(include_url=False)[0]
    reason = first["msg"].removeprefix("Value error, ").rstrip(".")
    # What its own checks say names what it is about.
    is_own = first["type"] == "value_error"
    where = "" if is_own else ".".join(part for part in first["loc"] if isinstance(part, str))
    about = f" ({where})" if where else ""
    return f"This is no study{about}: {reason[0].lower()}{reason[1:]}."


def _as_words(values: Sequence[Any]) -> str:
    """Values as they are typed after a flag."""
    return " ".join(shlex.quote(as_text(value)) for value in values)


def _what_counts(config: ExperimentConfig, silent: Mapping[str, str]) -> object:
    """All settings that have an effect, by which one set-up repeats another."""
    return frozenset(item for item in config.flat().items() if item[0] not in silent)
