"""The yardstick: the textbook and the engine in turns, in one process, on the same machine.

Data are synthetic binary images and 2-D integers from a fixed seed, so nothing is downloaded; the
time of a step does not depend on them. Both sides start from the same weights, and where they
compute the same figure or the same samples, these are compared before anything is timed. Two cases
hold the engine against itself: memory in `bench_memory`, files in `bench_writing`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from made.base.errors import MadeError
from made.bench import textbook as reference
from made.bench.machine import bfloat16_remark
from made.bench.memory import mask_sets
from made.bench.rounds import SEED, Case, Side, Size, run, synthetic
from made.bench.writing import writing
from made.density import evaluation, sampling
from made.density.density import Density
from made.model.conditionals import Conditionals
from made.model.heads import head_name
from made.model.settings import ModelConfig
from made.setups.build import build_network
from made.setups.config import ExperimentConfig
from made.training.events import Progress
from made.training.trainer import Trainer

# A uniform number within rounding of a cumulative probability may fall to either side of it.
LARGEST_SHARE_OF_OTHER_SAMPLES = 0.01


def give_weights(model: Conditionals) -> None:
    """Normal weights of variance 2 / inputs: no conditional is the marginal, none is certain."""
    generator = torch.Generator().manual_seed(SEED)
    weights = {}
    for name, value in model.state_dict().items():
        scale = (2 / value.shape[1]) ** 0.5 if value.dim() == 2 else 0.1
        weights[name] = torch.randn(value.shape, generator=generator) * scale
    model.load_state_dict(weights)


def textbook(settings: ModelConfig, model: Conditionals) -> reference.ReferenceMADE:
    """The textbook with the weights of the engine, beside them on their device."""
    return reference.ReferenceMADE(
        model.state_dict(),
        model.num_variables,
        model.num_categories,
        encoding=settings.encoding,
        head=head_name(settings.head, model.num_categories),
        activation=settings.activation,
        residual=settings.residual_connections,
    ).to(model.device)


def textbook_masks(model: Conditionals, index: int) -> reference.Masks:
    """One mask set of the engine as the textbook wants it, beside the weights."""
    chosen = model.bank.mask_set(index)
    return reference.Masks.of_variables(
        chosen.ordering.sequence,
        chosen.layer_masks(),
        chosen.direct_mask(),
        width=model.encoding.width,
        num_outputs=model.head.num_parameters,
    ).to(model.device)


def training(config: ExperimentConfig, size: Size, device: str) -> tuple[Side, Side]:
    """A round is an epoch; its first events, which measure and show the model, are not timed."""
    batch_size = config.training.batch_size
    dataset = synthetic(size, size.num * batch_size)
    trainer = Trainer(config, dataset, device)
    network = trainer.network
    plain = textbook(config.model, network)
    mask_sets = [textbook_masks(network, i) for i in range(network.bank.cycle)]
    rows = torch.from_numpy(dataset.train.astype(np.int64))
    optimizer = torch.optim.Adam(plain.parameters(), lr=config.training.learning_rate)
    generator = torch.Generator().manual_seed(SEED)
    events = trainer.events()

    def plain_round() -> float:
        started = time.perf_counter()
        for _ in reference.train(plain, mask_sets, rows, optimizer, batch_size, generator):
            pass
        return (time.perf_counter() - started) / size.num

    def engine_round() -> float:
        next(events)
        started = time.perf_counter()
        last = trainer.step + size.num
        for event in events:
            if isinstance(event, Progress) and event.step == last:
                break
        return (time.perf_counter() - started) / size.num

    plain_round()
    engine_round()
    return plain_round, engine_round


def _models(
    config: ExperimentConfig, size: Size, device: str
) -> tuple[reference.ReferenceMADE, reference.Masks, Conditionals]:
    model = build_network(config, synthetic(size, 1).info)
    give_weights(model)
    model.to(device).eval()
    return textbook(config.model, model), textbook_masks(model, 0), model


def timed(work: Callable[[], Any], share: float = 1.0) -> float:
    """Seconds until the result is there, for the whole of the work."""
    started = time.perf_counter()
    work()
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()
    return (time.perf_counter() - started) / share


def _uniforms(num_rows: int, num_variables: int, device: str) -> Tensor:
    generator = torch.Generator().manual_seed(SEED)
    return torch.rand((num_rows, num_variables), generator=generator).to(device)


def same_draws(config: ExperimentConfig, size: Size, device: str) -> tuple[Side, Side]:
    """Samples from the same uniform numbers. Raises MadeError if they are not the same."""
    plain, masks, model = _models(config, size, device)
    uniforms = _uniforms(size.num, size.num_variables, device)
    zeros = torch.zeros(uniforms.shape, dtype=torch.int64, device=device)

    def plain_samples() -> Tensor:
        return plain.sample(uniforms, masks)

    @torch.no_grad()
    def engine_samples() -> Tensor:
        return sampling.draw(model, 0, zeros, uniforms)

    others = (plain_samples() != engine_samples()).any(dim=1).sum().item()
    if others > LARGEST_SHARE_OF_OTHER_SAMPLES * size.num:
        raise MadeError(
            f"{others} of {size.num} samples of the engine are not those of the reference from "
            "the same uniform numbers: one of them is wrong."
        )
    return partial(timed, plain_samples), partial(timed, engine_samples)


def draws_and_pass(config: ExperimentConfig, size: Size, device: str) -> tuple[Side, Side]:
    """One dense forward pass of the textbook against sampling as many rows."""
    plain, masks, model = _models(config, size, device)
    x = torch.from_numpy(synthetic(size, size.num).train.astype(np.int64)).to(device)

    @torch.no_grad()
    def dense_pass() -> Tensor:
        return plain(x, masks)

    return _warm(dense_pass), _warm(_sampling(model, size.num))


def many_draws(config: ExperimentConfig, size: Size, device: str) -> tuple[Side, Side]:
    """Samples in batches of a thousand full passes against the engine's."""
    plain, masks, model = _models(config, size, device)
    uniforms = _uniforms(round(size.num * size.share), size.num_variables, device)

    def plain_samples() -> list[Tensor]:
        return [plain.sample(batch, masks) for batch in uniforms.split(1_000)]

    return _warm(plain_samples, size.share), _warm(_sampling(model, size.num))


