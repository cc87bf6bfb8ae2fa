"""A held run of a small joint: its latest minibatch, and what it did to the density."""

from __future__ import annotations

import numpy as np

from made import plots
from made.base.text import significant, tick
from made.plots.steps import change_picture, points_picture
from made.runs import moments
from made.runs.folder import Run
from made.runs.records import Status
from made.training.events import Moment
from made.views.pictures import Picture
from made.views.run_views import reference


def moment_of(run: Run, status: Status) -> Moment | None:
    """The minibatch that a held run has just done; None where it is not followed so closely."""
    moment = moments.read(run) if status.state == "held" else None
    return moment if moment is not None and moment.step == status.step else None


def moment_line(moment: Moment) -> str:
    """Which minibatch it is, and its NLL in nats / example under the densities around it.

    They are the exact densities of the pictures: without dropout, of the average of the weights
    and the mixture of the mask sets where there are such.
    """
    before, after = (nll(density, moment.rows) for density in (moment.before, moment.after))
    return (
        f"minibatch **{moment.batch}** of epoch {moment.epoch} · {len(moment.rows):,} points · "
        f"loss **{significant(before)} → {significant(after)} nats**"
    )


def nll(density: np.ndarray, rows: np.ndarray) -> float:
    """Mean of -log p over rows (B, 2) of a density (K, K), in nats."""
    with np.errstate(divide="ignore"):
        return -float(np.log(density[tuple(rows.T)].astype(np.float64)).mean())


def moment_pictures(run: Run, moment: Moment) -> list[Picture]:
    """The data with the points of the minibatch, the density after it, and its change."""
    known = reference(run).joint
    size = len(moment.after)
    joint = known if known is not None and len(known) == size else None
    points = points_picture(joint, moment.rows, size)
    num_cells = len(np.unique(moment.rows, axis=0))
    panels = [] if joint is None else [("data", joint)]
    (_, density) = plots.density_pictures([*panels, ("model", moment.after)])[-1]
    change, clip = change_picture(moment.before, moment.after)
    moved = float(np.abs(moment.after - moment.before).sum()) / 2
    return [
        Picture(
            "Data, the minibatch in blue",
            points,
            f"Data in grey with the {len(moment.rows):,} points of the minibatch in blue, in "
            f"{num_cells:,} cells.",
        ),
        Picture(
            f"Model: exact density after step {moment.step:,}",
            density,
            plots.density_alt([("Model", moment.after)]),
        ),
        Picture(
            f"Its change: blue less, orange more, ±{tick(clip)}",
            change,
            f"Change of p by this minibatch, blue less, orange more, at most {tick(clip)} a cell; "
            f"{significant(moved)} of the mass moved.",
        ),
    ]
