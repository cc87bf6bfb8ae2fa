"""One step of training: the loss of a minibatch, its gradient, and a move against it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from made.training.schedules import Average, Schedule

if TYPE_CHECKING:
    from made.model.conditionals import Conditionals
    from made.setups.config import ExperimentConfig

NOISE_STREAM = 2
FUSED_OPTIMIZERS = ("Adam", "AdamW", "SGD", "Adagrad")


class TrainingStep:
    """What is done with one minibatch, in the two halves that a CUDA graph tells apart.

    `prepare` is what the host decides: the noise, the learning rate, the pace of the average.
    `execute` is what the device does, and nothing in it waits for the host.
    is_capturable: whether all that `prepare` decides reaches the device in tensors.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        model: Conditionals,
        num_steps: int,
        *,
        is_capturable: bool = False,
    ):
        self.config, self.model = config, model
        self.is_capturable = is_capturable
        self.noise = torch.Generator(model.device)
        self.schedule = Schedule(config.training, num_steps)
        self.average = Average(model, self.config.training.ema_decay, is_capturable=is_capturable)

    @cached_property
    def optimizer(self) -> torch.optim.Optimizer:
        """Made for the first minibatch: torch loads a second's worth of code for it, and the
        untrained model can be shown before."""
        return build_optimizer(self.config, self.model, is_capturable=self.is_capturable)

    def __call__(self, rows: Tensor, step: int) -> Tensor:
        """Do step 0, 1, … with integers (B, D). Returns the loss before it, nats per example."""
        self.prepare(step)
        return self.execute(rows, self.model.bank.index_at(step))

    def prepare(self, step: int) -> None:
        if self.config.model.dropout:
            self.noise.manual_seed(mix(self.config.training.seed, NOISE_STREAM, step))
        rate = self.schedule(step)
        for group in self.optimizer.param_groups:
            if isinstance(group["lr"], Tensor):
                group["lr"].fill_(rate)
            else:
                group["lr"] = rate
        self.average.prepare(step)

    def execute(self, rows: Tensor, mask_set: int) -> Tensor:
        with self.model.trusted(), self._products():
            loss = self.loss(rows.long(), mask_set)
            self.optimizer.zero_grad()
            loss.backward()
        if self.config.training.gradient_clip:
            torch.nn.utils.clip_grad_norm_(
                self.model.parameters(), self.config.training.gradient_clip
            )
        self.optimizer.step()
        self.average.follow()
        return loss.detach()

    def take_over(self, before: TrainingStep) -> None:
        """Go on where another step of the same model stands, with what its optimiser keeps."""
        if "optimizer" in before.__dict__:
            state = before.optimizer.state_dict()["state"]
            groups = self.optimizer.state_dict()["param_groups"]
            self.optimizer.load_state_dict({"state": state, "param_groups": groups})
        self.average.values = before.average.values

    def loss(self, rows: Tensor, mask_set: int) -> Tensor:
        """Mean NLL of rows, int64 (B, D), under one mask set."""
        return -self.model.conditional_log_prob(rows, mask_set, self.noise).sum(dim=1).mean()

    @contextmanager
    def _products(self) -> Iterator[None]:
        """Let CUDA multiply float32 as TF32 (10 bits of mantissa, sums in float32), as cuBLAS
        does by `torch.set_float32_matmul_precision("high")`.

        Only here: whatever is measured is measured in full float32.
        """
        if self.model.device.type != "cuda" or self.config.training.precision != "float32":
            yield
            return
        before = torch.get_float32_matmul_precision()
        torch.set_float32_matmul_precision("high")
        try:
            yield
        finally:
            torch.set_float32_matmul_precision(before)


def build_optimizer(
    config: ExperimentConfig, model: Conditionals, *, is_capturable: bool = False
) -> torch.optim.Optimizer:
    """The optimiser of torch.optim that the configuration names, fused where torch can.

    is_capturable: for a CUDA graph, which needs the learning rate in a tensor.
    """
    training = config.training
    extra = {"fused": True} if training.optimizer in FUSED_OPTIMIZERS else {}
    rate: float | Tensor = training.learning_rate
    if is_capturable:
        extra["capturable"] = True
        rate = torch.tensor(rate, device=model.device)
    return getattr(torch.optim, training.optimizer)(
        model.parameters(), lr=rate, weight_decay=training.weight_decay, **extra
    )


def mix(*numbers: int) -> int:
    """One 63-bit seed out of several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> 1)
