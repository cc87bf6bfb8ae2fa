"""A trainer of a few lines that needs no torch, and a worker process that runs it."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from made import datasets
from made.base.errors import MadeError
from made.runs import jobs, recorder, turn, worker
from made.setups import cores
from made.setups.changes import Change
from made.training.events import EpochEnd, Event, Finished, Progress
from made.training.path import EnginePath
from made.training.state import BestWeights, TrainingState

STEPS_PER_EPOCH = 10
NUM_CORES = 2
HOLD = "hold"


class Trainer:
    """One weight that follows a recurrence; the learning rate is the pause between two steps.

    The seed says what goes wrong at step 25: 1 a MadeError with a cause, 2 a bug, 3 no memory.
    hold: a file with the number of steps after which nothing is learned as long as it is there.
    """

    def __init__(self, config, dataset, device, state=None, hold=None):
        self.hold = hold
        self.settings = config.training
        self.num_variables = datasets.info(config.data).num_variables
        self.step = self.epoch = 0
        self.weight = np.zeros(3)
        self.best = (np.inf, self.weight)
        self.best_epoch = 0
        if state is not None:
            self.step, self.epoch = state.step, state.epoch
            self.weight, self.best_epoch = state.weights["weight"], state.best_epoch
            self.best = (state.best_nll, state.best["weight"])

    @property
    def path(self) -> EnginePath:
        return EnginePath(device="cpu", precision="float32", num_mask_sets=0, is_sorted=False)

    def change(self, values):
        self.settings = self.settings.model_copy(update=dict(values))
        return Change(self.step, dict(values))

    def step_by_step(self, is_on: bool) -> None:
        """It tells of every one anyway."""

    def events(self) -> Generator[Event, None, None]:
        while self.epoch < self.settings.epochs:
            while self.step < (self.epoch + 1) * STEPS_PER_EPOCH:
                while self.is_held():
                    time.sleep(0.005)
                    yield Progress(self.epoch + 1, self.step, self.losses()[:0], 1000.0, 1.0)
                time.sleep(self.settings.learning_rate)
                self.break_down()
                self.weight = 0.9 * self.weight + np.cos(self.step + np.arange(3))
                self.step += 1
                is_last = self.step == (self.epoch + 1) * STEPS_PER_EPOCH
                yield Progress(self.epoch + 1, self.step, self.losses(), 1000.0, 1.0, is_last)
            self.epoch += 1
            nll = float(self.losses()[0])
            is_best = nll < self.best[0]
            if is_best:
                self.best, self.best_epoch = (nll, self.weight), self.epoch
            samples = {"samples": np.full((2, self.num_variables), self.epoch % 2)}
            yield EpochEnd(self.epoch, self.step, {"validation_nll": nll}, is_best, samples)
        yield Finished("all epochs done", {"nll_nats": self.best[0], "odd": np.nan})

    def is_held(self):
        try:
            return self.hold is not None and self.step >= int(self.hold.read_text())
        except FileNotFoundError:
            return False

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

    def state(self) -> TrainingState:
        return TrainingState(
            weights={"weight": self.weight},
            best={"weight": self.best[1]},
            step=self.step,
            epoch=self.epoch,
            best_epoch=self.best_epoch,
            best_nll=self.best[0],
        )

    def best_weights(self) -> BestWeights:
        return BestWeights(
            weights={"weight": self.best[1]}, epoch=self.best_epoch, validation_nll=self.best[0]
        )

    def close(self) -> None:
        """Nothing to let go of."""


def build_learner(run, dataset, device, recorder):
    state = recorder.last_state() if recorder.go_back() else None
    return Trainer(run.config, dataset, device, state, run.path / HOLD)


def load_tensors(path):
    with safe_open(path, "np") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()  # noqa: SIM118


def patches():
    """What to replace for a worker without torch, on two cores: module, name and value."""
    return [
        (worker, "build_learner", build_learner),
        (turn, "prepare_torch", lambda wanted, device: device),
        (turn, "POLL_SECONDS", 0.02),
        (cores, "num_cores", lambda: NUM_CORES),
        (jobs.LOCAL, "command", (sys.executable, __file__)),
        (recorder, "save_tensors", lambda path, tensors, text: save_file(tensors, path, text)),
        (recorder, "load_tensors", load_tensors),
        (recorder, "EPOCH_CHECKPOINT_SECONDS", 0.0),
        (recorder, "WRITING_SHARE", 1e9),
    ]


def main():
    for module, name, value in patches():
        setattr(module, name, value)
    return worker.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
