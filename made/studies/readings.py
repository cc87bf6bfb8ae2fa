"""One look at each run of a comparison: its settings, its epochs, its figures.

Everything is read from the run folders; nothing here needs torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from made import datasets
from made.base.errors import MadeError
from made.runs.folder import Run
from made.runs.records import EpochRecord, Result
from made.setups.checks import no_effect
from made.setups.config import ExperimentConfig

SEEDS = ("data_seed", "mask_seed", "seed")


@dataclass(frozen=True)
class Measure:
    """What cells are judged by, in nats: the lower, the better.

    epoch_key, result_key: its names in the record of an epoch and among the test figures.
    """

    title: str
    unit: str
    epoch_key: str
    result_key: str

    @property
    def is_exact(self) -> bool:
        """Whether it is computed over all states, so that no test set makes it uncertain."""
        return self.epoch_key == "kl_nats"


KL = Measure("KL to the truth", "nats", "kl_nats", "kl_nats")
NLL = Measure("NLL", "nats / example", "validation_nll", "nll_nats")
RECONSTRUCTION = Measure(
    "Reconstruction", "nats / example", "validation_nll", "reconstruction_nats"
)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One look at one run. settings: those of its fields that have an effect."""

    run: Run
    label: str
    config: ExperimentConfig
    settings: Mapping[str, Any]
    state: str
    epochs: tuple[EpochRecord, ...]
    result: Result

    @cached_property
    def best(self) -> EpochRecord | None:
        """The record of the epoch with the best validation figure so far."""
        return next((record for record in reversed(self.epochs) if record["is_best"]), None)

    @property
    def first_epoch(self) -> int:
        return self.epochs[0]["epoch"] if self.epochs else 0

    @property
    def num_epochs(self) -> int:
        return self.epochs[-1]["epoch"] if self.epochs else 0

    @property
    def seeds(self) -> tuple[int, ...]:
        flat = self.config.flat()
        return tuple(flat[name] for name in SEEDS)

    def at_best(self, measure: Measure) -> float | None:
        """The test figure, or before there is one that of the best epoch so far."""
        found = self.result.get(measure.result_key)
        if found is None and self.best is not None:
            found = self.best.get(measure.epoch_key)
        return found if isinstance(found, int | float) else None

    def error_over_examples(self, measure: Measure) -> float | None:
        """The standard error of the test figure; none of what is computed exactly."""
        error = None if measure.is_exact else self.result.get("nll_standard_error")
        return error if isinstance(error, int | float) else None

    def at(self, measure: Measure, epoch: int) -> float | None:
        """The figure after an epoch; after the last one, its."""
        earlier = [record for record in self.epochs if record["epoch"] <= epoch]
        found = earlier[-1].get(measure.epoch_key) if earlier else None
        return found if isinstance(found, int | float) else None


def read(run: Run) -> Reading:
    """Read one run. Raises MadeError where it is gone or broken."""
    config, state = run.config, run.state
    silent: Mapping[str, str] = {}
    with suppress(MadeError):
        silent = no_effect(config, datasets.info(config.data))
    return Reading(
        run=run,
        label=run.label,
        config=config,
        settings={name: value for name, value in config.flat().items() if name not in silent},
        state=state,
        epochs=tuple(run.epochs()),
        result=run.result or Result(),
    )


def measure_of(readings: Sequence[Reading]) -> Measure:
    """The exact KL where all have one, else the NLL; of plain autoencoders the reconstruction."""
    if not all(reading.config.has_density for reading in readings):
        return RECONSTRUCTION
    has_truth = all(reading.at_best(KL) is not None for reading in readings if reading.epochs)
    return KL if has_truth and any(reading.epochs for reading in readings) else NLL
