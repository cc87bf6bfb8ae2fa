"""Rows to look at through a model: of the test split, else what the run kept, else its draws."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from made import datasets
from made.base.errors import MadeError
from made.runs.folder import Run
from made.views import inference, run_views

NUM_DRAWS = 64
_DRAWN = (
    "The data of this run are not on this machine: shown are {} draws of the model. Their mean "
    "−log p is its own entropy, which tells what it expects, not what rows of the data cost it."
)


@dataclass(frozen=True, eq=False)
class Examples:
    """Rows, integers (N, D); what one of them is called; and why they are not the test split."""

    rows: np.ndarray
    title: str
    note: str = ""

    @property
    def is_test(self) -> bool:
        return not self.note

    @property
    def last(self) -> int:
        return len(self.rows) - 1

    def row(self, index: int) -> np.ndarray:
        """Row `index`, or the last one where there are fewer; integers (D,)."""
        return self.rows[max(0, min(index, self.last))]


def examples(run: Run) -> Examples:
    """The best rows that there are of a run without a download. Raises MadeError for none."""
    data = local_data(run)
    if data is not None:
        return Examples(data.test, "Test row")
    missing = "The data of this run are not on this machine: shown are"
    kept = run_views.reference(run).rows
    if kept is not None and len(kept):
        return Examples(kept, "Training row", f"{missing} {len(kept)} training rows that it kept.")
    rows = _draws(run.id, run.checkpoint_path().stat().st_mtime_ns)
    return Examples(rows, "Draw", f"{missing} {len(rows)} draws of the model.")


def never_trained_on(run: Run) -> Examples:
    """Rows that tell what a new one costs: of the test split, else draws. Raises MadeError."""
    data = local_data(run)
    if data is not None:
        return Examples(data.test, "Test row")
    rows = _draws(run.id, run.checkpoint_path().stat().st_mtime_ns)
    return Examples(rows, "Draw", _DRAWN.format(len(rows)))


def local_data(run: Run) -> datasets.Dataset | None:
    """The data of a run, or None where they would have to be downloaded or are gone."""
    config = run.config.data
    try:
        return datasets.load(config) if datasets.is_available(config.dataset) else None
    except MadeError:
        return None


@lru_cache(maxsize=8)
def _draws(run_id: str, _: int) -> np.ndarray:
    """The same draws as long as the checkpoint is the same."""
    return inference.draw(run_id, num_samples=NUM_DRAWS).samples
