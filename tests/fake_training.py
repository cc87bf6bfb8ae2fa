"""A trainer of a few lines that needs no torch, and a worker process that runs it."""

import json
import sys
import time
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from made.base.errors import MadeError
from made.runs import worker
from made.training.path import EnginePath

STEPS_PER_EPOCH = 10


@dataclass(frozen=True)
class Progress:
    epoch: int
    step: int
    losses: np.ndarray
    examples_per_second: float
    seconds_left: float | None


@dataclass(frozen=True)
class EpochEnd:
    epoch: int
    step: int
    figures: dict
    is_best: bool
    samples: dict


@dataclass(frozen=True)
class Finished:
    reason: str
    figures: dict


class Trainer:
    """One weight that follows a recurrence; the learning rate is the pause between two steps.

    The seed says what goes wrong at step 25: 1 a MadeError with a cause, 2 a bug, 3 no memory.
    """

    def __init__(self, config, dataset, device, state=None):
        self.settings = config.training
        self.step = self.epoch = 0
        self.weight = np.zeros(3)
        self.best = (np.inf, self.weight)
        if state is not None:
            tensors, metadata = state
            self.step, self.epoch = json.loads(metadata["step"]), json.loads(metadata["epoch"])
            self.weight = tensors["weight"]
            self.best = (json.loads(metadata["best"]), tensors["best"])

    @property
    def path(self):
        return EnginePath(device="cpu", precision="float32", num_mask_sets=0, is_sorted=False)

    def events(self):
        while self.epoch < self.settings.epochs:
            while self.step < (self.epoch + 1) * STEPS_PER_EPOCH:
                time.sleep(self.settings.learning_rate)
                self.break_down()
                self.weight = 0.9 * self.weight + np.cos(self.step + np.arange(3))
                self.step += 1
                yield Progress(self.epoch + 1, self.step, self.losses(), 1000.0, 1.0)
            self.epoch += 1
            nll = float(self.losses()[0])
            is_best = nll < self.best[0]
            if is_best:
                self.best = (nll, self.weight)
            samples = {"samples": np.full((2, 2), self.epoch)}
            yield EpochEnd(self.epoch, self.step, {"validation_nll": nll}, is_best, samples)
        yield Finished("all epochs done", {"nll_nats": self.best[0], "odd": np.nan})

    def losses(self):
        return np.array([self.weight.sum() + self.step], np.float32)

    def break_down(self):
        if self.step != 25:
            return
        if self.settings.seed == 1:
            error = MadeError("The loss is nan.")
            error.cause, error.step = "The loss is nan.", self.step + 1
            raise error
        if self.settings.seed == 2:
            raise KeyError("a bug")
        if self.settings.seed == 3:
            raise MemoryError

    def state(self):
        metadata = {"step": self.step, "epoch": self.epoch, "best": self.best[0]}
        tensors = {"weight": self.weight, "best": self.best[1]}
        return tensors, {name: json.dumps(value) for name, value in metadata.items()}

    def best_weights(self):
        return {"weight": self.best[1]}, {}


def load_tensors(path):
    with safe_open(path, "np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118


def patches():
    """What to replace in `made.runs.worker`, by name."""
    module = SimpleNamespace(
        Trainer=Trainer, Progress=Progress, EpochEnd=EpochEnd, Finished=Finished
    )
    return {
        "load_trainer": lambda: module,
        "prepare_torch": lambda wanted, device: device,
        "save_tensors": lambda path, tensors, metadata: save_file(tensors, path, metadata),
        "load_tensors": load_tensors,
        "EPOCH_CHECKPOINT_SECONDS": 0.0,
        "WRITING_SHARE": 1e9,
        "POLL_SECONDS": 0.02,
    }


def main():
    for name, value in patches().items():
        setattr(worker, name, value)
    return worker.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
