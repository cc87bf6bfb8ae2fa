"""What a page shows of a run: lines of text, the curve and the pictures, all from its folder."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from made import datasets, plots
from made.base.errors import MadeError
from made.base.text import clock, short_count, significant, with_error
from made.density.figures import error_of
from made.runs.folder import LIVING, Run
from made.runs.records import Status
from made.setups.changes import Change
from made.setups.config import ExperimentConfig
from made.setups.presets import preset_of
from made.setups.words import set_up_line
from made.views import live_losses
from made.views.pictures import Picture, rows_as_picture

NUM_IMAGES, IMAGE_COLUMNS = 32, 8


MOST_TOLD = 3


@dataclass(frozen=True)
class Reference:
    """What a run knows of its data without loading them (its data.npz).

    joint: the true joint (K, K) or None. rows: some training rows (M, D).
    entropy, independence: nats, None where the truth is not known.
    """

    joint: np.ndarray | None
    rows: np.ndarray | None
    entropy: float | None
    independence: float | None


@dataclass(frozen=True)
class Curve:
    """The loss of a run so far: minibatch losses, and one validation point an epoch."""

    losses: plots.Thinned
    steps: list[int]
    validation_nll: list[float]
    train_nll: list[float]
    best: int | None
    reference: Reference
    unit_label: str = field(default=plots.NLL_LABEL)
    changes: tuple[Change, ...] = ()

    def option(self) -> dict[str, Any]:
        """What the live chart draws."""
        return plots.live_curve(
            self.losses,
            validation_steps=self.steps,
            validation_nll=self.validation_nll,
            train_nll=self.train_nll,
            best=self.best,
            entropy=self.reference.entropy,
            independence=self.reference.independence,
            unit_label=self.unit_label,
            marks=self.marks,
        )

    @property
    def marks(self) -> list[tuple[int, str]]:
        """The steps at which something was changed, and what."""
        return [(change.step, change.words) for change in self.changes]

    def alt(self) -> str:
        return plots.live_curve_alt(
            self.losses,
            validation_steps=self.steps,
            validation_nll=self.validation_nll,
            best=self.best,
            entropy=self.reference.entropy,
            independence=self.reference.independence,
            unit_label=self.unit_label,
            marks=self.marks,
        )


def reference(run: Run) -> Reference:
    """The run's note of its data; empty before the worker has loaded them."""
    arrays = run.data_arrays()
    return Reference(
        joint=arrays.get("joint"),
        rows=arrays.get("rows"),
        entropy=float(arrays["entropy"]) if "entropy" in arrays else None,
        independence=float(arrays["independence"]) if "independence" in arrays else None,
    )


def curve(run: Run) -> Curve:
    """The whole curve of a run, of whatever length."""
    epochs = [record for record in run.epochs() if "validation_nll" in record]
    best = [index for index, record in enumerate(epochs) if record["is_best"]]
    has_density = run.config.has_density
    return Curve(
        losses=live_losses.thinned(run),
        steps=[record["step"] for record in epochs],
        validation_nll=[record["validation_nll"] for record in epochs],
        train_nll=[record.get("train_nll", math.nan) for record in epochs],
        best=best[-1] if best else None,
        reference=reference(run),
        unit_label=plots.NLL_LABEL if has_density else plots.RECONSTRUCTION_LABEL,
        changes=run.changes(),
    )


def pictures(run: Run, epoch: int | None = None) -> list[Picture]:
    """Data and model side by side after an epoch, by default the one that the figures speak of."""
    epoch = shown_epoch(run) if epoch is None else epoch
    arrays = run.samples(epoch)
    if not arrays:
        return []
    known = reference(run)
    after = f"after epoch {epoch}"
    if "density" in arrays:
        return _densities(arrays, known, after)
    if {"reconstructions", "originals"} <= arrays.keys():
        panels = [
            ("Validation rows", arrays["originals"]),
            (f"Their reconstructions {after}, no samples", arrays["reconstructions"]),
        ]
    elif "samples" in arrays:
        panels = [] if known.rows is None else [("Data", known.rows)]
        panels.append((f"Samples {after}", arrays["samples"]))
    else:
        return []
    shape, num_categories = _image(run, [rows for _, rows in panels])
    return [
        rows_as_picture(rows[:NUM_IMAGES], shape, num_categories, title, columns=IMAGE_COLUMNS)
        for title, rows in panels
    ]


def shown_epoch(run: Run) -> int | None:
    """The best epoch of a finished run, whose figures are shown, if kept; else the newest one."""
    kept = run.sample_epochs()
    best = (run.result or {}).get("best_epoch")
    return best if best in kept else (kept[-1] if kept else None)


def _densities(arrays: dict[str, np.ndarray], known: Reference, after: str) -> list[Picture]:
    panels = [] if known.joint is None else [("Data: true joint", known.joint)]
    panels.append((f"Model: exact density {after}", arrays["density"]))
    if (counts := arrays.get("histogram")) is not None:
        panels.append((f"Model: {int(counts.sum()):,} samples", counts / counts.sum()))
    return [
        Picture(title, pixels, plots.density_alt([panel]))
        for (title, pixels), panel in zip(plots.density_pictures(panels), panels, strict=True)
    ]


