"""The yardstick: the textbook and the engine in turns, in one process, on the same machine.

Data are synthetic binary images and 2-D integers from a fixed seed, so nothing is downloaded; the
time of a step does not depend on them. Both sides start from the same weights, and where they
compute the same figure or the same samples, these are compared before anything is timed.
"""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from made import evaluation, likelihood, reference
from made.config import ExperimentConfig
from made.datasets import Dataset, DatasetInfo
from made.errors import MadeError
from made.model import AutoregressiveModel, build_model
from made.trainer import Progress, Trainer

SEED = 0
NUM_VALIDATION = 100
# A uniform number within rounding of a cumulative probability may fall to either side of it.
LARGEST_SHARE_OF_OTHER_SAMPLES = 0.01

Side = Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a case is. num: steps of a round, samples or images; rounds: of both sides.

    share: what the reference does of the work; its time is scaled up.
    """

    num_variables: int
    num_categories: int = 2
    hidden_sizes: tuple[int, ...]
    num: int
    rounds: int = 5
    share: float = 1.0

    @property
    def network(self) -> str:
        """Variables and units of the hidden layers, as in 784-512-512."""
        return "-".join(map(str, (self.num_variables, *self.hidden_sizes)))


@dataclass(frozen=True, kw_only=True)
class Case:
    """One line of the table. title: with {num}; per: what one time is the time of.

    prepare: makes the two sides, each of which does a round and returns its seconds.
    """

    title: str
    per: str
    prepare: Callable[[ExperimentConfig, Size, str], tuple[Side, Side]]
    full: Size
    quick: Size
    settings: Mapping[str, Any] = field(default_factory=dict)

    def describe(self) -> str:
        """Title and full size."""
        title = self.title.format(num=f"{self.full.num:,}")
        return f"{title}, {self.full.network}, {self.full.num_categories} categories"


def run(case: Case, device: str, *, is_quick: bool) -> dict[str, Any]:
    """Measure one case: medians in seconds, and reference / engine, over rounds in turns."""
    size = case.quick if is_quick else case.full
    values = {"hidden_sizes": size.hidden_sizes, "learning_rate": 1e-4, "look_ahead": 0}
    config = ExperimentConfig.from_flat(values | {"epochs": size.rounds + 1} | dict(case.settings))
    sides = case.prepare(config, size, device)
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(size.rounds):
        for side, times in zip(sides, seconds, strict=True):
            times.append(side())
    plain, engine = map(statistics.median, seconds)
    return {
        "title": case.title.format(num=f"{size.num:,}"),
        "per": case.per.format(num=f"{size.num:,}", batch_size=config.training.batch_size),
        "network": size.network,
        "num_categories": size.num_categories,
        "rounds": size.rounds,
        "reference_share": size.share,
        "reference_seconds": plain,
        "engine_seconds": engine,
        "ratio": plain / engine,
    }


def machine(device: str) -> dict[str, Any]:
    """What was measured on, and when."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "processor": _processor_name(),
        "cores": torch.get_num_threads(),
        "device": torch.cuda.get_device_name(device) if device.startswith("cuda") else "cpu",
        "torch": torch.__version__,
        "python": platform.python_version(),
        "load_average": load,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _processor_name() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def synthetic(size: Size, num_rows: int) -> Dataset:
    """Rows whose variables are independent, each with marginals of its own, from a fixed seed."""
    generator = np.random.default_rng(SEED)
    num_all = num_rows + 2 * NUM_VALIDATION
    peaks = generator.random(size.num_variables)
    spread = (generator.random((num_all, size.num_variables)) + peaks) / 2
    rows = (spread * size.num_categories).astype(np.uint8)
    info = DatasetInfo(
        name="synthetic",
        title="Synthetic",
        description="Independent variables from a fixed seed.",
        num_variables=size.num_variables,
        num_categories=size.num_categories,
    )
    train, validation, test = np.split(rows, [num_rows, num_rows + NUM_VALIDATION])
    return Dataset(info=info, train=train.copy(), validation=validation.copy(), test=test.copy())


