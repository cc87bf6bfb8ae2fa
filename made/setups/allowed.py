"""Whether a set-up is within what a person may have: its size, its memory and its time."""

from __future__ import annotations

from made.base.text import duration, short_bytes, short_count
from made.datasets import DatasetInfo
from made.people.house import Limits
from made.setups.config import ExperimentConfig
from made.setups.estimate import Estimate, estimate


def too_large(config: ExperimentConfig, info: DatasetInfo, limits: Limits) -> str | None:
    """Why a set-up is more than one person may have here, in a sentence, or None."""
    cost = estimate(config, info)
    # What fits nowhere, or not together, has a sentence of its own already.
    return _too_large(cost, limits) if cost.num_parameters else None


def _too_large(cost: Estimate, limits: Limits) -> str | None:
    if cost.num_parameters > limits.parameters:
        return (
            f"This model has {short_count(cost.num_parameters)} parameters; in this class one may "
            f"have {short_count(limits.parameters)}: choose smaller hidden layers."
        )
    if cost.memory_bytes > limits.megabytes * 1e6:
        return (
            f"This needs about {short_bytes(cost.memory_bytes)}; in this class a run may take "
            f"{short_bytes(limits.megabytes * 1_000_000)}: choose smaller hidden layers or a "
            "smaller batch."
        )
    if cost.seconds is not None and cost.seconds > 60 * limits.minutes:
        return (
            f"This takes about {duration(cost.seconds)}; in this class a run may take "
            f"{duration(60.0 * limits.minutes)}: choose fewer epochs or a smaller model."
        )
    return None
