"""What finished runs have reached, read from their folders: one by one, and over their seeds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from made import datasets
from made.base.errors import MadeError
from made.datasets import DatasetInfo
from made.density.figures import error_of
from made.runs import loading
from made.runs.folder import Run
from made.setups import presets
from made.setups.words import model_text
from made.studies.errors import Mean, mean_of
from made.studies.published import PUBLISHED, Published
from made.studies.readings import SEEDS

# What may differ within one line of a table: it then shows a mean over the runs.
REPEATED = frozenset({*SEEDS, "device", "num_devices"})


@dataclass(frozen=True, kw_only=True)
class Result:
    """The figures of one finished run: nats / example, of the test split unless named otherwise.

    nll, kl: of the whole model, which is a mixture where num_mask_sets > 1.
    single_nll: the mean of its mask sets alone. kl: exact, None where no truth is known.
    nll_error, single_error: standard errors over the test examples, None for a run of an older
    version. num_seen_test_rows: those that equal a training row, None where that is not known.
    model, set_up: in words, with the seeds and without them.
    """

    id: str
    name: str
    dataset: str
    model: str
    nll: float
    nll_error: float | None
    single_nll: float
    single_error: float | None
    kl: float | None
    num_mask_sets: int
    set_up: str
    num_seen_test_rows: int | None
    validation_nll: float | None
    best_epoch: int | None
    num_parameters: int | None
    seconds: float | None
    device: str
    preset: str | None
    command: str
    settings: dict[str, Any]

    @property
    def figure(self) -> float:
        """What the data are judged by: the exact KL, else the test NLL."""
        return self.nll if self.kl is None else self.kl

    @property
    def is_mixture(self) -> bool:
        return self.num_mask_sets > 1

    @property
    def single(self) -> float | None:
        """The figure of one pass; the KL of single mask sets of a mixture is not recorded."""
        if not self.is_mixture:
            return self.figure
        return self.single_nll if self.kl is None else None

    @property
    def mixture(self) -> float | None:
        return self.figure if self.is_mixture else None

    def error_of(self, name: str) -> float | None:
        """The standard error over the test examples of a figure: single, mixture or figure.

        None of an exact KL, which no test set makes uncertain, and of what older versions wrote.
        """
        if self.kl is not None or name not in ("single", "mixture", "figure"):
            return None
        return self.single_error if name == "single" and self.is_mixture else self.nll_error


def read_result(run: Run) -> Result:
    """Read one run. Raises MadeError where it is broken, unfinished, or has no likelihood."""
    config, result = run.config, run.result
    if not config.has_density:
        raise MadeError(f"Run '{run.label}' is a plain autoencoder: it has no likelihood.")
    if result is None or result.get("nll_nats") is None:
        raise MadeError(f"Run '{run.label}' has no test figures: let it finish first.")
    nll, preset, info = result["nll_nats"], presets.preset_of(config), _info(run)
    first_seeds = dict.fromkeys(SEEDS, 0)
    return Result(
        id=run.id,
        name=run.label,
        dataset=config.data.dataset,
        model=model_text(config, info),
        set_up=model_text(config.replace(**first_seeds), info),
        nll=nll,
        nll_error=error_of(result, "nll_nats"),
        single_nll=result.get("single_pass_nll_nats", nll),
        single_error=error_of(result, "single_pass_nll_nats"),
        kl=result.get("kl_nats"),
        num_mask_sets=result.get("num_mask_sets", 1),
        num_seen_test_rows=result.get("num_seen_test_rows"),
        validation_nll=result.get("validation_nll"),
        best_epoch=result.get("best_epoch"),
        num_parameters=result.get("num_parameters"),
        seconds=result.get("training_seconds"),
        device=run.status().device,
        preset=None if preset is None else preset.name,
        command=config.to_command(),
        settings=config.flat(),
    )


def read_results(runs: Iterable[Run]) -> list[Result]:
    """Read all runs that have a figure to show; the others are left out."""
    found = []
    for run in runs:
        with suppress(MadeError):
            found.append(read_result(run))
    return found


def in_order(results: Iterable[Result]) -> list[Result]:
    """Dataset by dataset, in the order of the registry, the best figure first."""
    places = {name: place for place, name in enumerate(datasets.names())}
    return sorted(
        results, key=lambda row: (places.get(row.dataset, len(places)), row.dataset, row.figure)
    )


def repetitions(results: Iterable[Result]) -> list[list[Result]]:
    """Runs that differ in their seeds, and perhaps in where they ran, but in nothing else.

    In the order of the first of each. A run of the very same seeds as another repeats no draw, so
    the two stand apart.
    """
    together: dict[Any, list[Result]] = {}
    times: Counter[Any] = Counter()
    for row in results:
        settings = {name: value for name, value in row.settings.items() if name not in REPEATED}
        kind = repr(settings), row.num_mask_sets, row.kl is None
        drawn = kind, tuple(row.settings[name] for name in SEEDS)
        together.setdefault((kind, times[drawn]), []).append(row)
        times[drawn] += 1
    return list(together.values())


def mean_figure(rows: Sequence[Result], name: str) -> Mean | None:
    """A figure of repetitions: its mean and standard error over them, of one run over its test."""
    values = [getattr(row, name) for row in rows]
    if None in values:
        return None
    return mean_of(values) if len(rows) > 1 else Mean(values[0], rows[0].error_of(name), 1)


def published(dataset: str) -> list[Published]:
    """What others report for a dataset."""
    return [row for row in PUBLISHED if row.dataset == dataset]


def _info(run: Run) -> DatasetInfo | None:
    try:
        return loading.dataset_info(run)
    except MadeError:
        return None
