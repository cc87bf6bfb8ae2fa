"""The same value in every encoding, and what a network learns from each of them.

The networks are those of the study that ships: encodings by numbers of samples of the Turing
portrait, whose truth is known, with the exact joint of each after its best and its last epoch.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from made.base.text import significant
from made.density.bayes import conditionals, divergences
from made.lessons.lesson import Facts
from made.model.encodings import ENCODINGS
from made.runs.folder import Run
from made.runs.kept_models import opened

NAMES = ("raw", "normalized", "bits", "fourier", "embedding", "one-hot")
SIZES = {"1e4": "10⁴", "1e5": "10⁵", "1e6": "10⁶", "1e7": "10⁷"}
EPOCHS = {"best": "Best", "last": "Last"}
NUM_VALUES = 200
SECOND = 137  # the value of x2 that is drawn faintly
ABOUT = {
    "raw": "the number itself",
    "normalized": "moved to −1 … 1",
    "bits": "its binary digits as − and +",
    "fourier": "sines and cosines",
    "embedding": "learned, here from 10⁵ samples",
    "one-hot": "a single 1",
}
MEMORISED = 2.0  # times the divergence at its best: by so much a last epoch has gone astray


def run_of(name: str, size: str) -> Run:
    """The shipped run of an encoding and a number of samples; of each there are three seeds."""
    return Run.open(f"shipped-turing-{name}-{size}-0")


@dataclass(frozen=True, eq=False)
class Learned:
    """p(x2 | x1 = a) of one network after one epoch, float64 (K, K), beside the truth.

    divergence: KL(truth || model) of it in nats at each a, (K,), from a picture that is kept in
    levels, see `made/runs/levels.py`: within 0.0002 or 1 %. total: KL of the joint, as it was
    recorded, exact.
    """

    name: str
    epoch: int
    given: np.ndarray
    divergence: np.ndarray
    total: float


@lru_cache(maxsize=1)
def true_joint() -> np.ndarray:
    """The joint that the samples are drawn from, float64 (K, K)."""
    return np.asarray(run_of("raw", "1e5").data_arrays()["joint"], np.float64)


@lru_cache(maxsize=len(SIZES) * len(EPOCHS))
def learned(size: str, epoch: str) -> tuple[Learned, ...]:
    """What each encoding has learned of so many samples, in the order of `NAMES`."""
    truth = true_joint()
    base = conditionals(truth, given=0)
    found = []
    for name in NAMES:
        run = run_of(name, size)
        best = run.best_epoch
        assert best is not None
        number = best["epoch"] if epoch == "best" else run.sample_epochs()[-1]
        given = conditionals(run.samples(number)["density"], given=0)
        (record,) = [each for each in run.epochs() if each["epoch"] == number]
        divergence = divergences(base, given)
        found.append(Learned(name, number, given, divergence, record["kl_nats"]))
    return tuple(found)


@lru_cache(maxsize=1)
def vectors() -> dict[str, np.ndarray]:
    """What enters a network for each value: float32 (K, width) by the name of the encoding."""
    import torch

    values = torch.arange(NUM_VALUES)[:, None]
    found = {name: ENCODINGS[name](NUM_VALUES) for name in NAMES}
    with opened(run_of("embedding", "1e5").id) as loaded:
        table = loaded.network.embedding
    with torch.no_grad():
        return {
            name: encoding(values, table if encoding.is_learned else None).cpu().numpy()
            for name, encoding in found.items()
        }


@lru_cache(maxsize=len(SIZES) * len(EPOCHS))
def content(size: str, epoch: str) -> dict[str, Any]:
    """What the drawing shows: strips of all values, and the curves and divergences of all a."""
    strips = []
    for name, table in vectors().items():
        low, high = float(table.min()), float(table.max())
        levels = np.round(255 * (table - low) / (high - low)).astype(np.uint8)
        is_number = table.shape[1] == 1
        strips.append(
            {
                "name": name,
                "about": ABOUT[name],
                "width": table.shape[1],
                "isOneHot": name == "one-hot",
                "isSigned": name == "bits",
                "levels": "" if name == "one-hot" else _packed(levels),
                "numbers": [f"{value:.4g}" for value in table[:, 0]] if is_number else [],
            }
        )
    found = learned(size, epoch)
    truth = conditionals(true_joint(), given=0)
    lowest = min(one.total for one in found)
    return {
        "size": NUM_VALUES,
        "second": SECOND,
        "strips": strips,
        "truth": _scaled(truth),
        "curves": [
            {
                "name": one.name,
                "epoch": one.epoch,
                "given": _scaled(one.given),
                "kl": [f"{value:.2g}" for value in one.divergence],
                "total": significant(one.total),
                "isLowest": one.total == lowest,
            }
            for one in found
        ],
    }


def told(news: Any, before: Any) -> dict[str, Any]:
    """What the browser, or a lesson file, tells of the reader, where it can be.

    value: the a that is looked at. picked: the encoding whose chart was clicked, or "". moved:
    whether a has been another one.
    """
    known: dict[str, Any] = {"value": 28, "picked": "", "moved": False}
    for each in (before, news):
        if isinstance(each, Mapping):
            if each.get("value") in range(NUM_VALUES):
                known["value"] = int(each["value"])
            if each.get("picked") in (*NAMES, ""):
                known["picked"] = each["picked"]
            known["moved"] = known["moved"] or each.get("moved") is True
    return known


def facts(size: str, epoch: str, reader: Mapping[str, Any]) -> Facts:
    """Facts of the chapter.

    one_hot_beats: whether it is nearer to the truth than raw and normalized at this a.
    one_hot_overtakes: whether it is so over all a. memorised: whether the encoding that was
    clicked ended at more than twice the divergence of its best epoch.
    """
    found = {one.name: one for one in learned(size, epoch)}
    best = {one.name: one for one in learned(size, "best")}
    others, value = ("raw", "normalized"), reader["value"]
    mine = found["one-hot"]
    picked = reader["picked"]
    return {
        "size": size,
        "epoch": epoch,
        "value": value,
        "moved": reader["moved"],
        "picked": picked,
        "one_hot_beats": all(
            mine.divergence[value] < found[name].divergence[value] for name in others
        ),
        "one_hot_overtakes": all(mine.total < found[name].total for name in others),
        "memorised": bool(picked) and found[picked].total > MEMORISED * best[picked].total,
    }


def summary(size: str, epoch: str) -> str:
    """The divergences of the joints, from the lowest on, in a sentence."""
    ranked = sorted(learned(size, epoch), key=lambda one: one.total)
    totals = ", ".join(f"{one.name} {significant(one.total)}" for one in ranked)
    return f"KL to the truth, exact, one of three seeds: {totals} nats."


def _scaled(table: np.ndarray) -> dict[str, Any]:
    """A table (K, K) as uint16 in base64, little-endian, and what its largest number stands for."""
    top = float(table.max())
    return {"top": top, "levels": _packed(np.round(65535 * table / top).astype("<u2"))}


def _packed(array: np.ndarray) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
