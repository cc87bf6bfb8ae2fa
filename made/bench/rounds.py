"""How a case is measured: two sides in turns, and the medians of their rounds.

torch is not loaded here, so that a fresh process can prepare it first.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from made.datasets import Dataset, DatasetInfo
from made.setups.config import ExperimentConfig

SEED = 0
NUM_VALIDATION = 100
TEXTBOOK = "the textbook"

# Does one round and returns its figure: seconds, or MB of 10^6 bytes.
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
    """One line of the table. title: with {num}; per: what one figure is the figure of.

    prepare: makes the two sides. unit: of what they return. baseline: what the reference's side
    is. remark: what must be said beside the title about a device. needs_gpu: too large for a CPU
    unless it is asked for by name.
    """

    title: str
    per: str
    prepare: Callable[[ExperimentConfig, Size, str], tuple[Side, Side]]
    full: Size
    quick: Size
    settings: Mapping[str, Any] = field(default_factory=dict)
    unit: Literal["s", "MB"] = "s"
    baseline: str = TEXTBOOK
    remark: Callable[[str], str] = lambda device: ""
    needs_gpu: bool = False

    def describe(self) -> str:
        """Title and full size."""
        title = self.title.format(num=f"{self.full.num:,}")
        place = "; on a CPU only when named" if self.needs_gpu else ""
        return f"{title}, {self.full.network}, {self.full.num_categories} categories{place}"


def run(case: Case, device: str, *, is_quick: bool) -> dict[str, Any]:
    """Measure one case: medians in its unit, and reference / engine, over rounds in turns."""
    size = case.quick if is_quick else case.full
    values = {"hidden_sizes": size.hidden_sizes, "learning_rate": 1e-4, "look_ahead": 0}
    config = ExperimentConfig.from_flat(values | {"epochs": size.rounds + 1} | dict(case.settings))
    sides = case.prepare(config, size, device)
    figures: tuple[list[float], list[float]] = ([], [])
    for _ in range(size.rounds):
        for side, found in zip(sides, figures, strict=True):
            found.append(side())
    reference, engine = map(statistics.median, figures)
    return {
        "title": case.title.format(num=f"{size.num:,}"),
        "remark": case.remark(device),
        "per": case.per.format(num=f"{size.num:,}", batch_size=config.training.batch_size),
        "network": size.network,
        "num_categories": size.num_categories,
        "rounds": size.rounds,
        "baseline": case.baseline,
        "reference_share": size.share,
        "unit": case.unit,
        "reference": reference,
        "engine": engine,
        "ratio": reference / engine,
    }


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
