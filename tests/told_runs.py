"""Run folders whose curves are given, for what is said of them; nothing is trained."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from made import runs
from made.base.files import to_json
from made.runs.folder import Run
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig
from made.studies.grid import Grid, make_grid
from made.studies.readings import read

ENTROPY = 2.0
BASE = ExperimentConfig.from_flat(
    {"dataset": "rings", "grid_size": 4, "num_samples": 1000, "hidden_sizes": (4,), "epochs": 9}
)


def told_run(
    kl: Sequence[float],
    train_nll: Sequence[float] | None = None,
    *,
    state: str = "finished",
    has_pictures: bool = False,
    **values,
) -> Run:
    """A run whose KL after its epochs is given; the lowest is the best.

    train_nll: in nats, by default the entropy and the KL. has_pictures: keeps a density an epoch.
    """
    run = runs.create(BASE.replace(**values), "told")
    writer = RunWriter(run)
    train_nll = [ENTROPY + value for value in kl] if train_nll is None else train_nll
    for epoch, (value, train) in enumerate(zip(kl, train_nll, strict=True), start=1):
        record = {"epoch": epoch, "step": 10 * epoch, "is_best": value == min(kl[:epoch])}
        record |= {"validation_nll": ENTROPY + value, "train_nll": train, "kl_nats": value}
        writer.append_epoch(record)
        if has_pictures:
            writer.write_samples(epoch, pictures(epoch))
    writer.update(state=state, epoch=len(kl))
    if state == "finished":
        best = min(kl)
        writer.write(
            "result.json",
            to_json({"kl_nats": best, "nll_nats": ENTROPY + best, "num_examples": 100}).encode(),
        )
    return run


def pictures(epoch: int) -> dict[str, np.ndarray]:
    """A density and a histogram whose first state grows with the epochs."""
    density = np.ones((4, 4), np.float32)
    density[0, 0] = 1 + epoch
    return {"density": density / density.sum(), "histogram": density.astype(np.uint32)}


def told_seeds(finals: Sequence[float], **values) -> list[Run]:
    """A run a seed, each of which falls to its final KL."""
    return [
        told_run([2 * final, final], seed=seed, data_seed=seed, **values)
        for seed, final in enumerate(finals)
    ]


def grid_of(*groups: Sequence[Run]) -> Grid:
    return make_grid([read(run) for group in groups for run in group])
