"""What the small files of a run folder say, made sure of: every value has its type and its range.

Anyone may have written them, so nothing is taken on trust. A field that is missing, of a wrong type
or out of range keeps its default, or is not there; a record without its place is no record.
"""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any, Literal, TypedDict, get_args

import numpy as np

from made.base.files import lines_of, parse_object
from made.datasets import DatasetInfo
from made.datasets.arrays import Source, read_npy
from made.runs.levels import from_levels

State = Literal[
    "starting",
    "queued",
    "training",
    "held",
    "paused",
    "stopped",
    "finished",
    "failed",
    "interrupted",
]
STATES = get_args(State)
MAX_LABEL_LENGTH = 80
MAX_TEXT_LENGTH = 10_000
MOST_REMEMBERED = 2**15
MAX_COUNT = 2**53
MAX_PID = 2**31 - 1
MAX_SECONDS = 1e12
# Whose square is a number as well, as every standard error wants.
MAX_FIGURE = 1e100
# Seconds since 1970 to the year 3000, which every clock and calendar can still show.
MAX_TIME = 32_503_680_000.0

_LOG_PROBS = Source("test_log_probs.npy", "measure the run again")


@dataclass(frozen=True, kw_only=True)
class Status:
    """One consistent reading of what a run does. Times are seconds since 1970, 0 if unknown.

    threads: of the CPU with which each of its processes trains; 0 for all that there are, as on a
    GPU and in runs of older versions. node: the machine of a cluster that trains it, and which one
    was lost before; empty on this machine.
    """

    state: State = "interrupted"
    epoch: int = 0
    step: int = 0
    examples_per_second: float | None = None
    seconds_left: float | None = None
    training_seconds: float = 0.0
    message: str = ""
    cause: str = ""
    device: str = ""
    threads: int = 0
    engine: str = ""
    node: str = ""
    pid: int | None = None
    created: float = 0.0
    launched: float = 0.0
    started: float | None = None
    updated: float = 0.0
    ended: float | None = None


class EpochRecord(TypedDict, total=False):
    """One finished epoch: always epoch, step and is_best, and the figures that were measured.

    seconds: of training so far; all others in nats per example. Beside these, where it is a MADE,
    the root mean square of each layer's weights (`made.training.weight_sizes`), without a unit;
    absent from runs of older versions.
    """

    epoch: int
    step: int
    is_best: bool
    seconds: float
    train_nll: float
    validation_nll: float
    cross_entropy_nats: float
    kl_nats: float
    entropy_nats: float


class Result(TypedDict, total=False):
    """Figures of the best checkpoint on the test split; a plain autoencoder has no likelihood.

    nll_standard_error, single_pass_standard_error: of the means over the test examples, in nats;
    absent from runs of older versions. num_seen_test_rows: those that equal a training row.
    """

    best_epoch: int
    epochs: int
    steps: int
    num_examples: int
    num_mask_sets: int
    num_parameters: int
    num_seen_test_rows: int
    reason: str
    training_seconds: float
    validation_nll: float
    nll_nats: float
    nll_standard_error: float
    bits_per_dim: float
    single_pass_nll_nats: float
    single_pass_standard_error: float
    cross_entropy_nats: float
    kl_nats: float
    entropy_nats: float
    reconstruction_nats: float


COUNTS = frozenset({"epoch", "step"} | {"best_epoch", "epochs", "steps"}) | {
    name for name in Result.__annotations__ if name.startswith("num_")
}
ERRORS = frozenset({"nll_standard_error", "single_pass_standard_error"})
_TEXTS = frozenset({"state", "message", "cause", "device", "engine", "node"})
_TIMES = frozenset({"created", "launched", "started", "updated", "ended"})


def count(value: Any, most: int = MAX_COUNT) -> int | None:
    """A whole number 0 … most, or None."""
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most
    return value if is_count else None


def number(value: Any, low: float = -math.inf, high: float = math.inf) -> float | int | None:
    """A finite number within bounds, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    is_small = not isinstance(value, int) or abs(value) <= MAX_COUNT
    return value if is_small and math.isfinite(value) and low <= value <= high else None


def text(value: Any) -> str | None:
    """A text that can be encoded, or None; what is too long is cut."""
    if not isinstance(value, str):
        return None
    return value[:MAX_TEXT_LENGTH].encode(errors="replace").decode()


def is_label(value: Any) -> bool:
    """Whether something can be the name of a run: 1 to 80 printable characters."""
    return isinstance(value, str) and 1 <= len(value) <= MAX_LABEL_LENGTH and value.isprintable()


def parse_status(content: bytes) -> Status:
    """status.json."""
    recorded = parse_object(content)
    known: dict[str, Any] = {}
    for field in fields(Status):
        value = recorded.get(field.name)
        if field.name in _TEXTS:
            known[field.name] = text(value)
        elif field.name in ("epoch", "step", "threads"):
            known[field.name] = count(value)
        elif field.name == "pid":
            known[field.name] = count(value, MAX_PID) or None
        else:
            known[field.name] = number(value, 0, MAX_TIME if field.name in _TIMES else MAX_SECONDS)
    if known["state"] not in STATES:
        known["state"] = None
    return Status(**{name: value for name, value in known.items() if value is not None})


@dataclass(frozen=True)
class Origin:
    """From where the first weights come: the run's id, its label then, and its best epoch."""

    id: str
    label: str
    epoch: int


