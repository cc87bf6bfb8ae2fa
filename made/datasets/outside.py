"""Datasets that are registered from outside: a family, or a function that returns the data."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from made.base.errors import MadeError
from made.datasets.base import Dataset, DatasetInfo, Family
from made.datasets.download import Progress
from made.datasets.settings import DataConfig

SETTINGS = tuple(name for name in DataConfig.model_fields if name != "dataset")
RESERVED = "upload-"


class FunctionFamily(Family):
    """The data that a function returns: a `Dataset`, or what `Dataset.from_arrays` takes.

    Its parameters are settings of the data, such as num_samples and data_seed; the same ones must
    give the same data. Its docstring is the description.
    """

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        self.name = name
        self.title = getattr(function, "title", name)
        self.description = (inspect.getdoc(function) or f"{name}.").partition("\n\n")[0]
        self.function = function
        self.settings = tuple(inspect.signature(function).parameters)
        unknown = [setting for setting in self.settings if setting not in SETTINGS]
        if unknown:
            raise MadeError(
                f"The dataset {name!r} asks for {', '.join(unknown)}: its function may take "
                f"{', '.join(SETTINGS)}."
            )
        self._described: tuple[tuple[object, ...], DatasetInfo] | None = None

    def info(self, config: DataConfig) -> DatasetInfo:
        chosen = tuple(getattr(config, setting) for setting in self.settings)
        if self._described is None or self._described[0] != chosen:
            self._described = chosen, self.load(config).info
        return self._described[1]

    def load(self, config: DataConfig, progress: Progress | None = None) -> Dataset:
        try:
            data = self.function(**{name: getattr(config, name) for name in self.settings})
        except Exception as error:
            raise MadeError(
                f"The function of the dataset {self.name!r} failed: {type(error).__name__}: {error}"
            ) from error
        if not isinstance(data, Dataset):
            seed = config.data_seed if "data_seed" in self.settings else 0
            data = Dataset.from_arrays(data, label=self.title, seed=seed)
        info = replace(data.info, name=self.name, description=self.description)
        return replace(data, info=info)


def complete(name: str, given: Any) -> Family:
    """The family of a dataset from outside: a class of families, one of its objects, or a function.

    Raises MadeError, one sentence, for one that cannot describe its data.
    """
    if name.startswith(RESERVED):
        raise MadeError(f"The name {name!r} belongs to uploads: choose one without '{RESERVED}'.")
    if isinstance(given, Family):
        family = given
    elif isinstance(given, type) and issubclass(given, Family):
        try:
            family = given()
        except TypeError as error:
            raise MadeError(
                f"The dataset {name!r} cannot be made ({error}): its class must need no argument "
                "and define info and load."
            ) from error
    elif callable(given):
        family = FunctionFamily(name, given)
    else:
        raise MadeError(
            f"The dataset {name!r} must be a subclass of made.datasets.Family or a function that "
            f"returns data, not {type(given).__name__}."
        )
    info = family.info(DataConfig(dataset=name))
    if not isinstance(info, DatasetInfo) or info.name != name:
        raise MadeError(f"The info of the dataset {name!r} must be a DatasetInfo of that name.")
    return family
