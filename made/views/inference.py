"""Samples of a trained model for who shows them: numpy in and out, safe from several threads."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from made import datasets
from made.base.errors import MadeError
from made.base.files import pack_arrays
from made.datasets.base import histogram, smallest_type
from made.model.masks import mask_bank
from made.runs.folder import Run
from made.runs.kept_models import opened, threads_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from made.density.density import Model
    from made.runs.loading import LoadedRun

MAX_VALUES = 50_000_000  # number of samples × D: 600 MB while they are drawn


@dataclass(frozen=True, kw_only=True, eq=False)
class Drawn:
    """Samples, integers (N, D) in the smallest unsigned type, and the seconds that drawing took.

    For a 2-D joint also histogram, uint32 (K, K), the counts of the samples, and density,
    float64 (K, K), the exact probabilities that they are drawn from.
    """

    samples: np.ndarray
    seconds: float
    histogram: np.ndarray | None = None
    density: np.ndarray | None = None


def draw(
    run_id: str,
    *,
    checkpoint: str = "best",
    num_samples: int = 100,
    seed: int = 0,
    mask_set: int | None = None,
    observed: Mapping[int, int] | None = None,
) -> Drawn:
    """Draw from a run's model; the same arguments give the same samples.

    mask_set: one of them, by default their mixture. observed: variable to value, kept in every
    sample; these variables must come first in the ordering. Raises MadeError.
    """
    with opened(run_id, checkpoint) as loaded:
        return draw_from(
            loaded, num_samples=num_samples, seed=seed, mask_set=mask_set, observed=observed
        )


def draw_from(
    loaded: LoadedRun,
    *,
    num_samples: int = 100,
    seed: int = 0,
    mask_set: int | None = None,
    observed: Mapping[int, int] | None = None,
) -> Drawn:
    """`draw` for a run that is loaded already."""
    import torch

    info = loaded.info
    highest = MAX_VALUES // info.num_variables
    if not 1 <= num_samples <= highest:
        raise MadeError(f"Draw 1 to {highest:,} samples of '{info.name}', not {num_samples:,}.")
    model = _chosen(loaded, mask_set)
    started = time.perf_counter()
    generator = torch.Generator().manual_seed(seed)
    with threads_for(num_samples):
        rows = model.sample(num_samples, generator, observed=observed)
    seconds = time.perf_counter() - started
    samples = rows.numpy().astype(smallest_type(info.num_categories))
    if not info.is_joint:
        return Drawn(samples=samples, seconds=seconds)
    return Drawn(
        samples=samples,
        seconds=seconds,
        histogram=histogram(samples, info.num_categories),
        density=_given(np.exp(model.log_joint()), observed or {}),
    )


def exact_density(
    run_id: str, checkpoint: str = "best", mask_set: int | None = None
) -> np.ndarray | None:
    """The exact joint of a 2-D model, float64 (K, K); None for data of more variables."""
    with opened(run_id, checkpoint) as loaded:
        if not loaded.info.is_joint:
            return None
        return np.exp(_chosen(loaded, mask_set).log_joint())


def mask_set_count(run_id: str) -> int:
    """How many mask sets of a run there are to choose from; found without torch.

    Where training drew a fresh one each time, as many as its evaluation mixes.
    """
    config = Run.open(run_id).config
    num_variables = datasets.info(config.data).num_variables
    bank = mask_bank(config.model, config.masks, num_variables)
    return bank.cycle or len(bank.evaluation_indices())


def to_npz(drawn: Drawn) -> bytes:
    """The arrays of a draw as the content of an .npz file: samples, and histogram and density."""
    arrays = {"samples": drawn.samples, "histogram": drawn.histogram, "density": drawn.density}
    return pack_arrays(arrays)


def _chosen(loaded: LoadedRun, mask_set: int | None) -> Model:
    """The model of a run, or one of its mask sets alone. Raises MadeError."""
    return loaded.model if mask_set is None else loaded.model.with_mask_sets(mask_set)


def _given(density: np.ndarray, observed: Mapping[int, int]) -> np.ndarray:
    """The joint given the observed values: p(x) where they agree, over their probability."""
    if not observed:
        return density
    place = tuple(observed.get(axis, slice(None)) for axis in range(density.ndim))
    kept = np.zeros_like(density)
    kept[place] = density[place]
    return kept / kept.sum()
