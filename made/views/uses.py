"""One digit and what a density is good for: what changes cost, what may follow, how short its code.

A pixel whose value had the probability p costs -log2 p bits, so the row costs -log2 p(x), and that
is, to within two bits, the length of the code that `made.density.coding` makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from pydantic import Field

from made import datasets
from made.base.errors import MadeError
from made.base.fields import Section
from made.lessons.changes import CHANGES, LEVELS, changed
from made.lessons.compression import File, compressed
from made.runs.folder import Run
from made.runs.kept_models import opened, threads_for
from made.views import inpainting
from made.views.examples import Examples, never_trained_on
from made.views.inpainting import Answer, Question
from made.views.slow_motion import has_ink

NUM_DIGITS = 64  # that are packed together
HALVES = {"top": "Top half", "left": "Left half", "bottom": "Bottom half"}
MADE, RAW = "MADE", "raw"

# When the checkpoint was written, and whether the test split is at hand.
Signature = tuple[int, bool]


class Start(Section):
    """What the file of a lesson says under [start]. reader: as `uses_told` takes it."""

    run: str = "shipped-binarized-mnist"
    reader: dict[str, Any] = Field({})


@dataclass(frozen=True, eq=False)
class Digits:
    """Digits of a run, evenly spread over those that there are. numbers: theirs, (n,).

    bits: -log2 p of each, (n,), under its first mask set. files: all in one of each compressor.
    """

    run: Run
    signature: Signature
    shape: tuple[int, int]
    shown: Examples
    numbers: np.ndarray
    bits: np.ndarray
    files: Mapping[str, File]

    def title(self, digit: int) -> str:
        """What one of them is called, such as "Test row 317"."""
        return f"{self.shown.title} {self.numbers[digit]}"

    @property
    def count(self) -> int:
        return len(self.bits)


@dataclass(frozen=True, eq=False)
class Costs:
    """Every change of one digit at every level. bits: -log2 of each conditional, (N, D)."""

    places: tuple[tuple[str, int], ...]
    rows: np.ndarray
    bits: np.ndarray

    def at(self, change: str, level: int) -> tuple[np.ndarray, np.ndarray]:
        """The changed row, and what each of its pixels costs; (D,) both."""
        index = self.places.index((change, level))
        return self.rows[index], self.bits[index]


@dataclass(frozen=True)
class Code:
    """The bits of a row, and whether they were decoded to the same row."""

    bits: str
    is_same: bool


@dataclass(frozen=True, eq=False)
class Uses:
    """All that is known of what the reader looks at."""

    digits: Digits
    costs: Costs
    row: np.ndarray
    bits: np.ndarray
    code: Code
    files: Mapping[str, File]
    answer: Answer
    reader: Mapping[str, Any]

    @property
    def lengths(self) -> dict[str, int]:
        """Bits of the row alone, by who keeps it."""
        each = {name: file.bits for name, file in self.files.items()}
        return {RAW: len(self.row), **each, MADE: len(self.code.bits)}


def uses(run_id: str, reader: Mapping[str, Any]) -> Uses:
    """Answer what the reader, as `uses_told` gives it, asks about a run. Raises MadeError."""
    run = Run.open(run_id)
    written = run.checkpoint_path().stat().st_mtime_ns
    digits = _digits(run.id, (written, datasets.is_available(run.config.data.dataset)))
    number = reader["digit"] % digits.count
    change, level = reader["change"], reader["levels"].get(reader["change"], 0)
    of = (run.id, digits.signature, number)
    costs = _costs(*of)
    row, bits = costs.at(change, level)
    return Uses(
        digits=digits,
        costs=costs,
        row=row,
        bits=bits,
        code=_code(*of, change, level),
        files=_files(*of, change, level),
        answer=_completed(*of, change, level, reader["given"] or "top"),
        reader=reader,
    )


@lru_cache(maxsize=4)
def _digits(run_id: str, signature: Signature) -> Digits:
    """The same as long as the checkpoint is the same; so with all below."""
    run = Run.open(run_id)
    with opened(run_id) as loaded:
        info = loaded.info
        if not has_ink(info) or info.image_shape is None or not run.config.has_density:
            raise MadeError("This chapter needs a run of pictures with two values that has masks.")
        shape = info.image_shape
    shown = never_trained_on(run)
    # The first rows of a split may be unlike the others: those of MNIST are.
    numbers = np.arange(min(NUM_DIGITS, len(shown.rows))) * max(len(shown.rows) // NUM_DIGITS, 1)
    rows = shown.rows[numbers]
    bits = _bits(run_id, rows).sum(axis=1)
    return Digits(run, signature, shape, shown, numbers, bits, compressed(rows))


def _bits(run_id: str, rows: np.ndarray) -> np.ndarray:
    """-log2 p of each pixel given the earlier ones, float64 (N, D)."""
    import torch

    with opened(run_id) as loaded, threads_for(len(rows)), torch.no_grad():
        density = loaded.model.with_mask_sets(0)
        log_probs = density.conditionals(rows.astype(np.int64)).double().cpu().numpy()
    found = np.take_along_axis(log_probs, rows[..., None].astype(np.int64), axis=-1)[..., 0]
    return np.asarray(-found / np.log(2))


@lru_cache(maxsize=64)
def _costs(run_id: str, signature: Signature, number: int) -> Costs:
    digits = _digits(run_id, signature)
    row = digits.shown.row(digits.numbers[number])
    places = tuple(
        (change, level) for change in CHANGES for level in range(len(LEVELS.get(change, (0,))))
    )
    rows = np.stack([changed(row, digits.shape, *place) for place in places])
    return Costs(places, rows, _bits(run_id, rows))


@lru_cache(maxsize=256)
def _code(run_id: str, signature: Signature, number: int, change: str, level: int) -> Code:
    from made.density.coding import decode, encode

    row, _ = _costs(run_id, signature, number).at(change, level)
    with opened(run_id) as loaded, threads_for(1):
        bits = encode(loaded.network, row)
        return Code(bits, bool(np.array_equal(decode(loaded.network, bits), row)))


@lru_cache(maxsize=256)
def _files(
    run_id: str, signature: Signature, number: int, change: str, level: int
) -> Mapping[str, File]:
    row, _ = _costs(run_id, signature, number).at(change, level)
    return compressed(row[None])


@lru_cache(maxsize=256)
def _completed(
    run_id: str, signature: Signature, number: int, change: str, level: int, given: str
) -> Answer:
    row, _ = _costs(run_id, signature, number).at(change, level)
    is_known = given_pixels(_digits(run_id, signature).shape, given)
    question = Question(row=number, values=tuple(row.tolist()), is_known=tuple(is_known.tolist()))
    return inpainting.ask(run_id, "best", question)


def given_pixels(shape: tuple[int, int], half: str) -> np.ndarray:
    """Which pixels are given, bool (D,)."""
    known = np.zeros(shape, bool)
    height, width = shape
    part = {"top": np.s_[: height // 2], "bottom": np.s_[height // 2 :]}.get(half)
    known[part if part is not None else np.s_[:, : width // 2]] = True
    return known.ravel()
