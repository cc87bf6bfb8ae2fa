"""What becomes of blank paper: each chance rounded, many draws averaged, and one draw."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from made.base.errors import MadeError
from made.base.text import short_count, significant
from made.plots.cells import data_address
from made.plots.palette import SEQUENTIAL, paint
from made.runs.kept_models import opened, threads_for
from made.views.slow_motion import density_of, has_ink

NUM_MEAN = 1_000
INK = ("#0b0d12", "#f0852f")  # paper, and what the model draws on it


def from_blank_paper(run_id: str, checkpoint: str = "best", seed: int = 0) -> dict[str, Any]:
    """What rounding, averaging and drawing make of a run of binary images, each with its log p.

    The mean is over 1,000 draws; it is no row, so that it has no log p. Raises MadeError.
    """
    with opened(run_id, checkpoint) as loaded, threads_for(1):
        density, shape = density_of(loaded, 0), loaded.info.image_shape
        if shape is None or not has_ink(loaded.info):
            raise MadeError(f"'{loaded.run.label}' has no binary images: choose another run.")
        from made.density.tosses import round_each

        rounded = round_each(density)
        drawn = density.sample(1, seed=seed)[0]
        mean = density.sample(NUM_MEAN, seed=seed).double().mean(dim=0).numpy()
        of_rounded, of_drawn = (float(density.log_prob(row).detach()) for row in (rounded, drawn))
        tested = loaded.run.test_log_probs() if checkpoint == "best" else None
    num_ink = int(rounded.sum())
    pictures = (
        (
            "Round each p",
            "always blank" if num_ink == 0 else f"{num_ink:,} of ink",
            rounded.numpy(),
        ),
        (f"Average {NUM_MEAN:,}", "draws: a blur, no digit", mean),
        ("Draw", "a digit", drawn.numpy()),
    )
    colours, log_probs = (INK, SEQUENTIAL, INK), (of_rounded, None, of_drawn)
    return {
        "title": "From blank paper",
        "pictures": [
            {
                "title": title,
                "line": line,
                "value": "" if log_prob is None else f"log p = {_signed(log_prob)}",
                "picture": data_address(paint(values.reshape(shape), scale)),
            }
            for (title, line, values), scale, log_prob in zip(
                pictures, colours, log_probs, strict=True
            )
        ],
        "note": rarity(of_rounded, tested, is_blank=num_ink == 0),
    }


def rarity(log_prob: float, tested: np.ndarray | None, *, is_blank: bool) -> str:
    """How likely a rounded row is beside test rows, and how seldom it is drawn all the same.

    log_prob, tested: in nats, of the rounded row and of the rows of the test split, (N,).
    """
    name = "The blank page" if is_blank else "The rounded row"
    likelier = None if tested is None else int((tested < log_prob).sum())
    rare = f"comes once in {short_count(math.exp(-log_prob))} draws"
    if tested is None or likelier is None:
        return f"{name} {rare}."
    whom = f"each of the {len(tested):,}" if likelier == len(tested) else f"{likelier:,} of the"
    return f"{name} is likelier than {whom} test digits, yet {rare}."


def _signed(value: float) -> str:
    return significant(value).replace("-", "−")
