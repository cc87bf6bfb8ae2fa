"""The training loop, a generator of progress.

All randomness is a function of (seed, epoch) or (seed, step), so a run that goes on from a
checkpoint draws what it would have drawn without the interruption.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from made.base.errors import MadeError
from made.density import evaluation
from made.density.density import model_of
from made.setups.build import build_network
from made.training.epoch_pictures import epoch_samples
from made.training.graphs import build_step
from made.training.path import EnginePath
from made.training.steps import mix

if TYPE_CHECKING:
    from made.datasets import Dataset
    from made.setups.config import ExperimentConfig
    from made.training.steps import TrainingStep

REPORT_SECONDS = 0.5
ORDER_STREAM = 1
OUT_OF_MEMORY = ("not enough memory", "can't allocate memory")

State = tuple[dict[str, Tensor], dict[str, str]]


@dataclass(frozen=True)
class Progress:
    """Minibatches that were done since the last event.

    step: minibatches since the start of the run. losses: float32, nats per example.
    """

    epoch: int
    step: int
    losses: np.ndarray
    examples_per_second: float
    seconds_left: float | None


@dataclass(frozen=True)
class EpochEnd:
    """An epoch is over and the model was measured; epoch 0 is the model before any training."""

    epoch: int
    step: int
    figures: dict[str, float]
    is_best: bool
    samples: dict[str, np.ndarray]


@dataclass(frozen=True)
class Finished:
    """The run is over; figures are those of the best checkpoint on the test split."""

    reason: str
    figures: dict[str, float]


Event = Progress | EpochEnd | Finished


class TrainingFailure(MadeError):
    """Training cannot go on; the last good checkpoint stays."""

    def __init__(self, cause: str, step: int):
        super().__init__(f"{cause} The last good checkpoint is kept.")
        self.cause = cause
        self.step = step


class Trainer:
    """Minimises the mean NLL of minibatches with an optimiser of torch.optim.

    The whole dataset lies on the device as small integers; a minibatch is one index operation.
    state: what an earlier `state()` returned, to go on as if never stopped.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        dataset: Dataset,
        device: str = "cpu",
        state: State | None = None,
    ):
        self.config = config
        self.settings = config.training
        self.dataset = dataset
        self.device = torch.device(device)
        self.train_rows = evaluation.split_tensor(dataset, "train", self.device)
        self.validation_rows = evaluation.split_tensor(dataset, "validation", self.device)
        self.network = build_network(config, dataset.info)
        self.network.start_at_marginals(category_counts(dataset.train, dataset.num_categories))
        self.network.to(self.device)
        self.model = model_of(self.network, image_shape=dataset.image_shape)
        self.steps_per_epoch = math.ceil(len(self.train_rows) / self.settings.batch_size)
        self.training_step = self._build_step(self.settings.epochs * self.steps_per_epoch)
        self.average = self.training_step.average
        self.step = 0
        self.epoch = 0
        self.best_epoch = 0
        self.best_nll = math.inf
        self.best: dict[str, Tensor] = {}
        self.epoch_loss = 0.0
        self.seconds = 0.0
        if state is not None:
            self._restore(*state)

    @property
    def path(self) -> EnginePath:
        """Which way the minibatches are computed."""
        is_made = self.config.model.model == "made"
        return EnginePath(
            device=str(self.device),
            precision=self.settings.precision if is_made else "float32",
            num_mask_sets=self.network.bank.cycle,
            is_sorted=getattr(self.network, "is_sorted", False) and self.network.has_density,
            is_graph=self.is_graph,
            num_processes=self.settings.num_devices,
        )

    @property
    def is_graph(self) -> bool:
        """Whether whole steps are replayed as CUDA graphs."""
        return getattr(self.training_step, "is_graph", False)

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        return self.training_step.optimizer

    def _build_step(self, num_steps: int) -> TrainingStep:
        return build_step(self.config, self.network, num_steps)

    def events(self) -> Iterator[Event]:
        """Train until all epochs are done or the look-ahead is used up.

        Between two events `state()` is consistent and includes all steps reported so far.
        Raises TrainingFailure for a loss that is no number and for a device out of memory.
        """
        try:
            if self.epoch == 0 and self.step == 0 and not self.best:
                yield self._end_epoch()
            while not self._is_over():
                yield from self._train_epoch()
                yield self._end_epoch()
            yield self._finish()
        except (torch.OutOfMemoryError, MemoryError):
            raise TrainingFailure(self._memory_sentence(), self.step) from None
        except RuntimeError as error:
            if not any(words in str(error) for words in OUT_OF_MEMORY):
                raise
            raise TrainingFailure(self._memory_sentence(), self.step) from None

    def _train_epoch(self) -> Iterator[Progress]:
        size = self.settings.batch_size
        order = self._data_order(self.epoch)
        first = self.step - self.epoch * self.steps_per_epoch
        pending: list[Tensor] = []
        started = reported = time.perf_counter()
        started_at = self.step
        self.network.train()
        # The steps trust the weights to be masked, whoever has written to them before.
        self.network.hide_weights()
        for batch in range(first, self.steps_per_epoch):
            rows = self.train_rows[order[batch * size : (batch + 1) * size]]
            pending.append(self._train_step(rows))
            self.step += 1
            now = time.perf_counter()
            is_last = batch == self.steps_per_epoch - 1
            if is_last or self._is_due(now - reported, len(pending)):
                losses = self._checked(torch.stack(pending))
                pending = []
                self._require_finite_state()
                examples = np.full(len(losses), size, np.float64)
                if is_last:
                    examples[-1] = len(rows)
                self.epoch_loss += float(losses @ examples)
                now = time.perf_counter()
                self.seconds += now - reported
                rate = (self.step - started_at) / (now - started)
                left = (self.settings.epochs * self.steps_per_epoch - self.step) / rate
                yield Progress(self.epoch + 1, self.step, losses, rate * size, left)
                reported = time.perf_counter()
                self.network.train()

    def _train_step(self, rows: Tensor) -> Tensor:
        return self.training_step(rows, self.step)

    def _is_due(self, seconds: float, num_steps: int) -> bool:
        """Whether to report, so long and so many minibatches after the last report."""
        return seconds >= REPORT_SECONDS

    def _data_order(self, epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(mix(self.settings.seed, ORDER_STREAM, epoch))
        return torch.randperm(len(self.train_rows), generator=generator).to(self.device)

    def _checked(self, losses: Tensor) -> np.ndarray:
        values = losses.float().cpu().numpy()
        broken = np.flatnonzero(~np.isfinite(values))
        if len(broken):
            step = self.step - len(values) + int(broken[0]) + 1
            raise TrainingFailure(
                f"The loss of minibatch {step} is {values[broken[0]]}: the weights ran away. "
                "Lower the learning rate or clip the gradient.",
                step,
            )
        return values

    def _require_finite_state(self) -> None:
        """A loss is measured before its step, which may still ruin the weights."""
        kept = [value for values in self.optimizer.state.values() for value in values.values()]
        tensors = [*self.network.parameters(), *(value for value in kept if torch.is_tensor(value))]
        # A sum is finite only if its terms are, and takes one pass over the memory. Some optimisers
        # keep their step count on the CPU.
        sums = torch.stack([tensor.detach().sum().to(self.device) for tensor in tensors])
        if not sums.isfinite().all():
            raise TrainingFailure(
                f"The weights after minibatch {self.step} are too large: they ran away. "
                "Lower the learning rate or clip the gradient.",
                self.step,
            )

    def _end_epoch(self) -> EpochEnd:
        """Measure the model, keep it if it is the best so far, and draw what is shown."""
        started = time.perf_counter()
        figures: dict[str, float] = {}
        if self.step:
            self.epoch += 1
            figures["train_nll"] = self.epoch_loss / len(self.train_rows)
        self.epoch_loss = 0.0
        with self.average.in_place():
            is_best, samples = self._measure(figures)
        self.seconds += time.perf_counter() - started
        figures["seconds"] = self.seconds
        return EpochEnd(self.epoch, self.step, figures, is_best, samples)

    def _measure(self, figures: dict[str, float]) -> tuple[bool, dict[str, np.ndarray]]:
        """Add the figures of this epoch; whether they are the best so far, and samples."""
        nll = evaluation.mean_nll(self.model, self.validation_rows)
        if not math.isfinite(nll):
            raise TrainingFailure(
                f"The validation loss after epoch {self.epoch} is {nll}: the weights ran away. "
                "Lower the learning rate or clip the gradient.",
                self.step,
            )
        figures["validation_nll"] = nll
        figures |= evaluation.exact_figures(self.model, self.dataset)
        is_best = nll < self.best_nll
        if is_best:
            self.best_nll, self.best_epoch = nll, self.epoch
            self.best = {name: value.clone() for name, value in self.network.state_dict().items()}
        return is_best, epoch_samples(self.model, self.dataset, self.settings.seed)

    def _is_over(self) -> bool:
        return self.epoch >= self.settings.epochs or self._is_stalled()

    def _is_stalled(self) -> bool:
        waited = self.epoch - self.best_epoch
        return bool(self.settings.look_ahead) and waited >= self.settings.look_ahead

    def _finish(self) -> Finished:
        latest = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.network.load_state_dict(self.best)
        figures = evaluation.evaluate(self.model, self.dataset, "test")
        self.network.load_state_dict(latest)
        figures |= {
            "validation_nll": self.best_nll,
            "best_epoch": self.best_epoch,
            "num_parameters": sum(value.numel() for value in self.best.values()),
            "seconds": self.seconds,
        }
        if self._is_stalled():
            return Finished(
                f"early stopping after epoch {self.epoch}, best epoch {self.best_epoch}", figures
            )
        return Finished(f"all {self.epoch} epochs done, best epoch {self.best_epoch}", figures)

    def state(self) -> State:
        """Everything an exact resume needs, as tensors and text, without any pickle."""
        tensors = {f"model.{name}": value for name, value in self.network.state_dict().items()}
        tensors |= {f"best.{name}": value for name, value in self.best.items()}
        tensors |= {f"average.{i}": value for i, value in enumerate(self.average.values)}
        scalars: dict[str, dict[str, float]] = {}
        optimizer = self.optimizer.state_dict()["state"] if self.step else {}
        for index, values in optimizer.items():
            for name, value in values.items():
                if isinstance(value, Tensor):
                    tensors[f"optimizer.{index}.{name}"] = value
                else:
                    scalars.setdefault(str(index), {})[name] = value
        position = {
            "step": self.step,
            "epoch": self.epoch,
            "epoch_loss": self.epoch_loss,
            "best_epoch": self.best_epoch,
            "best_nll": self.best_nll,
            "seconds": self.seconds,
        }
        metadata = {name: json.dumps(value) for name, value in position.items()}
        return tensors, metadata | {"optimizer_scalars": json.dumps(scalars)}

    def best_weights(self) -> State:
        """The weights of the epoch with the lowest validation NLL, and which one that was."""
        return self.best, {
            "epoch": json.dumps(self.best_epoch),
            "validation_nll": json.dumps(self.best_nll),
        }

    def _restore(self, tensors: dict[str, Tensor], metadata: dict[str, str]) -> None:
        parts: dict[str, dict[str, Tensor]] = {
            "model": {},
            "best": {},
            "average": {},
            "optimizer": {},
        }
        for name, value in tensors.items():
            part, _, key = name.partition(".")
            parts[part][key] = value.to(self.device)
        self.network.load_state_dict(parts["model"])
        self.best = parts["best"]
        self.average.values = [parts["average"][str(i)] for i in range(len(parts["average"]))]
        for name in ("step", "epoch", "epoch_loss", "best_epoch", "best_nll", "seconds"):
            setattr(self, name, json.loads(metadata[name]))
        if self.step:
            self._restore_optimizer(parts["optimizer"], json.loads(metadata["optimizer_scalars"]))

    def _restore_optimizer(
        self, tensors: dict[str, Tensor], scalars: dict[str, dict[str, float]]
    ) -> None:
        state = {int(index): dict(values) for index, values in scalars.items()}
        for name, value in tensors.items():
            index, _, key = name.partition(".")
            state.setdefault(int(index), {})[key] = value
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})

    def _memory_sentence(self) -> str:
        return (
            f"The memory of {self.device} is used up. "
            "Take a smaller batch, smaller hidden layers or another device."
        )


def category_counts(rows: np.ndarray, num_categories: int) -> Tensor:
    """How often each variable takes each value. rows: (N, D). Returns float64 (D, K)."""
    counts = [np.bincount(column, minlength=num_categories) for column in rows.T]
    return torch.from_numpy(np.stack(counts).astype(np.float64))
