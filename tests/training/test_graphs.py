"""A recorded step does what the eager one does, and nothing in it waits for the host."""

from __future__ import annotations

import logging
from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from made.setups.config import OPTIMIZERS, ExperimentConfig
from made.training import trainer
from made.training.graphs import MAX_GRAPHS, WARM_UP_STEPS, GraphStep, build_step, is_recordable
from made.training.steps import TrainingStep
from made.training.trainer import EpochEnd, Progress, Trainer

aten = torch.ops.aten
# What a CUDA graph cannot hold: the host would have to read a number, or learn a size.
WAITS = {aten._local_scalar_dense, aten.nonzero, aten.masked_select, aten._unique2, aten.equal}
EVERYTHING = {
    "hidden_sizes": (8, 7),
    "batch_size": 8,
    "epochs": 6,
    "look_ahead": 0,
    "dropout": 0.3,
    "gradient_clip": 0.5,
    "ema_decay": 0.9,
    "weight_decay": 0.01,
    "schedule": "one-cycle",
}
KINDS = [
    {},
    {"num_connectivities": 3},
    {"num_connectivities": 2, "mask_interval": 2, "direct_connections": True},
    {"ordering": "random", "num_orderings": 2, "optimizer": "AdamW"},
    {"ordering": "random"},
    {"hidden_sizes": (8, 8), "residual_connections": True},
    {"autoregressive": False},
    {"model": "marginals"},
    {"precision": "bfloat16"},
]


class Tape(TorchDispatchMode):
    """Stands in for a CUDA graph: operations on fixed tensors, played again in their order.

    Whatever Python decides is decided once, while recording, as in a graph. That first time has
    its effects at once here, so the first replay has nothing left to do.
    """

    def __init__(self):
        super().__init__()
        self.operations: list[tuple] = []

    def __torch_dispatch__(self, function, types, arguments=(), keywords=None):
        assert function.overloadpacket not in WAITS, f"{function} waits for the host"
        result = function(*arguments, **(keywords or {}))
        outputs = [out.detach() for out in tree_leaves(result) if isinstance(out, torch.Tensor)]
        self.operations.append((function, arguments, keywords or {}, outputs))
        return result

    @torch.no_grad()
    def play(self) -> None:
        for function, arguments, keywords, outputs in self.operations:
            result = function(*arguments, **keywords)
            found = [out for out in tree_leaves(result) if isinstance(out, torch.Tensor)]
            for output, value in zip(outputs, found, strict=True):
                if output.data_ptr() != value.data_ptr():
                    output.copy_(value)


class TapeRecorder:
    def __init__(self):
        self.recorded = self.replayed = 0

    def warm_up(self, function: Callable[[], torch.Tensor]) -> torch.Tensor:
        return function()

    def record(self, function: Callable[[], torch.Tensor], noise: torch.Generator) -> Callable:
        self.recorded += 1
        with Tape() as tape:
            result = function()
        is_first = True

        def replay() -> torch.Tensor:
            nonlocal is_first
            self.replayed += 1
            if not is_first:
                tape.play()
            is_first = False
            return result

        return replay


class NoRecorder(TapeRecorder):
    def record(self, function: Callable, noise: torch.Generator) -> Callable:
        self.recorded += 1
        raise RuntimeError("operation not permitted when stream is capturing")


def experiment(**values) -> ExperimentConfig:
    return ExperimentConfig.from_flat(EVERYTHING | values)


def train(
    monkeypatch, config: ExperimentConfig, dataset, recorder: TapeRecorder | None = None, state=None
) -> tuple[Trainer, np.ndarray, list[float]]:
    """The trainer after training, its losses, and the validation NLL of its epochs."""
    step = build_step
    if recorder is not None:
        step = lambda *arguments: GraphStep(*arguments, recorder)  # noqa: E731
    with monkeypatch.context() as patch:
        patch.setattr(trainer, "build_step", step)
        training = Trainer(config, dataset, state=state)
    events = list(training.events())
    losses = np.concatenate([event.losses for event in events if isinstance(event, Progress)])
    ends = [event for event in events if isinstance(event, EpochEnd)]
    return training, losses, [end.figures["validation_nll"] for end in ends]


