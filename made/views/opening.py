"""What the first screen opens with: a run to look at, and how it stands to the set-up beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from made import datasets
from made.base.errors import MadeError
from made.base.text import first_few
from made.runs.folder import LIVING, Run
from made.setups.checks import no_effect
from made.setups.config import ExperimentConfig
from made.setups.words import setting_words
from made.studies.readings import SEEDS

INTRODUCTION = (
    "**MADE learns what data look like** by predicting each variable from those before it; masks "
    "cut every connection that would let it peek. "
)
TO_TRAIN = "**Choose data, then press Train.**"
TO_LOOK = "**Choose a run, then open it up on Explore.**"
MOST_NAMED = 4
# Where a run was computed changes nothing of what it shows.
_UNTOLD = frozenset({"dataset", "device", "num_devices"})


def opening_run(listed: Sequence[Run]) -> Run | None:
    """The run to look at without being told: a living one, else the newest, else a shipped one.

    listed: runs that can be read, newest first. Of the shipped ones it is the best of those whose
    data are here, so that its set-up can be trained at once.
    """
    living = (run for run in listed if run.state in LIVING)
    own = (run for run in listed if not run.is_shipped)
    return next(living, None) or next(own, None) or min(listed, key=_distance, default=None)


def _distance(run: Run) -> tuple[bool, int, float]:
    """How far a shipped run is from what the page best opens with.

    Its data have to come first; it has other data or other seeds than usual; its test NLL.
    """
    config = run.config
    usual = config.differences(ExperimentConfig()).keys().isdisjoint
    others = 2 * (not usual(("dataset",))) + (not usual(SEEDS))
    nll = (run.result or {}).get("nll_nats", math.inf)
    return not datasets.is_available(config.data.dataset), others, nll


def opening_config(run: Run | None) -> ExperimentConfig:
    """The set-up of the run that is shown, so that both sides of the page speak of the same."""
    if run is None or run.config.data.dataset not in datasets.names():
        return ExperimentConfig()
    return run.config


def differences(run: Run, config: ExperimentConfig) -> list[str]:
    """What a run has otherwise than a set-up, in words, as far as it has an effect on either."""
    own = run.config
    if own.data.dataset != config.data.dataset:
        return [f"the dataset {_title(own)}"]
    silent = _silent(own) & _silent(config)
    return [
        setting_words(name, value)
        for name, (value, _) in own.differences(config).items()
        if name not in silent and name not in _UNTOLD
    ]


def comparison_line(run: Run, config: ExperimentConfig) -> str:
    """Whether a run has the set-up of the controls, in one line."""
    differing = differences(run, config)
    if not differing:
        return "This run has the set-up of the controls."
    named = first_few(differing, MOST_NAMED)
    return f"This run differs from the set-up of the controls: it has {named}."


def _silent(config: ExperimentConfig) -> set[str]:
    try:
        return set(no_effect(config, datasets.info(config.data)))
    except MadeError:
        return set()


def _title(config: ExperimentConfig) -> str:
    try:
        return datasets.info(config.data).title
    except MadeError:
        return f"'{config.data.dataset}', which is not here"
