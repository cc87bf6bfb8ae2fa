"""A draw in slow motion, as its drawing needs it: arrays that are sent once, and what is said."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic import Field

from made.base.errors import MadeError
from made.base.fields import Section
from made.plots.palette import SEQUENTIAL
from made.runs.kept_models import opened, threads_for
from made.views.sample_views import MAX_SEED

if TYPE_CHECKING:
    from made.datasets import DatasetInfo
    from made.density.density import Density
    from made.density.tosses import Tosses
    from made.runs.loading import LoadedRun

SURPRISE = 0.2  # a value of less probability is one
MOST_BARS = 60_000  # probabilities that are sent, so that each conditional can be seen whole
NUM_POINTS = 400
BITS_PER_NAT = 1 / math.log(2)


@dataclass(frozen=True, kw_only=True, eq=False)
class Motion:
    """One draw of a run, ready to be shown. content: what the drawing gets.

    values: by place; empty for a joint of two variables, whose points stand in the content.
    log_prob: log p(x) of the row in nats, or of the points on average.
    """

    content: dict[str, Any]
    values: tuple[int, ...]
    log_prob: float


@dataclass(frozen=True, kw_only=True)
class Draw:
    """What is to be drawn: the same always gives the same.

    given: the values of the first places. changed: those places among them that were changed by
    hand, ascending. before: the values of the row that was changed, to count what differs.
    """

    checkpoint: str = "best"
    seed: int = 0
    mask_set: int = 0
    given: tuple[int, ...] = ()
    changed: tuple[int, ...] = ()
    before: tuple[int, ...] = ()


class Start(Section):
    """How a lesson begins. drawn: the seed of the digit beside the rounded and the mean one."""

    run: str = Field("shipped-binarized-mnist", min_length=1, max_length=120)
    seed: int = Field(0, ge=0, le=MAX_SEED)
    drawn: int = Field(0, ge=0, le=MAX_SEED)
    opens_at: float = Field(0.48, ge=0, le=1)


def has_ink(info: DatasetInfo) -> bool:
    """Whether the data are pictures of paper and ink."""
    return info.image_shape is not None and info.num_categories == 2


def next_seed(seed: int) -> int:
    return seed % MAX_SEED + 1


def change(draw: Draw, shown: Motion, place: Any) -> Draw:
    """The draw with the value at a place turned into its opposite, gone on from there.

    shown: what is seen of it now. place: what the browser says. Raises MadeError for one that is
    none of the row.
    """
    values = shown.values
    if type(place) is not int or not 0 <= place < len(values):
        raise MadeError(f"There is no place {place!r:.40} to change: choose a drawn one.")
    value = shown.content["numCategories"] - 1 - values[place]
    if value == values[place]:
        value = 0
    return Draw(
        checkpoint=draw.checkpoint,
        seed=draw.seed,
        mask_set=draw.mask_set,
        given=(*values[:place], value),
        changed=(*(other for other in draw.changed if other < place), place),
        before=tuple(values),
    )


def motion(run_id: str, draw: Draw) -> Motion:
    """Draw one row of a run, or points of a joint, toss by toss. Raises MadeError."""
    with opened(run_id, draw.checkpoint) as loaded, threads_for(1):
        density = density_of(loaded, draw.mask_set)
        if loaded.info.is_joint:
            from made.views.slow_points import points

            content, log_prob = points(density, draw.seed, NUM_POINTS)
            return Motion(content=content, values=(), log_prob=log_prob)
        from made.density.tosses import toss

        tosses = toss(density, draw.seed, draw.given)
    return Motion(
        content=grid_content(tosses, loaded.info, draw),
        values=tuple(tosses.values.tolist()),
        log_prob=float(tosses.running[-1]),
    )


def grid_content(tosses: Tosses, info: DatasetInfo, draw: Draw) -> dict[str, Any]:
    """A row as a picture that grows, and of rows without a shape as one of some lines."""
    num_variables, num_categories = tosses.log_probs.shape
    columns = info.image_shape[1] if info.image_shape else math.ceil(math.sqrt(num_variables))
    probs = np.exp(tosses.log_probs)
    own = np.exp(tosses.own_log_probs)
    is_whole = num_categories > 2 and probs.size <= MOST_BARS
    return {
        "kind": "grid",
        "columns": columns,
        "rows": -(-num_variables // columns),
        "numCategories": num_categories,
        "noun": "pixel" if info.image_shape else "variable",
        "isPicture": info.image_shape is not None,
        "outcomes": ["paper", "ink"] if has_ink(info) else ["0", "1"],
        "mapTitle": _map_title(info),
        "order": tosses.sequence.tolist(),
        "values": tosses.values.tolist(),
        "shares": _few_digits(probs @ np.linspace(0, 1, num_categories)),
        "own": _few_digits(own),
        "coins": coins(tosses).round(7).tolist(),
        "conditionals": [_few_digits(each) for each in probs] if is_whole else None,
        "running": tosses.running.round(5).tolist(),
        "surprises": np.flatnonzero(own < SURPRISE).tolist(),
        "surprise": SURPRISE,
        "stops": tosses.stops.tolist(),
        "futures": base64.b64encode(_levels(tosses.expected)).decode(),
        "numFutures": tosses.num_futures,
        "changed": list(draw.changed),
        "note": change_line(tosses.values, draw),
        "bitsPerNat": BITS_PER_NAT,
        "colours": list(SEQUENTIAL),
        "chartTitle": "Running log p (nats)",
        "level": None,
        "seed": draw.seed,
    }


def coins(tosses: Tosses) -> np.ndarray:
    """The uniform numbers as they are told, float64 (D,).

    Of two categories x is 1 where its coin is below p(x = 1); of more, x is the first category
    whose cumulative probability is above it.
    """
    two = tosses.log_probs.shape[1] == 2
    return 1 - tosses.uniforms if two else tosses.uniforms


def change_line(values: np.ndarray, draw: Draw) -> str:
    """What the last change did to the rest, in a sentence; "" where nothing was changed."""
    if not draw.changed:
        return ""
    place = draw.changed[-1]
    differs = int((np.asarray(draw.before[place + 1 :]) != values[place + 1 :]).sum())
    later = len(values) - place - 1
    return (
        f"Changed by hand at place {place + 1:,}: with the same coins {differs:,} of {later:,} "
        "later ones fall otherwise."
    )


def density_of(loaded: LoadedRun, mask_set: int) -> Density:
    """One mask set of a run. Raises MadeError where it has no density."""
    from made.density.density import NO_DENSITY, Density

    if not isinstance(loaded.model, Density):
        raise MadeError(NO_DENSITY)
    return loaded.model.with_mask_sets(mask_set)


def _map_title(info: DatasetInfo) -> str:
    if info.num_categories > 2:
        return "Value to be expected"
    return "Chance of ink, p(x = 1)" if info.image_shape else "Chance of a one, p(x = 1)"


def _few_digits(values: np.ndarray) -> list[float]:
    """Six significant digits: more than are shown, and few to send."""
    return [float(f"{value:.6g}") for value in values.tolist()]


def _levels(shares: np.ndarray) -> bytes:
    """Shares 0 … 1 as one byte each, row by row; 0 where there is none."""
    return (np.nan_to_num(shares) * 255).round().astype(np.uint8).tobytes()