@pytest.mark.parametrize("values", KINDS, ids=str)
def test_replayed_steps_are_the_eager_ones(tiny_dataset, monkeypatch, values: dict) -> None:
    config, dataset, recorder = experiment(**values), tiny_dataset(4), TapeRecorder()
    eager, losses, figures = train(monkeypatch, config, dataset)
    graph, replayed, replayed_figures = train(monkeypatch, config, dataset, recorder)
    assert graph.is_graph
    assert not eager.is_graph
    # The learning rate is float32 in a graph and float64 elsewhere.
    tolerance = 1e-2 if "precision" in values else 1e-4
    np.testing.assert_allclose(replayed, losses, rtol=tolerance)
    np.testing.assert_allclose(replayed_figures, figures, rtol=tolerance)
    # 50 rows: six full minibatches and a smaller one.
    cycle = graph.network.bank.cycle
    assert recorder.recorded == cycle
    assert recorder.replayed == 6 * 6 - WARM_UP_STEPS * cycle


def test_no_encoding_and_no_head_waits_for_the_host(
    tiny_dataset, monkeypatch, encoding: str, head: str
) -> None:
    num_categories = 2 if head == "bernoulli" else 3
    config = experiment(encoding=encoding, head=head, encoding_width=4)
    dataset = tiny_dataset(4, num_categories)
    _, losses, _ = train(monkeypatch, config, dataset)
    graph, replayed, _ = train(monkeypatch, config, dataset, TapeRecorder())
    assert graph.is_graph
    np.testing.assert_allclose(replayed, losses, rtol=1e-3)


@pytest.mark.parametrize("values", [{"encoding": "one-hot"}, {"model": "naive"}], ids=str)
def test_lookups_and_the_naive_model_do_not_wait(tiny_dataset, monkeypatch, values: dict) -> None:
    dataset = tiny_dataset(2, 100)
    _, losses, _ = train(monkeypatch, experiment(**values), dataset)
    graph, replayed, _ = train(monkeypatch, experiment(**values), dataset, TapeRecorder())
    assert graph.is_graph
    np.testing.assert_allclose(replayed, losses, rtol=1e-3)


def test_the_tape_knows_what_waits(build) -> None:
    with pytest.raises(AssertionError, match="waits for the host"), Tape():
        torch.ones(3).sum().item()
    with pytest.raises(AssertionError, match="waits for the host"), Tape():
        torch.equal(torch.ones(3), torch.ones(3))


def test_a_step_that_cannot_be_recorded_runs_eagerly(tiny_dataset, monkeypatch, caplog) -> None:
    config, dataset, recorder = experiment(num_connectivities=2), tiny_dataset(), NoRecorder()
    _, losses, figures = train(monkeypatch, config, dataset)
    with caplog.at_level(logging.WARNING):
        broken, others, other_figures = train(monkeypatch, config, dataset, recorder)
    assert not broken.is_graph
    assert recorder.recorded == 1
    assert [record.message for record in caplog.records] == [
        "The training step cannot be recorded as a CUDA graph, so it runs eagerly: operation not "
        "permitted when stream is capturing"
    ]
    np.testing.assert_allclose(others, losses, rtol=1e-4)
    np.testing.assert_allclose(other_figures, figures, rtol=1e-4)


def test_a_run_goes_on_with_graphs_and_without(tiny_dataset, monkeypatch) -> None:
    config, dataset = experiment(), tiny_dataset()
    monkeypatch.setattr(trainer, "REPORT_SECONDS", 0)
    _, losses, _ = train(monkeypatch, config, dataset)
    half = Trainer(config, dataset)
    events = half.events()
    while half.step < 17:
        next(events)
    state = half.state()
    graph, rest, _ = train(monkeypatch, config, dataset, TapeRecorder(), state)
    np.testing.assert_allclose(rest, losses[17:], rtol=1e-4)
    assert graph.is_graph


def test_which_configurations_get_a_graph() -> None:
    gpu, cpu = torch.device("cuda:0"), torch.device("cpu")
    assert is_recordable(experiment(), 1, gpu)
    assert is_recordable(experiment(), MAX_GRAPHS, gpu)
    assert not is_recordable(experiment(), 1, cpu)
    assert not is_recordable(experiment(), 0, gpu)
    assert not is_recordable(experiment(), MAX_GRAPHS + 1, gpu)
    assert not is_recordable(experiment(num_devices=2), 1, gpu)
    able = {name for name in OPTIMIZERS if is_recordable(experiment(optimizer=name), 1, gpu)}
    assert able == {"Adam", "AdamW"}


def test_the_step_on_a_cpu_is_eager(build) -> None:
    config = experiment()
    assert type(build_step(config, build(**config.model.model_dump()), 10)) is TrainingStep
