"""All encodings of one set-up: runs that differ in nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from made import datasets
from made.base.errors import MadeError
from made.base.text import spelled
from made.model.encodings import ENCODINGS
from made.runs import LIVING, Run
from made.setups import estimate
from made.setups.checks import no_effect
from made.setups.config import ExperimentConfig

KEPT = LIVING | {"finished"}


def encoding_title() -> str:
    """ "Train all three encodings", with as many as there are."""
    return f"Train all {spelled(len(ENCODINGS))} encodings"


def encoding_variants(config: ExperimentConfig) -> dict[str, ExperimentConfig]:
    """One configuration an encoding, the same in everything else, by the label of its run."""
    return {f"{config.data.dataset} · {name}": config.replace(encoding=name) for name in ENCODINGS}


def runs_in_flight(config: ExperimentConfig, runs: Sequence[Run]) -> dict[str, Run]:
    """The runs of these variants, by label, while at least one of them lives; else none.

    What is finished counts as long as others are under way, so that asking twice for all encodings
    starts nothing twice. runs: newest first.
    """
    found = {}
    for label, variant in encoding_variants(config).items():
        same = (run for run in runs if run.config == variant)
        if run := next((run for run in same if run.state in KEPT), None):
            found[label] = run
    return found if any(run.state in LIVING for run in found.values()) else {}


def encodings_problem(config: ExperimentConfig) -> str | None:
    """Why training all encodings of a set-up makes no sense or is impossible, or None."""
    try:
        info = datasets.info(config.data)
    except MadeError as error:
        return str(error)
    if reason := no_effect(config, info).get("encoding"):
        return f"{reason} The encoding changes nothing."
    for variant in encoding_variants(config).values():
        problem = estimate.estimate(variant, info).reason
        if problem:
            return problem
    return None
