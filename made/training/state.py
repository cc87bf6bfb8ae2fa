"""How a resume is stored: the tensors and the text of a checkpoint, and what they mean.

`last.safetensors` holds everything from which a run goes on as if never stopped:

| tensors | what |
|---|---|
| model.NAME | the weights |
| best.NAME | the weights of the epoch with the lowest validation NLL |
| average.N | the moving average (EMA) of parameter N, where there is one |
| optimizer.N.NAME | what the optimiser keeps of parameter N |

and as text, in JSON, the position of the training and what the optimiser keeps as plain numbers.
`best.safetensors` holds the best weights under their own names. Both say in which order the
variables come, where that was found in the data, and what the logs of the run
folder had reached. Tensors are those of torch or of numpy: this file needs neither.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from made.base.errors import MadeError

if TYPE_CHECKING:
    from torch import Tensor

WEIGHTS, BEST, AVERAGE, OPTIMIZER = "model", "best", "average", "optimizer"
SCALARS, SEQUENCE = "optimizer_scalars", "sequence"
# How the folder in which the processes of a run on several devices meet is named at first.
MEETING = ".made-"
MOST_REACHED = 2**53  # what every reader of numbers still tells apart

Stored = tuple[dict[str, "Tensor"], dict[str, str]]


@dataclass(frozen=True, kw_only=True)
class TrainingState:
    """A training between two steps.

    step, epoch: minibatches and whole epochs that are done. epoch_loss: sum of the losses of the
    examples of an epoch that is under way, nats. best_nll: nats per example of the validation
    split, infinite before it was measured. optimizer: for each parameter, in their order, tensors
    and numbers by their names. sequence: the variables in the order that was found in the data,
    where one was looked for.
    """

    weights: Mapping[str, Tensor]
    best: Mapping[str, Tensor] = field(default_factory=dict)
    average: list[Tensor] = field(default_factory=list)
    optimizer: Mapping[int, Mapping[str, Tensor | float | None]] = field(default_factory=dict)
    step: int
    epoch: int
    epoch_loss: float = 0.0
    best_epoch: int
    best_nll: float
    sequence: tuple[int, ...] = ()

    def stored(self) -> Stored:
        """The tensors and the text of a file, without any pickle."""
        tensors = {f"{WEIGHTS}.{name}": value for name, value in self.weights.items()}
        tensors |= {f"{BEST}.{name}": value for name, value in self.best.items()}
        tensors |= {f"{AVERAGE}.{index}": value for index, value in enumerate(self.average)}
        scalars: dict[str, dict[str, float | None]] = {}
        for index, values in self.optimizer.items():
            for name, value in values.items():
                if value is None or isinstance(value, int | float):
                    scalars.setdefault(str(index), {})[name] = value
                else:
                    tensors[f"{OPTIMIZER}.{index}.{name}"] = value
        metadata = {name: json.dumps(getattr(self, name)) for name in POSITION}
        metadata |= stored_sequence(self.sequence)
        return tensors, metadata | {SCALARS: json.dumps(scalars)}

    @classmethod
    def from_stored(
        cls, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]
    ) -> TrainingState:
        """The inverse of `stored`. Raises MadeError where something is missing or senseless."""
        parts: dict[str, dict[str, Any]] = {WEIGHTS: {}, BEST: {}, AVERAGE: {}, OPTIMIZER: {}}
        try:
            optimizer: dict[int, dict[str, Any]] = {
                int(index): dict(values)
                for index, values in json.loads(metadata.get(SCALARS, "{}")).items()
            }
            for name, value in tensors.items():
                part, _, key = name.partition(".")
                parts[part][key] = value
            for name, value in parts[OPTIMIZER].items():
                index, _, key = name.partition(".")
                optimizer.setdefault(int(index), {})[key] = value
            return cls(
                weights=parts[WEIGHTS],
                best=parts[BEST],
                average=[parts[AVERAGE][str(place)] for place in range(len(parts[AVERAGE]))],
                optimizer=optimizer,
                sequence=read_sequence(metadata),
                **{name: kind(json.loads(metadata[name])) for name, kind in POSITION.items()},
            )
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise MadeError(
                f"The checkpoint holds no state to go on from ({type(error).__name__}: {error}): "
                "start a new run of this set-up."
            ) from error

    def to(self, device: Any) -> TrainingState:
        """The same with every tensor on a device of torch."""

        def moved(value: Any) -> Any:
            return value.to(device) if hasattr(value, "to") else value

        return dataclasses.replace(
            self,
            weights={name: moved(value) for name, value in self.weights.items()},
            best={name: moved(value) for name, value in self.best.items()},
            average=[moved(value) for value in self.average],
            optimizer={
                index: {name: moved(value) for name, value in values.items()}
                for index, values in self.optimizer.items()
            },
        )


POSITION = {"step": int, "epoch": int, "epoch_loss": float, "best_epoch": int, "best_nll": float}


def stored_sequence(sequence: tuple[int, ...]) -> dict[str, str]:
    """An ordering found in the data as text of a checkpoint; none without one."""
    return {SEQUENCE: json.dumps(sequence)} if sequence else {}


def read_sequence(metadata: Mapping[str, str]) -> tuple[int, ...]:
    """The inverse of `stored_sequence`. Raises ValueError or TypeError for nonsense."""
    return tuple(map(int, json.loads(metadata.get(SEQUENCE, "[]"))))


@dataclass(frozen=True, kw_only=True)
class BestWeights:
    """The weights of the epoch with the lowest validation NLL (nats per example).

    sequence: the variables in the order that was found in the data, where one was looked for.
    """

    weights: Mapping[str, Tensor]
    epoch: int
    validation_nll: float
    sequence: tuple[int, ...] = ()

    def stored(self) -> Stored:
        """The tensors and the text of a file."""
        text = {
            "epoch": json.dumps(self.epoch),
            "validation_nll": json.dumps(self.validation_nll),
        }
        return dict(self.weights), text | stored_sequence(self.sequence)

    @classmethod
    def from_stored(cls, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> BestWeights:
        """The inverse of `stored`."""
        return cls(
            weights=tensors,
            epoch=int(json.loads(metadata["epoch"])),
            validation_nll=float(json.loads(metadata["validation_nll"])),
            sequence=read_sequence(metadata),
        )


@dataclass(frozen=True, kw_only=True)
class Reached:
    """What the logs of a run folder had reached when a checkpoint was written.

    step: minibatches, each with its loss. epoch: the one under way or just ended. num_epochs:
    records of ended epochs. seconds: of training, over all resumes.
    """

    step: int = 0
    epoch: int = 0
    num_epochs: int = 0
    seconds: float = 0.0

    def to_metadata(self) -> dict[str, str]:
        """Text for a checkpoint, beside that of the training itself."""
        return {f"run_{name}": repr(value) for name, value in vars(self).items()}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str]) -> Reached:
        """The inverse of `to_metadata`; what is not there is 0. Raises ValueError for nonsense."""
        reached = cls(
            step=int(metadata.get("run_step", 0)),
            epoch=int(metadata.get("run_epoch", 0)),
            num_epochs=int(metadata.get("run_num_epochs", 0)),
            seconds=float(metadata.get("run_seconds", 0)),
        )
        if not all(0 <= value <= MOST_REACHED for value in vars(reached).values()):
            raise ValueError("no training has reached this")
        return reached