def parse_origin(content: bytes) -> Origin:
    """Raises ValueError for anything else."""
    found = parse_object(content)
    id, label, epoch = text(found.get("id")), text(found.get("label")), count(found.get("epoch"))
    if id is None or label is None or epoch is None:
        raise ValueError("It does not say whose weights they are.")
    return Origin(id, label, epoch)


def parse_epochs(content: bytes) -> tuple[EpochRecord, ...]:
    """epochs.jsonl, whose end may be torn."""
    records = (
        # A run that trains is read again whenever it has one line more.
        _known_epoch(line) if len(line) <= MAX_TEXT_LENGTH else _parse_epoch(line)
        for line in lines_of(content)
    )
    return tuple(record for record in records if record is not None)


def _parse_epoch(line: bytes) -> EpochRecord | None:
    """One line of it, or None where it is torn."""
    try:
        recorded = parse_object(line)
    except (ValueError, RecursionError):
        return None
    record: Any = _figures(recorded)
    if "epoch" not in record or "step" not in record:
        return None
    epoch: EpochRecord = record | {"is_best": recorded.get("is_best") is True}
    return epoch


_known_epoch = lru_cache(MOST_REMEMBERED)(_parse_epoch)


def parse_result(content: bytes) -> Result:
    """result.json."""
    recorded = parse_object(content)
    result: Any = _figures(recorded)
    reason = text(recorded.get("reason"))
    return result if reason is None else result | {"reason": reason}


def _figures(recorded: Mapping[str, Any]) -> dict[str, float | int]:
    """The entries that are numbers."""
    found = {
        name: count(value)
        if name in COUNTS
        else number(value, 0 if name in ERRORS else -MAX_FIGURE, MAX_FIGURE)
        for name, value in recorded.items()
        if text(name) == name
    }
    return {name: value for name, value in found.items() if value is not None}


def parse_log_probs(content: bytes) -> np.ndarray:
    """test_log_probs.npy, float32 (N,). Raises MadeError for anything else."""
    array = read_npy(io.BytesIO(content), _LOG_PROBS, num_bytes=len(content))
    is_sound = array.ndim == 1 and array.dtype.kind == "f" and array.size
    if not is_sound or not np.isfinite(array).all():
        raise _LOG_PROBS.refuse("does not hold one number a test example")
    return array.astype(np.float32)


def parse_label(content: bytes) -> str:
    """label.json. Raises ValueError for what can be no label."""
    label = parse_object(content).get("label")
    if not is_label(label):
        raise ValueError(f"a name has 1 to {MAX_LABEL_LENGTH} printable characters")
    return str(label)


def parse_pid(content: bytes) -> int | None:
    """launch.json: the process that was launched, where it is a local one."""
    return count(parse_object(content).get("pid"), MAX_PID) or None


# Of each array that a run keeps to be shown: how many axes it has, and of which kind it is.
_WHOLE, _REAL = "iu", "f"
_ARRAYS = {
    "rows": (2, _WHOLE),
    "samples": (2, _WHOLE),
    "originals": (2, _WHOLE),
    "reconstructions": (2, _WHOLE),
    "histogram": (2, _WHOLE),
    "density": (2, _REAL),
    "density_levels": (2, _WHOLE),
    "joint": (2, _REAL),
    "before": (2, _REAL),
    "after": (2, _REAL),
    "place": (1, _WHOLE),
    "entropy": (0, _REAL),
    "independence": (0, _REAL),
}
TABLES = frozenset({"histogram", "density", "density_levels", "joint", "before", "after"})


def known_arrays(arrays: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Those arrays that can be shown: rows of numbers 0 …, square tables of masses, and figures.

    A density that is kept in levels comes as any other.
    """
    known = {name: array for name, array in arrays.items() if _can_be_shown(name, array)}
    if "density_levels" in known:
        known["density"] = from_levels(known.pop("density_levels"))
    return known


def fits(name: str, array: np.ndarray, info: DatasetInfo) -> bool:
    """Whether a table has K × K states of two variables, and rows have D values below K."""
    if name in TABLES:
        return info.num_variables == 2 and array.shape[0] == info.num_categories
    if array.ndim == 2:
        return array.shape[1] == info.num_variables and int(array.max()) < info.num_categories
    return True


def _can_be_shown(name: str, array: np.ndarray) -> bool:
    num_axes, kinds = _ARRAYS.get(name, (-1, ""))
    if array.ndim != num_axes or array.dtype.kind not in kinds or not array.size:
        return False
    if not np.isfinite(array).all():
        return False
    if name in TABLES:
        is_mass = bool((array >= 0).all()) and 0 < array.max() <= MAX_COUNT
        return array.shape[0] == array.shape[1] and is_mass
    return num_axes == 0 or bool((array >= 0).all())
