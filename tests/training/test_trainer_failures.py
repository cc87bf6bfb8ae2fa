"""Training that cannot go on says why and where, and leaves a state worth keeping."""

import math

import pytest
import torch

from made.base.errors import MadeError
from made.setups.config import ExperimentConfig
from made.training import trainer
from made.training.failures import TrainingFailure
from made.training.state import Stored, TrainingState
from made.training.trainer import Trainer


@pytest.fixture(autouse=True)
def report_every_step(monkeypatch) -> None:
    monkeypatch.setattr(trainer, "REPORT_SECONDS", 0)


def experiment(**values) -> ExperimentConfig:
    small = {"hidden_sizes": (8, 7), "batch_size": 16, "epochs": 2, "look_ahead": 0}
    return ExperimentConfig.from_flat(small | values)


def frozen(state: TrainingState) -> Stored:
    tensors, metadata = state.stored()
    return {name: value.clone() for name, value in tensors.items()}, dict(metadata)


def break_at(training: Trainer, step: int, action) -> None:
    """Let the loss of one minibatch, counted from 1, be what `action` makes of it."""
    compute = training.network.conditional_log_prob
    count = 0

    def counted(*arguments):
        nonlocal count
        values = compute(*arguments)
        if training.network.training:
            count += 1
            if count == step:
                return action(values)
        return values

    training.network.conditional_log_prob = counted


@pytest.mark.parametrize("reports", [0, math.inf], ids=["every step", "every epoch"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_broken_loss_stops_the_run_and_names_its_step(
    tiny_dataset, monkeypatch, value: float, reports: float
) -> None:
    monkeypatch.setattr(trainer, "REPORT_SECONDS", reports)
    training = Trainer(experiment(), tiny_dataset())
    break_at(training, 6, lambda values: values * value)
    states = []
    with pytest.raises(TrainingFailure, match=r"minibatch 6 is .*Lower the learning") as caught:
        states.extend(frozen(training.state()) for _ in training.events())
    assert caught.value.step == 6
    assert isinstance(caught.value, MadeError)
    assert "checkpoint is kept" in str(caught.value)
    assert len(states) == (7 if reports == 0 else 3)
    assert all(finite(state) for state in states)


def finite(state: Stored) -> bool:
    return all(torch.isfinite(tensor).all() for tensor in state[0].values())


@pytest.mark.parametrize(
    ("optimizer", "depth"),
    [("SGD", 6), ("SGD", 12), ("Adam", 12), ("RMSprop", 12), ("Adagrad", 12)],
)
def test_weights_that_run_away_never_reach_a_checkpoint(
    tiny_dataset, optimizer: str, depth: int
) -> None:
    config = experiment(
        optimizer=optimizer,
        activation="relu",
        hidden_sizes=(20,) * depth,
        learning_rate=100,
        encoding="raw",
        epochs=10,
    )
    training = Trainer(config, tiny_dataset(num_variables=5))
    with pytest.raises(TrainingFailure, match="ran away") as caught:  # noqa: PT012
        for event in training.events():
            assert finite(training.state().stored()), event
    assert caught.value.step == training.step


def raise_out_of_memory(_) -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")


def raise_memory_error(_) -> None:
    raise MemoryError


def ask_for_too_much(_) -> torch.Tensor:
    return torch.empty(2**60)


@pytest.mark.parametrize("action", [raise_out_of_memory, raise_memory_error, ask_for_too_much])
def test_a_full_memory_stops_the_run_and_names_its_cause(tiny_dataset, action) -> None:
    training = Trainer(experiment(), tiny_dataset())
    break_at(training, 3, action)
    states = []
    with pytest.raises(TrainingFailure, match="Memory ran out on cpu: choose a") as caught:
        states.extend(frozen(training.state()) for _ in training.events())
    assert caught.value.step == 2
    assert states[-1][1]["step"] == "2"


def test_other_errors_are_not_called_a_full_memory(tiny_dataset) -> None:
    training = Trainer(experiment(), tiny_dataset())
    break_at(training, 2, lambda values: values @ values)
    with pytest.raises(RuntimeError, match="mat1 and mat2"):
        list(training.events())
