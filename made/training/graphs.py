"""A whole training step as one CUDA graph: one launch from the host instead of one a kernel.

A step of a small network is a hundred kernels of a few microseconds each, and launching them takes
longer than running them. PyTorch's notes on CUDA semantics, section "CUDA Graphs", say what may be
recorded: nothing that waits for the host, and the same addresses every time.

A graph draws the dropout noise of eager steps: each replay starts its generator at the seed that
`prepare` has given it.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

import torch
from torch import Tensor

from made.setups.repeats import counts_pairs
from made.training.pairs import PairStep
from made.training.steps import TrainingStep

if TYPE_CHECKING:
    from made.model.conditionals import Conditionals
    from made.setups.config import ExperimentConfig

# Fused, and with the step count and the learning rate in tensors; the others step eagerly.
RECORDED_OPTIMIZERS = ("Adam", "AdamW")
MAX_GRAPHS = 32
WARM_UP_STEPS = 3

Function = Callable[[], Tensor]


def build_step(config: ExperimentConfig, model: Conditionals, num_steps: int) -> TrainingStep:
    """The step of one process, recorded where that can be done."""
    if is_recordable(config, model.bank.cycle, model.device):
        return GraphStep(config, model, num_steps, CudaRecorder(model.device))
    if counts_pairs(config, model.num_variables, model.num_categories):
        return PairStep(config, model, num_steps)
    return TrainingStep(config, model, num_steps)


def is_recordable(config: ExperimentConfig, num_mask_sets: int, device: torch.device) -> bool:
    """Whether there is a GPU to itself, and a graph for each mask set of a short cycle.

    num_mask_sets: in a cycle, 0 where each is fresh.
    """
    return (
        device.type == "cuda"
        and config.training.num_devices == 1
        and config.training.optimizer in RECORDED_OPTIMIZERS
        and 1 <= num_mask_sets <= MAX_GRAPHS
    )


class Recorder(Protocol):
    """How functions without arguments are recorded; a test stands in for CUDA with its own."""

    def warm_up(self, function: Function) -> Tensor:
        """Run a function as it will be recorded: it finds its memory, libraries and caches."""
        ...

    def record(self, function: Function, noise: torch.Generator) -> Function:
        """What does again all that the function does, at the same addresses, when called.

        Recording itself does nothing of it. Raises whatever it likes where it cannot be done.
        """
        ...


class CudaRecorder:
    """Graphs that share their memory: they run one after the other, and results are copied."""

    def __init__(self, device: torch.device):
        self.stream = torch.cuda.Stream(device)
        self.pool = torch.cuda.graph_pool_handle()

    def warm_up(self, function: Function) -> Tensor:
        main = torch.cuda.current_stream(self.stream.device)
        self.stream.wait_stream(main)
        with torch.cuda.stream(self.stream):
            result = function()
        main.wait_stream(self.stream)
        return result

    def record(self, function: Function, noise: torch.Generator) -> Function:
        graph = torch.cuda.CUDAGraph()
        graph.register_generator_state(noise)
        with torch.cuda.graph(graph, pool=self.pool, stream=self.stream):
            result = function()

        def replay() -> Tensor:
            graph.replay()
            return result

        return replay


class GraphStep(TrainingStep):
    """Full minibatches are recorded once per mask set and replayed; the others run eagerly.

    The first steps of a mask set are real ones, on the side. Where recording fails, all go on
    eagerly. is_graph: whether recording has not failed.
    """

    def __init__(
        self,
        config: ExperimentConfig,
        model: Conditionals,
        num_steps: int,
        recorder: Recorder,
    ):
        super().__init__(config, model, num_steps, is_capturable=True)
        self.recorder = recorder
        self.is_graph = True
        self.rows: Tensor | None = None
        self.replays: dict[int, Function] = {}
        self.warm_ups: Counter[int] = Counter()

    def __call__(self, rows: Tensor, step: int) -> Tensor:
        if not self.is_graph or len(rows) != self.config.training.batch_size:
            return super().__call__(rows, step)
        self.prepare(step)
        if self.rows is None:
            self.rows = torch.empty_like(rows)
        self.rows.copy_(rows)
        mask_set = self.model.bank.index_at(step)
        function = partial(self.execute, self.rows, mask_set)
        if mask_set not in self.replays:
            self.warm_ups[mask_set] += 1
            if self.warm_ups[mask_set] <= WARM_UP_STEPS:
                return self.recorder.warm_up(function).clone()
            try:
                self.optimizer.zero_grad()
                self.replays[mask_set] = self.recorder.record(function, self.noise)
            except Exception as error:
                self._give_up(error)
                return super().__call__(rows, step)
        return self.replays[mask_set]().clone()

    def _give_up(self, error: Exception) -> None:
        logging.getLogger(__name__).warning(
            "The training step cannot be recorded as a CUDA graph, so it runs eagerly: %s", error
        )
        self.is_graph = False
        self.replays.clear()
        # The old one may still believe that it is being recorded.
        self.noise = torch.Generator(self.model.device)
