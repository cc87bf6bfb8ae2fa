"""One of the processes that share each minibatch of a run, started by torchrun.

    torchrun … --module made.training.ranks FOLDER

Every process has the whole data and the whole model. Each takes its slice of the same minibatches
and the gradients are added up, so the weights stay the same in all, and are those of one process
with the whole minibatch, up to rounding (Li et al., "PyTorch Distributed", VLDB 2020). The first
process (rank 0) measures, decides when to report and to stop, and answers the worker.
"""

from __future__ import annotations

import json
import math
import os
import select
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from made import datasets
from made.base.errors import MadeError
from made.base.tensors import load_tensors
from made.base.threads import tiny_as_zero
from made.model.conditionals import Conditionals
from made.setups import extensions
from made.setups.config import ExperimentConfig
from made.training.events import Event, Finished
from made.training.parallel import pack, pack_event, pack_stored
from made.training.state import TrainingState
from made.training.steps import TrainingStep
from made.training.trainer import Trainer

# How often the clock of rank 0 is asked, for which all have to wait.
ASK_SECONDS = 0.05
# An evaluation by rank 0, or a checkpoint, may take its time; torchrun sees who dies meanwhile.
PATIENCE = timedelta(days=7)


class TotalLoss(nn.Module):
    """The NLL of all rows, whose call DistributedDataParallel takes over."""

    def __init__(self, model: Conditionals):
        super().__init__()
        self.model = model

    def forward(self, rows: Tensor, mask_set: int, noise: torch.Generator) -> Tensor:
        return -self.model.conditional_log_prob(rows, mask_set, noise).sum()


class SharedStep(TrainingStep):
    """A step of which this process does its slice of the rows."""

    @cached_property
    def total_loss(self) -> DistributedDataParallel:
        # Buffers are masks, which never change.
        return DistributedDataParallel(TotalLoss(self.model), forward_sync_buffers=False)

    def loss(self, rows: Tensor, mask_set: int) -> Tensor:
        """Own share of the mean NLL of all rows, times the number of processes: the mean over the
        processes, which is what they make of gradients, is the mean over the rows."""
        rank, size = distributed.get_rank(), distributed.get_world_size()
        first, last = (len(rows) * place // size for place in (rank, rank + 1))
        # Without a row of its own, a process takes part with one that counts for nothing.
        own = slice(first, max(last, first + 1))
        self.model.noise_rows = own, len(rows)
        if "total_loss" not in vars(self):
            leave_out_unused(self.model, rows[own], mask_set)
        share = size / len(rows) if last > first else 0.0
        return share * self.total_loss(rows[own], mask_set, self.noise)


def leave_out_unused(model: Conditionals, rows: Tensor, mask_set: int) -> None:
    """Freeze parameters that get no gradient, as an embedding without a weight behind it: the
    optimiser leaves them alone, but the processes would wait for them."""
    noise = torch.Generator(model.device).manual_seed(0)
    model.conditional_log_prob(rows, mask_set, noise).sum().backward()
    for parameter in model.parameters():
        parameter.requires_grad_(parameter.grad is not None)
        parameter.grad = None


class SharedTrainer(Trainer):
    """A trainer that goes in step with those of the other processes."""

    def __init__(self, *arguments: Any, **keywords: Any):
        self.is_first = distributed.get_rank() == 0
        self.until_asked: float = 0
        super().__init__(*arguments, **keywords)

    def _build_step(self, num_steps: int) -> SharedStep:
        return SharedStep(self.config, self.network, num_steps)

    def _is_due(self, seconds: float, num_steps: int) -> bool:
        """Rank 0's word, for which it is asked every few minibatches."""
        self.until_asked -= 1
        if self.until_asked > 0:
            return False
        pause = math.ceil(ASK_SECONDS * num_steps / max(seconds, 1e-6))
        is_due, self.until_asked = self._first_says(super()._is_due(seconds, num_steps), pause)
        return bool(is_due)

    def _first_says(self, *numbers: float) -> list[float]:
        word = torch.tensor(numbers, dtype=torch.float64, device=self.device)
        distributed.broadcast(word, 0)
        return word.tolist()

    def _checked(self, losses: Tensor) -> np.ndarray:
        distributed.all_reduce(losses)
        losses /= distributed.get_world_size()
        return super()._checked(losses) if self.is_first else losses.cpu().numpy()

    def _require_finite_state(self) -> None:
        if self.is_first:
            super()._require_finite_state()

    def _measure(self, figures: dict[str, float]) -> tuple[bool, dict[str, np.ndarray]]:
        found = super()._measure(figures) if self.is_first else (False, {})
        self.best_nll, best_epoch = self._first_says(self.best_nll, self.best_epoch)
        self.best_epoch = int(best_epoch)
        return found

    def _finish(self) -> Finished:
        return super()._finish() if self.is_first else Finished("", {})


def answer(trainer: Trainer, channel: socket.socket) -> None:
    """Do what the worker asks for, one word a line, until it hangs up."""
    events = trainer.events()
    for line in channel.makefile("rb"):
        channel.sendall(_answer(trainer, events, line.decode().strip()))


def _answer(trainer: Trainer, events: Iterator[Event], word: str) -> bytes:
    if word == "path":
        return pack(vars(trainer.path))
    if word != "next":
        asked = trainer.state() if word == "state" else trainer.best_weights()
        return pack_stored(asked.stored())
    try:
        return pack_event(next(events))
    except MadeError as error:
        return pack(_failure(error, trainer.step))


def _failure(error: MadeError, step: int) -> dict[str, str | int]:
    return {
        "failure": getattr(error, "cause", str(error)),
        "step": getattr(error, "step", step),
    }


def end_with_the_worker() -> None:
    """End this process at once when nobody is left at the other end of its standard input."""
    poll = select.poll()
    poll.register(sys.stdin.fileno(), 0)
    poll.poll()
    os._exit(0)


def main(arguments: list[str] | None = None) -> int:
    threading.Thread(target=end_with_the_worker, daemon=True).start()
    folder = Path((arguments or sys.argv[1:])[0])
    job = json.loads((folder / "job.json").read_bytes())
    rank = int(os.environ["RANK"])
    try:
        extensions.load()
        with tiny_as_zero():
            trainer = build_trainer(job, job["devices"][rank])
            if rank == 0:
                answer(trainer, socket.socket(fileno=os.dup(sys.stdin.fileno())))
            else:
                for _ in trainer.events():
                    pass
    except MadeError as error:
        failure = json.dumps(_failure(error, 0))
        (folder / f"failure-{rank}.json").write_text(failure, "utf-8")
        raise
    return 0


def build_trainer(job: dict[str, Any], device: str) -> SharedTrainer:
    """The trainer of this process, which has met the others."""
    is_cuda = device.startswith("cuda")
    if is_cuda:
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if is_cuda else "gloo", timeout=PATIENCE)
    config = ExperimentConfig.model_validate_json(job["config"])
    state = None
    if job["checkpoint"]:
        state = TrainingState.from_stored(*load_tensors(Path(job["checkpoint"])))
    return SharedTrainer(config, datasets.load(config.data), device, state)


if __name__ == "__main__":
    sys.exit(main())