def whole_nll(config: ExperimentConfig, size: Size, device: str) -> tuple[Side, Side]:
    """Mean NLL of many rows. Raises MadeError if the two sides do not agree."""
    plain, masks, model = _models(config, size, device)
    stored = evaluation.split_tensor(synthetic(size, size.num), "train")
    resident, rows = stored.to(device), stored.long()
    density = Density(model)
    expected = reference.mean_nll(plain, masks, rows)
    found = evaluation.mean_nll(density, resident)
    if abs(found - expected) > 1e-3 * abs(expected):
        raise MadeError(
            f"The engine's NLL is {found:.6g} nats / example, the reference's {expected:.6g}: one "
            "of them is wrong."
        )
    return (
        partial(timed, lambda: reference.mean_nll(plain, masks, rows)),
        partial(timed, lambda: evaluation.mean_nll(density, resident)),
    )


def _sampling(model: Conditionals, num_samples: int) -> Callable[[], Tensor]:
    return lambda: Density(model).sample(num_samples, seed=SEED)


def _warm(work: Callable[[], Any], share: float = 1.0) -> Side:
    work()
    return partial(timed, work, share)


DIGITS, TINY = (512, 512, 512), (32, 32)
WIDE, WIDE_TINY, HUGE = (2000, 2000), (64, 64), (8000, 8000)
PIXELS = {"encoding": "raw"}
BFLOAT16 = PIXELS | {"precision": "bfloat16"}
MASK_SETS = PIXELS | {"num_connectivities": 32, "num_orderings": 32, "ordering": "random"}
CASES: dict[str, Case] = {
    "train": Case(
        title="training",
        per="step of {batch_size}",
        prepare=training,
        settings=PIXELS,
        full=Size(num_variables=784, hidden_sizes=DIGITS, num=60),
        quick=Size(num_variables=36, hidden_sizes=TINY, num=20, rounds=2),
    ),
    "train-wide": Case(
        title="training, wide",
        per="step of {batch_size}",
        prepare=training,
        settings=PIXELS,
        full=Size(num_variables=784, hidden_sizes=WIDE, num=15),
        quick=Size(num_variables=36, hidden_sizes=WIDE_TINY, num=20, rounds=2),
    ),
    "train-huge": Case(
        title="training, huge",
        per="step of {batch_size}",
        prepare=training,
        settings=PIXELS,
        full=Size(num_variables=784, hidden_sizes=HUGE, num=10),
        quick=Size(num_variables=36, hidden_sizes=WIDE_TINY, num=8, rounds=2),
        needs_gpu=True,
    ),
    "train-bfloat16": Case(
        title="training in bfloat16",
        per="step of {batch_size}",
        prepare=training,
        settings=BFLOAT16,
        full=Size(num_variables=784, hidden_sizes=DIGITS, num=60),
        quick=Size(num_variables=36, hidden_sizes=TINY, num=20, rounds=2),
        baseline="the textbook in float32",
        remark=bfloat16_remark,
    ),
    "train-wide-bfloat16": Case(
        title="training in bfloat16, wide",
        per="step of {batch_size}",
        prepare=training,
        settings=BFLOAT16,
        full=Size(num_variables=784, hidden_sizes=WIDE, num=15),
        quick=Size(num_variables=36, hidden_sizes=WIDE_TINY, num=20, rounds=2),
        baseline="the textbook in float32",
        remark=bfloat16_remark,
    ),
    "train-32-masks": Case(
        title="training, 32 mask sets",
        per="step of {batch_size}",
        prepare=training,
        settings=MASK_SETS,
        full=Size(num_variables=784, hidden_sizes=DIGITS, num=64),
        quick=Size(num_variables=36, hidden_sizes=TINY, num=32, rounds=2),
    ),
    "train-2d": Case(
        title="training, 2-D one-hot",
        per="step of {batch_size}",
        prepare=training,
        settings={"batch_size": 100},
        full=Size(num_variables=2, num_categories=200, hidden_sizes=(784,), num=400),
        quick=Size(num_variables=2, num_categories=20, hidden_sizes=(32,), num=20, rounds=2),
    ),
    "sample-100": Case(
        title="{num} digits, same uniforms",
        per="{num} samples",
        prepare=same_draws,
        settings=PIXELS,
        full=Size(num_variables=784, hidden_sizes=DIGITS, num=100, rounds=3),
        quick=Size(num_variables=36, hidden_sizes=TINY, num=20, rounds=3),
    ),
    "sample-1000": Case(
        title="{num} digits / dense pass",
        per="{num} samples",
        prepare=draws_and_pass,
        settings=PIXELS,
        full=Size(num_variables=784, hidden_sizes=DIGITS, num=1_000, rounds=15),
        quick=Size(num_variables=36, hidden_sizes=TINY, num=50, rounds=3),
    ),
    "nll": Case(
        title="NLL of {num} images",
        per="{num} images",
        prepare=whole_nll,
        settings=PIXELS,
        full=Size(num_variables=784, hidden_sizes=DIGITS, num=10_000),
        quick=Size(num_variables=36, hidden_sizes=TINY, num=500, rounds=3),
    ),
    "sample-2d": Case(
        title="{num} samples of a 2-D model",
        per="{num} samples",
        prepare=many_draws,
        full=Size(
            num_variables=2, num_categories=200, hidden_sizes=(784,), num=1_000_000, share=0.02
        ),
        quick=Size(
            num_variables=2, num_categories=20, hidden_sizes=(32,), num=20_000, rounds=3, share=0.2
        ),
    ),
    "memory-32-masks": Case(
        title="32 mask sets / one, peak memory",
        per="{num} steps of {batch_size}",
        prepare=mask_sets,
        settings=MASK_SETS,
        full=Size(num_variables=784, hidden_sizes=DIGITS, num=64, rounds=3),
        quick=Size(num_variables=36, hidden_sizes=TINY, num=32, rounds=1),
        unit="MB",
        baseline="the engine with one mask set; both are whole processes, torch included",
    ),
    "writing": Case(
        title="training with its files / without, {num} samples",
        per="2 epochs",
        prepare=writing,
        settings={"dataset": "rings", "epochs": 2, "learning_rate": 1e-3},
        full=Size(num_variables=2, num_categories=200, hidden_sizes=(512, 512), num=100_000),
        quick=Size(num_variables=2, num_categories=20, hidden_sizes=TINY, num=1_000, rounds=2),
        baseline="the engine that writes no file",
    ),
}


def default_names(device: str) -> list[str]:
    """The cases that are measured on a device if none is named."""
    has_gpu = device.startswith("cuda")
    return [name for name, case in CASES.items() if has_gpu or not case.needs_gpu]


def run_all(
    names: list[str],
    device: str,
    *,
    is_quick: bool,
    on_start: Callable[[str], None] = lambda name: None,
) -> Iterator[dict[str, Any]]:
    """Measure the named cases one after another. Raises MadeError for an unknown name."""
    for name in names:
        if name not in CASES:
            raise MadeError(f"There is no bench '{name}'; choose from {', '.join(CASES)}.")
    for name in names:
        on_start(name)
        yield {"name": name} | run(CASES[name], device, is_quick=is_quick)
