"""Surprise: −log p of each variable of a row; the rows that surprise most; the nearest ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from made.base.text import significant
from made.density import dependencies
from made.plots.palette import MODEL
from made.runs.folder import Run
from made.runs.kept_models import opened, threads_for
from made.views import inference
from made.views.examples import local_data
from made.views.pictures import Picture, rows_as_picture
from made.views.variable_names import grid_columns, place_name

if TYPE_CHECKING:
    from made.datasets import DatasetInfo

NUM_EXTREMES = 8
NUM_NEIGHBOURS = 8
COLOURS = ("#f4f3f0", "#f0b07c", MODEL, "#5e2606")  # expected … a surprise
ROWS_AT_ONCE = 4096


@dataclass(frozen=True, kw_only=True, eq=False)
class Surprise:
    """−log p of each variable given the earlier ones, nats, float64 (D,), under one mask set."""

    info: DatasetInfo
    is_density: bool
    row: np.ndarray
    nats: np.ndarray

    @property
    def total(self) -> float:
        """The NLL of the row in nats: the sum over its variables."""
        return float(self.nats.sum())


def surprise(run: Run, row: np.ndarray, mask_set: int = 0) -> Surprise:
    """Ask the best checkpoint of a run about a row, integers (D,). Raises MadeError."""
    with opened(run.id) as loaded, threads_for(1):
        network = loaded.network
        (index,) = network.bank.checked_indices(mask_set)
        x = np.asarray(row, np.int64)
        log_probs, _ = dependencies.changed(network, x, 0, int(x[0]), index)
        nats = -log_probs[np.arange(len(x)), x]
        return Surprise(info=loaded.info, is_density=network.has_density, row=x, nats=nats)


def panel(seen: Surprise, title: str) -> dict[str, Any]:
    """What the drawing shows, and all that it says."""
    info = seen.info
    columns = grid_columns(info)
    return {
        "title": title,
        "columns": columns,
        "rows": -(-info.num_variables // columns),
        "num_categories": info.num_categories,
        "can_draw": info.image_shape is not None,
        "row": seen.row.tolist(),
        "nats": [float(f"{value:.4g}") for value in seen.nats],
        "top": float(f"{seen.nats.max():.4g}"),
        "colours": COLOURS,
        "names": [place_name(info, d) for d in range(info.num_variables)],
        "total": total_line(seen),
    }


def total_line(seen: Surprise) -> str:
    """What the map sums to; of a plain autoencoder, that it is no likelihood."""
    what = "NLL" if seen.is_density else "reconstruction cross-entropy, no likelihood"
    worst = int(seen.nats.argmax())
    where = place_name(seen.info, worst)
    return (
        f"The map sums to {significant(seen.total)} nats ({what}); "
        f"most at {where}: {significant(seen.nats[worst])} nats."
    )


def extremes(run: Run) -> dict[str, np.ndarray] | None:
    """Numbers of the most and of the least likely test rows; None where they are not known.

    Of the best checkpoint with all its mask sets, as the run recorded them.
    """
    log_probs, data = run.test_log_probs(), local_data(run)
    if log_probs is None or data is None or len(data.test) != len(log_probs):
        return None
    order = np.argsort(-log_probs, kind="stable")
    return {"most": order[:NUM_EXTREMES], "least": order[::-1][:NUM_EXTREMES]}


def extreme_pictures(run: Run) -> list[tuple[Picture, str]]:
    """The most and the least likely test rows, each with their numbers and log p."""
    found, data, log_probs = extremes(run), local_data(run), run.test_log_probs()
    if found is None or data is None or log_probs is None:
        return []
    shown = []
    for which, numbers in found.items():
        low, high = sorted((-log_probs[numbers[0]], -log_probs[numbers[-1]]))
        title = f"{which.capitalize()} likely: {significant(low)} to {significant(high)} nats"
        picture = _line(data.test[numbers], data.info, title)
        shown.append((picture, "Test rows " + ", ".join(map(str, numbers.tolist()))))
    return shown


def nearest(samples: np.ndarray, train: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each sample the training row that differs from it in the fewest variables.

    samples: (N, D); train: (M, D). Returns the rows' numbers and how many variables differ, (N,).
    """
    best = np.zeros(len(samples), np.int64)
    least = np.full(len(samples), samples.shape[1] + 1)
    for start in range(0, len(train), ROWS_AT_ONCE):
        part = train[start : start + ROWS_AT_ONCE]
        for index, sample in enumerate(samples):
            distances = np.count_nonzero(part != sample, axis=1)
            place = int(distances.argmin())
            if distances[place] < least[index]:
                best[index], least[index] = start + place, distances[place]
    return best, least


def neighbour_pictures(run: Run, seed: int = 0) -> tuple[list[Picture], str]:
    """Samples over their nearest training rows, and a sentence; no pictures without the data."""
    data = local_data(run)
    if data is None:
        return [], "The training rows are not on this machine, so none can be compared with."
    if not run.config.has_density:
        return [], "A plain autoencoder has no samples that could be learned by heart."
    signature = run.checkpoint_path().stat().st_mtime_ns
    samples, numbers, different = _neighbours(run.id, signature, seed)
    same = int((different == 0).sum())
    said = (
        f"A sample differs from its nearest training row in {', '.join(map(str, different))} of "
        f"{data.info.num_variables} variables"
    )
    said += f": {same} of {len(samples)} are copies." if same else ": none is a copy."
    return [
        _line(samples, data.info, f"{len(samples)} samples of the model"),
        _line(data.train[numbers], data.info, "The nearest training row of each"),
    ], said


@lru_cache(maxsize=8)
def _neighbours(run_id: str, _: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same as long as the checkpoint is."""
    data = local_data(Run.open(run_id))
    assert data is not None
    samples = inference.draw(run_id, num_samples=NUM_NEIGHBOURS, seed=seed).samples
    return (samples, *nearest(samples, data.train))


def _line(rows: np.ndarray, info: DatasetInfo, title: str) -> Picture:
    columns = len(rows) if info.image_shape else None
    return rows_as_picture(
        rows, info.image_shape, info.num_categories, title, columns=columns, width=1200
    )