def _image(run: Run, shown: list[np.ndarray]) -> tuple[tuple[int, int] | None, int]:
    """Image shape and number of categories; guessed for an upload that was deleted since."""
    try:
        info = datasets.info(run.config.data)
    except MadeError:
        return None, 1 + max(int(rows.max(initial=1)) for rows in shown)
    shape = info.image_shape
    fits = shape is None or all(math.prod(shape) == rows.shape[1] for rows in shown)
    return shape if fits else None, info.num_categories


def run_title(run: Run) -> str:
    """The name of a run and when it was made, which tell it from others in a list."""
    if run.is_shipped:
        return f"{run.label} · comes with the dashboard"
    made = datetime.fromtimestamp(run.recorded.created)
    by = f" · {run.owner.name}" if run.owner else ""
    return f"{run.label}{by} · {made:%d %b %H:%M:%S}"


def progress_line(run: Run, status: Status, place: int | None) -> str:
    """Where a run stands, in one line."""
    silent = silence(run) if status.state in LIVING else ""
    return " · ".join(filter(None, [silent, _progress(run, status, place)]))


def silence(run: Run) -> str:
    """That the process of a living run gives no sign of life, and for how long; else empty."""
    seconds = run.silent_seconds
    return "" if seconds is None else f"not answering for {seconds:,.0f} s"


def _progress(run: Run, status: Status, place: int | None) -> str:
    epochs, state = run.latest_config.training.epochs, status.state
    if state == "queued" and place is None:
        return status.message or "waits"
    if state == "queued":
        before = f"{place} before it" if place else "it is next"
        return f"waits for {status.device}: {before}"
    if state == "starting":
        return status.message or "starting"
    parts = [f"epoch {status.epoch} of {epochs}", f"step {status.step:,}"]
    if state == "training":
        if status.examples_per_second:
            parts.append(f"{short_count(status.examples_per_second)} examples/s")
        if status.seconds_left is not None:
            parts.append(f"{clock(status.seconds_left)} left")
    else:
        parts.append(f"{clock(status.training_seconds)} of training")
    if status.device:
        parts.append(f"{status.device} on {status.node}" if status.node else status.device)
    if state == "finished" and status.message:
        parts.append(status.message)
    return " · ".join(parts)


def engine_line(status: Status) -> str:
    """Which way the minibatches are computed; empty before they are, and for an old run."""
    return "" if status.state in ("starting", "queued") else status.engine


def figure_line(run: Run) -> str:
    """The figures that count: of the test split once finished, of the latest epoch before."""
    result = run.result
    if result and "nll_nats" in result:
        parts = [f"Test NLL **{_measured(result, 'nll_nats')} nats**"]
        if "bits_per_dim" in result:
            parts.append(f"{_measured(result, 'bits_per_dim')} bits/dim")
        if "kl_nats" in result:
            parts.append(f"exact KL to the truth **{_measured(result, 'kl_nats')} nats**")
        if result.get("num_mask_sets", 1) > 1 and "single_pass_nll_nats" in result:
            single = _measured(result, "single_pass_nll_nats")
            parts.append(f"mixture of {result['num_mask_sets']} mask sets (one pass: {single})")
        if "best_epoch" in result:
            parts.append(f"best epoch {result['best_epoch']}")
        return " · ".join(parts)
    if result and "reconstruction_nats" in result:
        nats = significant(result["reconstruction_nats"])
        return (
            f"Test reconstruction cross-entropy **{nats} nats** "
            "· a plain autoencoder, no density: this is no likelihood"
        )
    epochs = [record for record in run.epochs() if "validation_nll" in record]
    if not epochs:
        return ""
    latest = epochs[-1]
    what = "NLL" if run.config.has_density else "reconstruction cross-entropy"
    line = f"Validation {what} **{significant(latest['validation_nll'])} nats** after epoch "
    line += f"{latest['epoch']}"
    if "kl_nats" in latest:
        line += f" · exact KL to the truth **{significant(latest['kl_nats'])} nats**"
    return line


def python_of(run: Run) -> str:
    """The call that trains a run again, with its first weights and all that was changed."""
    changes: dict[int, dict[str, Any]] = {}
    for change in run.changes():
        changes.setdefault(change.step, {}).update(change.values)
    return run.config.to_python(changes, run.origin.id if run.origin else None)


def origin_line(run: Run) -> str:
    """Whose weights it began with; "" for weights of its own. Text, never Markdown."""
    origin = run.origin
    return f"began with the weights of {origin.label}, epoch {origin.epoch}" if origin else ""


def changes_line(run: Run) -> str:
    """What was changed while it trained; "" for a run that keeps what it began with.

    The latest few, as all of them stand on the curve.
    """
    changes = run.changes()
    told = [f"{each.words} from step {each.step:,} on" for each in changes[-MOST_TOLD:]]
    earlier = ["…"] if len(changes) > MOST_TOLD else []
    return "changed on the way: " + "; ".join([*earlier, *told]) if told else ""


def _measured(result: Mapping[str, Any], name: str) -> str:
    """A test figure with its standard error over the test examples, where it is recorded."""
    return with_error(result[name], error_of(result, name))


def details_line(config: ExperimentConfig) -> str:
    """The set-up of a run, and the figure to be expected of it where it is a preset."""
    preset = preset_of(config)
    parts = [set_up_line(config)]
    if preset is not None:
        parts.append(f"preset {preset.name}")
        parts += [f"expected {preset.expected.text}"] if preset.expected else []
    return " · ".join(parts)
