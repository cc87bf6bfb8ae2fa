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
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from made import evaluation, likelihood
from made.errors import MadeError
from made.model import AutoregressiveModel, build_model
from made.snapshots import epoch_samples

if TYPE_CHECKING:
    from made.config import ExperimentConfig
    from made.datasets import Dataset

REPORT_SECONDS = 0.5
ORDER_STREAM, NOISE_STREAM = 1, 2
OUT_OF_MEMORY = ("not enough memory", "can't allocate memory")
FUSED_OPTIMIZERS = ("Adam", "AdamW", "SGD", "Adagrad")

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
        self.model = build_model(config, dataset.info)
        self.model.start_at_marginals(category_counts(dataset.train, dataset.num_categories))
        self.model.to(self.device)
        self.noise = torch.Generator(self.device)
        self.steps_per_epoch = math.ceil(len(self.train_rows) / self.settings.batch_size)
        self.step = 0
        self.epoch = 0
        self.best_epoch = 0
        self.best_nll = math.inf
        self.best: dict[str, Tensor] = {}
        self.epoch_loss = 0.0
        self.seconds = 0.0
        if state is not None:
            self._restore(*state)

    @cached_property
    def optimizer(self) -> torch.optim.Optimizer:
        """Made for the first minibatch: torch loads a second's worth of code for it, and the
        untrained model can be shown before."""
        return build_optimizer(self.config, self.model)

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
        self.model.train()
        for batch in range(first, self.steps_per_epoch):
            rows = self.train_rows[order[batch * size : (batch + 1) * size]].long()
            pending.append(self._train_step(rows))
            self.step += 1
            now = time.perf_counter()
            is_last = batch == self.steps_per_epoch - 1
            if now - reported >= REPORT_SECONDS or is_last:
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
                self.model.train()

    def _train_step(self, rows: Tensor) -> Tensor:
        self.noise.manual_seed(_mix(self.settings.seed, NOISE_STREAM, self.step))
        self._set_learning_rate()
        mask_set = self.model.bank.index_at(self.step)
        loss = -self.model.conditional_log_prob(rows, mask_set, self.noise).sum(dim=1).mean()
        self.optimizer.zero_grad()
        loss.backward()
        if self.settings.gradient_clip:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.settings.gradient_clip)
        self.optimizer.step()
        return loss.detach()

    def _data_order(self, epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(_mix(self.settings.seed, ORDER_STREAM, epoch))
        return torch.randperm(len(self.train_rows), generator=generator).to(self.device)

    def _set_learning_rate(self) -> None:
        rate = self.settings.learning_rate
        if self.settings.schedule == "cosine":
            share = self.step / (self.settings.epochs * self.steps_per_epoch)
            rate *= 0.5 * (1 + math.cos(math.pi * share))
        for group in self.optimizer.param_groups:
            group["lr"] = rate

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
        tensors, _ = self.state()
        # A sum is finite only if its terms are, and takes one pass over the memory. Some optimisers
        # keep their step count on the CPU.
        sums = torch.stack([tensor.sum().to(self.device) for tensor in tensors.values()])
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
        nll = likelihood.mean_nll(self.model, self.validation_rows)
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
            self.best = {name: value.clone() for name, value in self.model.state_dict().items()}
        samples = epoch_samples(self.model, self.dataset, self.settings.seed)
        self.seconds += time.perf_counter() - started
        figures["seconds"] = self.seconds
        return EpochEnd(self.epoch, self.step, figures, is_best, samples)

    def _is_over(self) -> bool:
        return self.epoch >= self.settings.epochs or self._is_stalled()

    def _is_stalled(self) -> bool:
        waited = self.epoch - self.best_epoch
        return bool(self.settings.look_ahead) and waited >= self.settings.look_ahead

    def _finish(self) -> Finished:
        latest = {name: value.clone() for name, value in self.model.state_dict().items()}
        self.model.load_state_dict(self.best)
        figures = evaluation.evaluate(self.model, self.dataset, "test")
        self.model.load_state_dict(latest)
        figures |= {
            "validation_nll": self.best_nll,
            "best_epoch": self.best_epoch,
            "num_parameters": sum(p.numel() for p in self.model.parameters()),
            "seconds": self.seconds,
        }
        if self._is_stalled():
            return Finished(
                f"early stopping after epoch {self.epoch}, best epoch {self.best_epoch}", figures
            )
        return Finished(f"all {self.epoch} epochs done, best epoch {self.best_epoch}", figures)

    def state(self) -> State:
        """Everything an exact resume needs, as tensors and text, without any pickle."""
        tensors = {f"model.{name}": value for name, value in self.model.state_dict().items()}
        tensors |= {f"best.{name}": value for name, value in self.best.items()}
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
        parts: dict[str, dict[str, Tensor]] = {"model": {}, "best": {}, "optimizer": {}}
        for name, value in tensors.items():
            part, _, key = name.partition(".")
            parts[part][key] = value.to(self.device)
        self.model.load_state_dict(parts["model"])
        self.best = parts["best"]
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


def build_optimizer(config: ExperimentConfig, model: AutoregressiveModel) -> torch.optim.Optimizer:
    """The optimiser of torch.optim that the configuration names, fused where torch can."""
    settings = config.training
    extra = {"fused": True} if settings.optimizer in FUSED_OPTIMIZERS else {}
    return getattr(torch.optim, settings.optimizer)(
        model.parameters(),
        lr=settings.learning_rate,
        weight_decay=settings.weight_decay,
        **extra,
    )


def category_counts(rows: np.ndarray, num_categories: int) -> Tensor:
    """How often each variable takes each value. rows: (N, D). Returns float64 (D, K)."""
    counts = [np.bincount(column, minlength=num_categories) for column in rows.T]
    return torch.from_numpy(np.stack(counts).astype(np.float64))


def _mix(*numbers: int) -> int:
    """One 63-bit seed out of several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1)
