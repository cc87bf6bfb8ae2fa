"""The training loop, a generator of progress.

All randomness is a function of (seed, epoch) or (seed, step), so a run that goes on from a
checkpoint draws what it would have drawn without the interruption.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from made.density import evaluation
from made.density.density import model_of
from made.density.likelihood import unchanged
from made.model.network import MADE
from made.setups.build import build_network
from made.setups.changes import Change, news
from made.setups.orderings import found_sequence
from made.training.epoch_pictures import epoch_samples
from made.training.events import EpochEnd, Event, Finished, Progress
from made.training.failures import TrainingFailure, is_out_of_memory, memory_sentence
from made.training.finite import finite_losses, require_finite_nll, require_finite_state
from made.training.graphs import build_step
from made.training.pace import Pace, Remaining
from made.training.path import EnginePath
from made.training.slow_motion import SlowMotion, is_small_joint
from made.training.state import BestWeights, TrainingState
from made.training.steps import mix
from made.training.timeline import Timeline
from made.training.weight_sizes import weight_sizes

if TYPE_CHECKING:
    from made.datasets import Dataset
    from made.setups.config import ExperimentConfig
    from made.training.steps import TrainingStep

REPORT_SECONDS = 0.5
ORDER_STREAM = 1


class Trainer:
    """Minimises the mean NLL of minibatches with an optimiser of torch.optim.

    The whole dataset lies on the device as small integers; a minibatch is one index operation.
    state: what an earlier `state()` returned, to go on as if never stopped. changes: settings that
    are changed on the way, each at its step; `change` adds one. weights: those to begin with, by
    their names, of a network of the same shapes; by default drawn from the seed.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        dataset: Dataset,
        device: str = "cpu",
        state: TrainingState | None = None,
        changes: Sequence[Change] = (),
        weights: Mapping[str, Tensor] | None = None,
    ):
        self.step = 0 if state is None else state.step
        self.epoch = 0 if state is None else state.epoch
        self.dataset = dataset
        self.device = torch.device(device)
        self.train_rows = evaluation.split_tensor(dataset, "train", self.device)
        self.validation_rows = evaluation.split_tensor(dataset, "validation", self.device)
        # What was found when the run began stays, whatever becomes of the data.
        self.sequence = found_sequence(config, dataset) if state is None else state.sequence
        self.timeline = Timeline(config, len(self.train_rows), changes)
        self.config = config
        self.network = build_network(config, dataset.info, self.sequence)
        self.network.start_at_marginals(category_counts(dataset.train, dataset.num_categories))
        if weights is not None:
            self.network.load_state_dict(weights)
        self.network.to(self.device)
        self.model = model_of(self.network, image_shape=dataset.image_shape)
        self._take_settings()
        self.training_step = self._build_step(self.timeline.num_steps(self.step))
        self.average = self.training_step.average
        self.best_epoch = 0
        self.best_nll = math.inf
        self.best: dict[str, Tensor] = {}
        self.epoch_loss = 0.0
        self.remaining = Remaining()
        self.is_stepped = False
        self.slow_motion: SlowMotion | None = None
        if state is not None:
            self._restore(state.to(self.device))

    @property
    def path(self) -> EnginePath:
        """Which way the minibatches are computed."""
        is_made = self.config.model.model == "made"
        return EnginePath(
            device=str(self.device),
            precision=self.config.training.precision if is_made else "float32",
            num_mask_sets=self.network.bank.cycle,
            is_sorted=getattr(self.network, "is_sorted", False) and self.network.has_density,
            is_graph=self.is_graph,
            num_processes=self.config.training.num_devices,
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

    def events(self) -> Generator[Event, None, None]:
        """Train until all epochs are done or the look-ahead is used up.

        Between two events `state()` is consistent and includes all steps reported so far.
        Raises TrainingFailure for a loss that is no number and for a device out of memory.
        """
        with self._memory_named():
            if self.epoch == 0 and self.step == 0 and not self.best:
                yield self._end_epoch()
            while True:
                self._take_changes()
                if self._is_over():
                    break
                yield from self._train_epoch()
                yield self._end_epoch()
            yield self._finish()

    def change(self, values: Mapping[str, Any]) -> Change | None:
        """Go on with some settings changed, from the next minibatch on; what that comes to.

        Between two events. None where all of them hold already. Raises MadeError, and changes
        nothing, where one of them cannot change.
        """
        different = news(self.timeline.config_at(self.step), values)
        if not different:
            return None
        change = Change(self.step, different)
        self.timeline.add(change)
        return change

    def step_by_step(self, is_on: bool) -> None:
        """Tell of every single minibatch from now on, or again now and then; between two events.

        Of a small joint each is told with what it did to the density.
        """
        if is_on and not self.is_stepped and is_small_joint(self.model, self.dataset):
            self.slow_motion = SlowMotion(self.model, self.average)
        if is_on:
            # A step is answered at once: what it needs is loaded while the run stands.
            _ = self.optimizer
        if not is_on:
            self.slow_motion = None
        self.is_stepped = is_on

    def _take_changes(self) -> None:
        """Go on with the settings that hold at this step."""
        if self._num_taken == len(self.timeline.changes):
            return
        if self.timeline.changes[self._num_taken].step > self.step:
            return
        self._take_settings()
        before = self.training_step
        self.training_step = self._build_step(self.timeline.num_steps(self.step))
        self.training_step.take_over(before)
        self.average = self.training_step.average

    def _take_settings(self) -> None:
        """Read the plan at this step."""
        changes = self.timeline.changes
        self.config = self.timeline.config_at(self.step)
        self._num_taken = sum(change.step <= self.step for change in changes)
        if isinstance(self.network, MADE):
            self.network.dropout = self.config.model.dropout

    def _train_epoch(self) -> Iterator[Progress]:
        """Take all steps of an epoch, or those left of it, and tell of them now and then."""
        pace = Pace(self.step)
        losses: list[Tensor] = []
        self.network.train()
        # The steps trust the weights to be masked, whoever has written to them before.
        self.network.hide_weights()
        for rows in self._minibatches():
            self._take_changes()
            losses.append(self._train_step(rows))
            self.step += 1
            if self._is_last_step() or self._is_due(pace.since_report(), len(losses)):
                was_stepped = self.is_stepped
                yield self._report(losses, rows, pace)
                losses = []
                pace.report()
                if was_stepped or self.is_stepped:
                    # Neither the time nor the weights are those of before.
                    pace = Pace(self.step)
                    self.network.hide_weights()
                self.network.train()

    def _minibatches(self) -> Iterator[Tensor]:
        """What is left of the epoch's minibatches, integers (B, D)."""
        size, start = self.timeline.batch_size(self.epoch), self.timeline.start(self.epoch)
        order = self._data_order(self.epoch)
        for batch in range(self.step - start, self.timeline.start(self.epoch + 1) - start):
            yield self.train_rows[order[batch * size : (batch + 1) * size]]

    def _train_step(self, rows: Tensor) -> Tensor:
        return self.training_step(rows, self.step)

    def _is_last_step(self) -> bool:
        return self.step == self.timeline.start(self.epoch + 1)

    def _is_due(self, seconds: float, num_steps: int) -> bool:
        """Whether to report, so long and so many minibatches after the last report."""
        return self.is_stepped or seconds >= REPORT_SECONDS

    def _data_order(self, epoch: int) -> Tensor:
        generator = torch.Generator().manual_seed(
            mix(self.config.training.seed, ORDER_STREAM, epoch)
        )
        return torch.randperm(len(self.train_rows), generator=generator).to(self.device)

    def _report(self, losses: list[Tensor], rows: Tensor, pace: Pace) -> Progress:
        """Tell of the latest minibatches, of which the last one has these rows."""
        size = self.timeline.batch_size(self.epoch)
        num_steps = self.timeline.num_steps(self.step)
        values = self._checked(torch.stack(losses))
        self._require_finite_state()
        examples = np.full(len(values), size, np.float64)
        examples[-1] = len(rows)
        self.epoch_loss += float(values @ examples)
        rate = pace.rate(self.step)
        # The pace of single minibatches tells nothing.
        seconds_left = (
            None if self.is_stepped else self.remaining.seconds(num_steps - self.step, rate)
        )
        moment = None
        if self.slow_motion is not None:
            place = {"epoch": self.epoch + 1, "batch": self.step - self.timeline.start(self.epoch)}
            moment = self.slow_motion.after(rows, self.average, step=self.step, **place)
        return Progress(
            self.epoch + 1,
            self.step,
            values,
            rate * size,
            seconds_left,
            ends_epoch=self._is_last_step(),
            moment=moment,
        )

    def _checked(self, losses: Tensor) -> np.ndarray:
        return finite_losses(losses, self.step)

    def _require_finite_state(self) -> None:
        require_finite_state(self.network, self.optimizer, self.step)

    def _end_epoch(self) -> EpochEnd:
        """Measure the model, keep it if it is the best so far, and draw what is shown."""
        figures: dict[str, float] = {}
        if self.step:
            self.epoch += 1
            figures["train_nll"] = self.epoch_loss / len(self.train_rows)
        self.epoch_loss = 0.0
        with self.average.in_place(), unchanged(self.network):
            is_best, samples = self._measure(figures)
        return EpochEnd(self.epoch, self.step, figures, is_best, samples)

    def _measure(self, figures: dict[str, float]) -> tuple[bool, dict[str, np.ndarray]]:
        """Add the figures of this epoch; whether they are the best so far, and samples."""
        nll = evaluation.mean_nll(self.model, self.validation_rows)
        require_finite_nll(nll, self.epoch, self.step)
        figures["validation_nll"] = nll
        figures |= evaluation.exact_figures(self.model, self.dataset)
        figures |= weight_sizes(self.network)
        is_best = nll < self.best_nll
        if is_best:
            self.best_nll, self.best_epoch = nll, self.epoch
            self.best = {name: value.clone() for name, value in self.network.state_dict().items()}
        return is_best, epoch_samples(self.model, self.dataset, self.config.training.seed)

    def _is_over(self) -> bool:
        return self.epoch >= self.config.training.epochs or self._is_stalled()

    def _is_stalled(self) -> bool:
        waited = self.epoch - max(self.best_epoch, self.timeline.extended(self.step))
        return bool(self.config.training.look_ahead) and waited >= self.config.training.look_ahead

    def _finish(self) -> Finished:
        latest = {name: value.clone() for name, value in self.network.state_dict().items()}
        self.network.load_state_dict(self.best)
        measured = evaluation.measure(self.model, self.dataset, "test")
        self.network.load_state_dict(latest)
        figures = measured.figures | {
            "validation_nll": self.best_nll,
            "best_epoch": self.best_epoch,
            "num_parameters": sum(value.numel() for value in self.best.values()),
        }
        ended = f"all {self.epoch} epochs done"
        if self._is_stalled():
            ended = f"early stopping after epoch {self.epoch}"
        return Finished(f"{ended}, best epoch {self.best_epoch}", figures, measured.log_probs)

    def state(self) -> TrainingState:
        """Everything an exact resume needs."""
        return TrainingState(
            weights=self.network.state_dict(),
            best=self.best,
            average=self.average.values,
            optimizer=self.optimizer.state_dict()["state"] if self.step else {},
            step=self.step,
            epoch=self.epoch,
            epoch_loss=self.epoch_loss,
            best_epoch=self.best_epoch,
            best_nll=self.best_nll,
            sequence=self.sequence,
        )

    def best_weights(self) -> BestWeights:
        """The weights of the epoch with the lowest validation NLL, and which one that was."""
        return BestWeights(
            weights=self.best,
            epoch=self.best_epoch,
            validation_nll=self.best_nll,
            sequence=self.sequence,
        )

    def close(self) -> None:
        """Nothing: all that it holds is memory."""

    def _restore(self, state: TrainingState) -> None:
        self.network.load_state_dict(state.weights)
        self.best = dict(state.best)
        self.average.values = state.average
        self.epoch_loss = state.epoch_loss
        self.best_epoch, self.best_nll = state.best_epoch, state.best_nll
        if self.step:
            groups = self.optimizer.state_dict()["param_groups"]
            self.optimizer.load_state_dict({"state": state.optimizer, "param_groups": groups})

    @contextmanager
    def _memory_named(self) -> Iterator[None]:
        """Raises TrainingFailure where memory runs out."""
        try:
            yield
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            raise TrainingFailure(memory_sentence(str(self.device)), self.step) from None


def category_counts(rows: np.ndarray, num_categories: int) -> Tensor:
    """How often each variable takes each value. rows: (N, D). Returns float64 (D, K)."""
    counts = [np.bincount(column, minlength=num_categories) for column in rows.T]
    return torch.from_numpy(np.stack(counts).astype(np.float64))
