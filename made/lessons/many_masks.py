"""One network under many mask sets: each alone, their mixture, and what averaged logits are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from made.base.text import significant, with_error
from made.lessons.agnostic_training import (
    NUM_SETS,
    NUM_STEPS,
    NUM_UNITS,
    NUM_VARIABLES,
    SHAPE,
    STATES,
    Agnostic,
    answers,
    pixel_rows,
)
from made.lessons.lesson import Facts


@dataclass(frozen=True, eq=False)
class Mixing:
    """Figures of a network; arrays over S mask sets s, or over mixtures of the first 1 … S.

    nll, nll_error: of each mask set alone, nats an example, and the standard error over test rows.
    mixed, mixed_error: of the mixtures. gain, gain_error: by how much a mixture is below the mean
    of its parts, and its standard error, row by row on the same rows. total: the sum of a mixture
    over all states. averaged: minus the mean log of what averaged logits give to the test rows,
    which is no NLL; averaged_total: its sum over all states.
    """

    setting: Agnostic
    nll: np.ndarray
    nll_error: np.ndarray
    mixed: np.ndarray
    mixed_error: np.ndarray
    gain: np.ndarray
    gain_error: np.ndarray
    total: np.ndarray
    averaged: np.ndarray
    averaged_total: np.ndarray

    @property
    def normalised(self) -> np.ndarray:
        """The NLL of what averaged logits give once it is divided by its sum, (S,)."""
        return np.asarray(self.averaged + np.log(self.averaged_total))

    def next_gain(self, number: int) -> float:
        """By how much one more mask set lowers the NLL of a mixture of so many; 0 for the last."""
        return float(self.mixed[number - 1] - self.mixed[number]) if number < NUM_SETS else 0.0


@lru_cache(maxsize=8)
def mixing(setting: Agnostic) -> Mixing:
    """All figures of the network of a setting, which is trained where it is not yet."""
    asked = answers(setting)
    mixtures = mixture(asked.log_prob)
    parts = running_mean(asked.log_prob)
    averaged = averaged_logits(asked.rows, asked.logits)
    return Mixing(
        setting=setting,
        nll=-asked.log_prob.mean(axis=1),
        nll_error=_errors(asked.log_prob),
        mixed=-mixtures.mean(axis=1),
        mixed_error=_errors(mixtures),
        gain=(mixtures - parts).mean(axis=1),
        gain_error=_errors(mixtures - parts),
        total=np.exp(mixture(asked.log_joint)).sum(axis=1),
        averaged=-averaged.mean(axis=1),
        averaged_total=np.exp(averaged_logits(STATES, asked.logits_of_states)).sum(axis=1),
    )


def mixture(log_prob: np.ndarray) -> np.ndarray:
    """log of the mean of the first 1 … S probabilities, (S, N) from (S, N)."""
    counts = np.arange(1, len(log_prob) + 1)[:, None]
    return np.asarray(np.logaddexp.accumulate(log_prob, axis=0) - np.log(counts))


def averaged_logits(rows: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """log of the product over d of what the mean of the first 1 … S logits gives to x_d: (S, N).

    Each output is a probability, but their product is none: averaged over orderings, what stands
    for x_d has seen variables that in turn have seen x_d. rows: (N, D); logits: (S, N, D).
    """
    mean = running_mean(logits)
    return np.asarray((rows * mean - np.logaddexp(0, mean)).sum(axis=-1))


def running_mean(values: np.ndarray) -> np.ndarray:
    """Means of the first 1 … S along the first axis."""
    counts = np.arange(1, len(values) + 1).reshape(-1, *[1] * (values.ndim - 1))
    return np.asarray(np.cumsum(values, axis=0) / counts)


def _errors(values: np.ndarray) -> np.ndarray:
    """Standard errors of the means over rows: (S,) from (S, N)."""
    return np.asarray(values.std(axis=1, ddof=1) / np.sqrt(values.shape[1]))


def content(found: Mixing, reference: Mixing) -> dict[str, Any]:
    """What the drawing is sent, once: opening a mask set and mixing are answered from it.

    reference: the network that was trained under one mask set alone, to compare with.
    """
    setting, bank = found.setting, found.setting.bank()
    sets = [
        {
            "nll": found.nll[index],
            "text": with_error(found.nll[index], found.nll_error[index], more=1),
            "places": (bank.ordering(index).position + 1).tolist(),
            "trained": index < setting.trained_on,
        }
        for index in range(NUM_SETS)
    ]
    mixtures = [
        {
            "nll": found.mixed[index],
            "low": found.mixed[index] - found.gain_error[index],
            "high": found.mixed[index] + found.gain_error[index],
            "text": with_error(found.mixed[index], found.mixed_error[index], more=1),
            "gain": with_error(found.gain[index], found.gain_error[index]),
            "next": _change(-found.next_gain(index + 1)),
            "total": f"{found.total[index]:.3f}",
            "averaged": found.averaged[index],
            "averagedText": f"{found.averaged[index]:.3f}",
            "averagedTotal": f"{found.averaged_total[index]:.3f}",
            "normalised": f"{found.normalised[index]:.3f}",
        }
        for index in range(NUM_SETS)
    ]
    return {
        "rows": SHAPE[0],
        "columns": SHAPE[1],
        "sets": sets,
        "mixtures": mixtures,
        "reference": reference.nll[0] if setting.trained_on > 1 else None,
        "referenceText": significant(float(reference.nll[0])),
        "states": f"{2**NUM_VARIABLES:,}",
    }


def about_line() -> str:
    """What is trained on what, in a sentence."""
    train, test = pixel_rows()
    return (
        f"Twelve pixels from the middle of {len(train):,} digits; {NUM_VARIABLES}–{NUM_UNITS}–"
        f"{NUM_VARIABLES}, {NUM_STEPS:,} minibatches. NLL in nats an example on {len(test)} test "
        "rows, ± one standard error."
    )


def many_told(told: Any, before: Any) -> dict[str, Any]:
    """What the browser, or a lesson file, tells of the reader, where it can be.

    mixed: of how many mask sets the mixture is, 1 … 32. opened: the mask set that is looked at,
    from 0, or None. is_averaged: whether logits are averaged instead of probabilities.
    """
    known: dict[str, Any] = {"mixed": 1, "opened": None, "is_averaged": False}
    for each in (before, told):
        if isinstance(each, Mapping):
            if each.get("mixed") in range(1, NUM_SETS + 1):
                known["mixed"] = int(each["mixed"])
            opened = each.get("opened", known["opened"])
            known["opened"] = int(opened) if opened in range(NUM_SETS) else None
            known["is_averaged"] = each.get("is_averaged", known["is_averaged"]) is True
    return known


def many_facts(found: Mixing, reader: Mapping[str, Any]) -> Facts:
    """Facts of the chapter.

    opened_trained, opened_worst: whether the mask set that is open is one of training, and the one
    of the highest NLL. next_gain: by how much, in nats, one more would lower the NLL of the
    mixture. total: the sum over all states of what is shown.
    """
    mixed, opened = reader["mixed"], reader["opened"]
    totals = found.averaged_total if reader["is_averaged"] else found.total
    return {
        "trained_on": found.setting.trained_on,
        "is_fixed": found.setting.is_fixed,
        "opened": -1 if opened is None else opened,
        "opened_trained": opened is not None and opened < found.setting.trained_on,
        "opened_worst": opened is not None and opened == int(found.nll.argmax()),
        "mixed": mixed,
        "nll": float(found.mixed[mixed - 1]),
        "next_gain": found.next_gain(mixed),
        "is_averaged": reader["is_averaged"],
        "total": float(totals[mixed - 1]),
    }


def _change(value: float) -> str:
    """+0.012 or −0.012, in three decimals."""
    return f"{value:+.3f}".replace("-", "−")
