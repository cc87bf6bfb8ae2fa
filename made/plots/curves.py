"""Loss curves: the live one of a run, and those of several runs side by side."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from made.base.text import significant
from made.plots.palette import MODEL, MODEL_STRONG, REFERENCE, neutral, run_style
from made.plots.series import bucket_size, decimate, smooth, worthwhile_range

STEP_LABEL = "Step (minibatches)"
NLL_LABEL = "NLL (nats / example)"
RECONSTRUCTION_LABEL = "Reconstruction cross-entropy (nats / example)"
MAX_POINTS = 1000


class RunCurve(NamedTuple):
    """Validation record of one run: steps and nll have shape (epochs,)."""

    label: str
    steps: Sequence[int]
    nll: Sequence[float]
    best: int | None = None  # index of the best epoch


def live_curve(
    losses: np.ndarray,
    *,
    validation_steps: Sequence[int] = (),
    validation_nll: Sequence[float] = (),
    best: int | None = None,
    train_nll: Sequence[float] | None = None,
    entropy: float | None = None,
    independence: float | None = None,
    unit_label: str = NLL_LABEL,
    half_life: float | None = None,
) -> dict[str, Any]:
    """What the live chart draws: plain numbers and strings, at most some thousand points.

    losses: one a minibatch, nats / example, shape (steps,), of any length. validation_nll and
    train_nll: one an epoch, at validation_steps. best: index of the best validation point.
    half_life of the smoothed curve in minibatches: at least 25, more for a longer run.
    The answer holds x_label, y_label, series (drawn in their order), lines (horizontal
    references) and view (the ranges shown before anyone zooms).
    """
    losses = np.asarray(losses, dtype=np.float64)
    buckets = decimate(losses, MAX_POINTS)
    half_life = half_life or max(25, 2 * bucket_size(losses.size, MAX_POINTS))
    smoothed = smooth(losses, half_life)[buckets.step - 1] if losses.size else np.empty(0)
    points = _thin(len(validation_nll), best)
    validation_steps = [int(validation_steps[i]) for i in points]
    validation = np.array([validation_nll[i] for i in points], dtype=np.float64)

    steps = buckets.step.tolist()
    series = [
        {
            "name": "Minibatch",
            "kind": "band",
            "x": steps,
            "y": _plain(buckets.mean),
            "low": _plain(buckets.low),
            "high": _plain(buckets.high),
            "color": [MODEL, MODEL],
        },
        {
            "name": "Smoothed",
            "kind": "line",
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
        "x_label": STEP_LABEL,
        "y_label": unit_label,
        "series": series,
        "lines": lines,
        "line_color": REFERENCE,
        "view": {"x": [0, last], "y": list(worthwhile_range(seen, _values(lines)))},
    }


def live_curve_alt(
    losses: np.ndarray,
    *,
    validation_steps: Sequence[int] = (),
    validation_nll: Sequence[float] = (),
    best: int | None = None,
    entropy: float | None = None,
    independence: float | None = None,
    unit_label: str = NLL_LABEL,
) -> str:
    """The live curve in a sentence, with its numbers."""
    losses = np.asarray(losses, dtype=np.float64)
    known = losses[np.isfinite(losses)]
    if known.size == 0 and not len(validation_nll):
        return f"{unit_label} against the step: no point yet."
    if known.size == 0:
        return f"{unit_label} before training: validation {significant(validation_nll[-1])}."
    parts = [
        f"{unit_label} over {losses.size:,} minibatches, from {significant(known[0])} "
        f"to {significant(smooth(known, 25)[-1])} (smoothed)"
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
    return "; ".join(parts) + "."


def compare_curves(
    runs: Sequence[RunCurve],
    references: Sequence[tuple[str, float]] = (),
    *,
    unit_label: str = NLL_LABEL,
    height: int = 380,
) -> go.Figure:
    """Validation curves of several runs, the best epoch of each ringed, references in grey.

    Runs differ in colour, dash and marker, and each is named at the end of its line.
    """
    runs = [RunCurve(*run) for run in runs]
    values = np.array([value for run in runs for value in run.nll], dtype=np.float64)
    low, high = worthwhile_range(values, tuple(value for _, value in references))
    last = max([1, *(int(run.steps[-1]) for run in runs if len(run.steps))])
    figure = go.Figure()
    for i, run in enumerate(runs):
        _add_run(figure, run, i)
    names = [
        (run.label, _last_finite(run.nll), run_style(i).color) for i, run in enumerate(runs)
    ] + [(f"{name} {significant(value)}", value, REFERENCE) for name, value in references]
    inside = [
        (text, value, color)
        for text, value, color in names
        if value is not None and low <= value <= high
    ]
    for (text, value, color), place in zip(
        inside, _spread([name[1] for name in inside], 20 * (high - low) / height), strict=True
    ):
        figure.add_annotation(
            x=1.01,
            xref="paper",
            xanchor="left",
            y=place,
            text=text,
            showarrow=False,
            align="left",
            font={"color": color, "size": 13},
            hovertext=f"{text}: {significant(value)}",
        )
    for (name, value), dash in zip(references, ["dot", "dash", "dashdot"] * 9, strict=False):
        figure.add_shape(
            type="line",
            name=name,
            x0=0,
            x1=1,
            xref="paper",
            y0=value,
            y1=value,
            line={"color": REFERENCE, "dash": dash, "width": 1.5},
        )
    widest = max((len(name[0]) for name in inside), default=0)
    neutral(figure, height, l=70, r=min(60 + 7 * widest, 260), t=16, b=56)
    figure.update_layout(
        showlegend=len(inside) < len(names),
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="closest",
    )
    figure.update_xaxes(title=STEP_LABEL, range=[0, 1.02 * last], zeroline=False)
    figure.update_yaxes(title=unit_label, range=[low, high], zeroline=False)
    return figure


def compare_curves_alt(
    runs: Sequence[RunCurve], references: Sequence[tuple[str, float]] = ()
) -> str:
    """The compared curves in a sentence: the best validation value of each run."""
    parts = [
        f"{run.label}: best {significant(run.nll[run.best])} at step {run.steps[run.best]:,}"
        if run.best is not None
        else f"{run.label}: no validation yet"
        for run in (RunCurve(*run) for run in runs)
    ]
    parts += [f"{name} {significant(value)}" for name, value in references]
    return "Validation curves, in nats per example. " + "; ".join(parts) + "."


def _add_run(figure: go.Figure, run: RunCurve, index: int) -> None:
    style = run_style(index)
    hover = f"{run.label}<br>step %{{x:,}}<br>%{{y:.4~g}} nats<extra></extra>"
    figure.add_scatter(
        x=list(run.steps),
        y=list(run.nll),
        name=run.label,
        hovertemplate=hover,
        mode="lines+markers" if len(run.steps) <= 40 else "lines",
        line={"color": style.color, "dash": style.dash, "width": 2},
        marker={"symbol": style.symbol, "size": 6},
    )
    if run.best is not None and 0 <= run.best < len(run.nll):
        figure.add_scatter(
            x=[run.steps[run.best]],
            y=[run.nll[run.best]],
            name=f"{run.label}, best",
            mode="markers",
            showlegend=False,
            hovertemplate=hover.replace("<extra>", "<br>best epoch<extra>"),
            marker={
                "symbol": f"{style.symbol}-open",
                "size": 15,
                "color": style.color,
                "line": {"width": 2.5, "color": style.color},
            },
        )


def _last_finite(values: Sequence[float]) -> float | None:
    return next((float(value) for value in reversed(values) if np.isfinite(value)), None)


def _spread(wanted: Sequence[float], gap: float) -> list[float]:
    """Places as near to the wanted ones as can be, with at least `gap` between neighbours."""
    order = np.argsort(wanted, kind="stable")
    places = np.array(wanted, dtype=np.float64)[order]
    steps = gap * np.arange(len(places))
    # Least squares under an ordering constraint: pool neighbours that collide and share their mean.
    blocks: list[tuple[float, int]] = []
    for value in places - steps:
        mean, count = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, number = blocks.pop()
            mean, count = (before * number + mean * count) / (number + count), number + count
        blocks.append((mean, count))
    pooled = np.repeat([mean for mean, _ in blocks], [count for _, count in blocks])
    answer = np.empty(len(places))
    answer[order] = pooled + steps
    return answer.tolist()


def _thin(count: int, best: int | None) -> list[int]:
    """At most some MAX_POINTS indices of `count`, evenly spread, the best and the last included."""
    stride = -(-count // MAX_POINTS) or 1
    keep = set(range(0, count, stride)) | ({count - 1} if count else set())
    return sorted(keep | ({best} if best is not None and 0 <= best < count else set()))


def _plain(values: np.ndarray) -> list[float | None]:
    """Six significant digits are more than a screen shows; None where there is no number."""
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in values]


def _values(lines: Sequence[dict[str, Any]]) -> tuple[float, ...]:
    return tuple(line["y"] for line in lines)
