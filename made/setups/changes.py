"""What may change while a run trains: settings that need no new weights, each from a step on.

A run keeps what it began with, and beside it its changes with the minibatch from which each holds.
All that follows from both is a function of the step, so whoever starts over, from the beginning or
from a checkpoint, changes the same at the same place and comes to the same weights.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from made.base.errors import MadeError
from made.base.files import parse_lines
from made.setups.config import ExperimentConfig, field_label
from made.setups.words import setting_words

CHANGEABLE = (
    "learning_rate",
    "schedule",
    "warm_up",
    "batch_size",
    "dropout",
    "weight_decay",
    "gradient_clip",
    "epochs",
    "look_ahead",
)
MOST_CHANGES = 10_000


@dataclass(frozen=True)
class Change:
    """Settings that hold from minibatch `step` on, counted from 0.

    A batch size holds from the first whole epoch on.
    """

    step: int
    values: Mapping[str, Any]

    @property
    def words(self) -> str:
        """As it stands on the curve.

        >>> Change(100, {"learning_rate": 0.0003, "epochs": 40}).words
        'learning rate 0.0003, 40 epochs'
        """
        return ", ".join(setting_words(name, value) for name, value in self.values.items())

    def to_json(self) -> str:
        return json.dumps({"step": self.step, "values": dict(self.values)})


def changed(config: ExperimentConfig, values: Mapping[str, Any]) -> ExperimentConfig:
    """The configuration with some settings changed. Raises MadeError for one that may not be."""
    for name in values:
        if name not in CHANGEABLE:
            known = ", ".join(field_label(each).lower() for each in CHANGEABLE)
            raise MadeError(f"'{name}' cannot change while a run trains; what can is {known}.")
    if config.training.num_devices > 1:
        raise MadeError("A run on several devices cannot change: start a new run of its set-up.")
    return config.replace(**values)


def news(config: ExperimentConfig, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the values that differ from the configuration. Raises MadeError."""
    return {name: new for name, (_, new) in config.differences(changed(config, values)).items()}


def config_at(config: ExperimentConfig, changes: Iterable[Change], step: int) -> ExperimentConfig:
    """The settings of minibatch `step`. config: what the run began with."""
    for change in changes:
        if change.step <= step:
            config = config.replace(**change.values)
    return config


def parse_changes(content: bytes) -> tuple[Change, ...]:
    """One change a line, in the order of their steps; what cannot be read is left out."""
    found: list[Change] = []
    for line in parse_lines(content):
        step, values = line.get("step"), line.get("values")
        if not isinstance(step, int) or isinstance(step, bool) or step < 0:
            continue
        if not isinstance(values, dict) or (found and step < found[-1].step):
            continue
        with suppress(MadeError):
            valid = changed(ExperimentConfig(), values).flat()
            found.append(Change(step, {name: valid[name] for name in values}))
    return tuple(found[:MOST_CHANGES])