def give_weights(model: AutoregressiveModel) -> None:
    """Normal weights of variance 2 / inputs: no conditional is the marginal, none is certain."""
    generator = torch.Generator().manual_seed(SEED)
    weights = {}
    for name, value in model.state_dict().items():
        scale = (2 / value.shape[1]) ** 0.5 if value.dim() == 2 else 0.1
        weights[name] = torch.randn(value.shape, generator=generator) * scale
    model.load_state_dict(weights)


def textbook(
    config: ExperimentConfig, model: AutoregressiveModel, device: str
) -> reference.ReferenceMADE:
    """The textbook with the weights of the engine."""
    return reference.ReferenceMADE(
        model.state_dict(),
        model.num_variables,
        model.num_categories,
        encoding=config.model.encoding,
        head="bernoulli" if model.num_categories == 2 else "categorical",
        activation=config.model.activation,
    ).to(device)


def textbook_masks(model: AutoregressiveModel, index: int, device: str) -> reference.Masks:
    chosen = model.bank.mask_set(index)
    return reference.Masks.of_variables(
        chosen.ordering.sequence,
        chosen.layer_masks(),
        chosen.direct_mask(),
        width=model.encoding.width,
        num_outputs=model.head.num_parameters,
    ).to(device)


def training(config: ExperimentConfig, size: Size, device: str) -> tuple[Side, Side]:
    """A round is an epoch; its first events, which measure and show the model, are not timed."""
    batch_size = config.training.batch_size
    dataset = synthetic(size, size.num * batch_size)
    trainer = Trainer(config, dataset, device)
    plain = textbook(config, trainer.model, device)
    mask_sets = [textbook_masks(trainer.model, i, device) for i in range(trainer.model.bank.cycle)]
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
) -> tuple[reference.ReferenceMADE, reference.Masks, AutoregressiveModel]:
    model = build_model(config, synthetic(size, 1).info)
    give_weights(model)
    model.to(device).eval()
    return textbook(config, model, device), textbook_masks(model, 0, device), model


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
        return model.draw(0, zeros, uniforms)

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
    expected = reference.mean_nll(plain, masks, rows)
    found = likelihood.mean_nll(model, resident)
    if abs(found - expected) > 1e-3 * abs(expected):
        raise MadeError(
            f"The engine's NLL is {found:.6g} nats / example, the reference's {expected:.6g}: one "
            "of them is wrong."
        )
    return (
        partial(timed, lambda: reference.mean_nll(plain, masks, rows)),
        partial(timed, lambda: likelihood.mean_nll(model, resident)),
    )


def _sampling(model: AutoregressiveModel, num_samples: int) -> Callable[[], Tensor]:
    return lambda: model.sample(num_samples, torch.Generator().manual_seed(SEED))


def _warm(work: Callable[[], Any], share: float = 1.0) -> Side:
    work()
    return partial(timed, work, share)


DIGITS, TINY = (512, 512, 512), (32, 32)
CASES: dict[str, Case] = {
    "train": Case(
        title="training",
        per="step of {batch_size}",
        prepare=training,
        full=Size(num_variables=784, hidden_sizes=DIGITS, num=60),
        quick=Size(num_variables=36, hidden_sizes=TINY, num=20, rounds=2),
    ),
    "train-wide": Case(
        title="training, wide",
        per="step of {batch_size}",
        prepare=training,
        full=Size(num_variables=784, hidden_sizes=(2000, 2000), num=15),
        quick=Size(num_variables=36, hidden_sizes=(64, 64), num=20, rounds=2),
    ),
    "train-32-masks": Case(
        title="training, 32 mask sets",
        per="step of {batch_size}",
        prepare=training,
        settings={"num_connectivities": 32, "num_orderings": 32, "ordering": "random"},
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
        full=Size(num_variables=784, hidden_sizes=DIGITS, num=100, rounds=3),
        quick=Size(num_variables=36, hidden_sizes=TINY, num=20, rounds=3),
    ),
    "sample-1000": Case(
        title="{num} digits / dense pass",
        per="{num} samples",
        prepare=draws_and_pass,
        full=Size(num_variables=784, hidden_sizes=DIGITS, num=1_000, rounds=15),
        quick=Size(num_variables=36, hidden_sizes=TINY, num=50, rounds=3),
    ),
    "nll": Case(
        title="NLL of {num} images",
        per="{num} images",
        prepare=whole_nll,
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
}


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
