"""The loss curve of a run while it grows."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from made.base.text import significant
from made.plots.palette import MODEL, MODEL_STRONG, REFERENCE
from made.plots.series import smooth, worthwhile_range
from made.plots.thinned import MAX_POINTS, SHORTEST_HALF_LIFE, Thinned, thin

STEP_LABEL = "Step (minibatches)"
NLL_LABEL = "NLL (nats / example)"
RECONSTRUCTION_LABEL = "Reconstruction cross-entropy (nats / example)"


def live_curve(
    losses: np.ndarray | Thinned,
    *,
    validation_steps: Sequence[int] = (),
    validation_nll: Sequence[float] = (),
    best: int | None = None,
    train_nll: Sequence[float] | None = None,
    entropy: float | None = None,
    independence: float | None = None,
    unit_label: str = NLL_LABEL,
    marks: Sequence[tuple[int, str]] = (),
) -> dict[str, Any]:
    """What the live chart draws: plain numbers and strings, at most some thousand points.

    losses: one a minibatch, nats / example, shape (steps,), of any length, or thinned already.
    validation_nll and train_nll: one an epoch, at validation_steps. best: index of the best
    validation point. marks: steps at which something was changed, and what.
    The answer holds x_label, y_label, series (drawn in their order), lines (horizontal
    references) and view (the ranges shown before anyone zooms). Of a series that grows all points
    but the last stay as they are while `bucket`, the minibatches of a point, does.
    """
    thinned = losses if isinstance(losses, Thinned) else thin(losses)
    buckets, smoothed = thinned.buckets(), thinned.smoothed()
    points = _thin(len(validation_nll), best)
    validation_steps = [int(validation_steps[i]) for i in points]
    validation = np.array([validation_nll[i] for i in points], dtype=np.float64)

    steps = buckets.step.tolist()
    series = [
        {
            "name": "Minibatch",
            "kind": "band",
            "grows": True,
            "x": steps,
            "y": _plain(buckets.mean),
            "low": _plain(buckets.low),
            "high": _plain(buckets.high),
            "color": [MODEL, MODEL],
        },
        {
            "name": "Smoothed",
            "kind": "line",
            "grows": True,
            "x": steps,
            "y": _plain(smoothed),
            "color": [MODEL, MODEL],
        },
    ]
    if train_nll is not None:
        series.append(
            {
                "name": "Training",
                "kind": "line",
                "grows": False,
                "x": validation_steps,
                "y": _plain(np.array([train_nll[i] for i in points], dtype=np.float64)),
                "color": [MODEL, MODEL],
                "dash": [6, 4],
            }
        )
    series.append(
        {
            "name": "Validation",
            "kind": "points",
            "grows": False,
            "x": validation_steps,
            "y": _plain(validation),
            "color": list(MODEL_STRONG),
            "best": points.index(best) if best is not None and best in points else None,
        }
    )
    lines = [
        {"name": name, "y": value, "label": f"{name} {significant(value)}", "dash": dash}
        for name, value, dash in (
            ("entropy", entropy, [2, 3]),
            ("independence", independence, [9, 5]),
        )
        if value is not None and np.isfinite(value)
    ]
    last = max([1, *steps[-1:], *validation_steps[-1:]])
    seen = np.concatenate([smoothed, validation])
    return {
        "bucket": thinned.size,
        "begin": 0,
        "x_label": STEP_LABEL,
        "y_label": unit_label,
        "series": series,
        "lines": lines,
        "marks": [{"x": int(step), "label": label} for step, label in marks],
        "line_color": REFERENCE,
        "view": {"x": [0, last], "y": list(worthwhile_range(seen, _values(lines)))},
    }


def live_curve_alt(
    losses: np.ndarray | Thinned,
    *,
    validation_steps: Sequence[int] = (),
    validation_nll: Sequence[float] = (),
    best: int | None = None,
    entropy: float | None = None,
    independence: float | None = None,
    unit_label: str = NLL_LABEL,
    marks: Sequence[tuple[int, str]] = (),
) -> str:
    """The live curve in a sentence, with its numbers."""
    thinned = losses if isinstance(losses, Thinned) else thin(losses)
    if thinned.first is None and not len(validation_nll):
        return f"{unit_label} against the step: no point yet."
    if thinned.first is None:
        return f"{unit_label} before training: validation {significant(validation_nll[-1])}."
    parts = [
        f"{unit_label} over {len(thinned):,} minibatches, from {significant(thinned.first)} "
        f"to {significant(smooth(thinned.recent, SHORTEST_HALF_LIFE)[-1])} (smoothed)"
    ]
    if best is not None and 0 <= best < len(validation_nll):
        parts.append(
            f"best validation {significant(validation_nll[best])} "
            f"at step {validation_steps[best]:,}"
        )
    parts += [
        f"{name} {significant(value)}"
        for name, value in (("entropy", entropy), ("independence", independence))
        if value is not None
    ]
    parts += [f"from step {step:,} on {label}" for step, label in marks]
    return "; ".join(parts) + "."


def _thin(count: int, best: int | None) -> list[int]:
    """At most some MAX_POINTS indices of `count`, evenly spread, the best and the last included."""
    stride = -(-count // MAX_POINTS) or 1
    keep = set(range(0, count, stride)) | ({count - 1} if count else set())
    return sorted(keep | ({best} if best is not None and 0 <= best < count else set()))


def _plain(values: np.ndarray) -> list[float | None]:
    """Six significant digits are more than a screen shows; None where there is no number."""
    return [float(f"{value:.6g}") if isfinite(value) else None for value in values.tolist()]


def _values(lines: Sequence[dict[str, Any]]) -> tuple[float, ...]:
    return tuple(line["y"] for line in lines)
