"""What a run is called that nobody has named."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from made import datasets
from made.base.errors import MadeError
from made.runs.folder import Run
from made.runs.records import MAX_LABEL_LENGTH
from made.setups.checks import no_effect
from made.setups.config import ExperimentConfig
from made.setups.words import setting_words

MOST_TOLD = 3
ROOM = 6  # characters for a number in brackets
# Said by the name already, or of no interest to who reads it.
_UNTOLD = frozenset({"dataset", "model", "encoding", "device", "num_devices"})


def default_label(
    config: ExperimentConfig, data: str | None = None, others: Iterable[Run] = ()
) -> str:
    """The data and the encoding, then what tells this run from the one that has that name.

    data: their title, by default their name. others: the runs that have names already.
    "rings, one-hot", then "rings, one-hot, 40 epochs", and "rings, one-hot (2)" where nothing that
    has an effect differs.
    """
    kind = config.model.encoding if config.model.model == "made" else config.model.model
    ending = f", {kind}"
    plain = (data or config.data.dataset)[: MAX_LABEL_LENGTH - ROOM - len(ending)] + ending
    taken = {run.label: run for run in others}
    if plain not in taken:
        return plain
    name = plain
    for words in _differences(config, taken[plain])[:MOST_TOLD]:
        if len(f"{name}, {words}") <= MAX_LABEL_LENGTH - ROOM:
            name = f"{name}, {words}"
    if name not in taken:
        return name
    return next(label for n in count(2) if (label := f"{name} ({n})") not in taken)


def _differences(config: ExperimentConfig, other: Run) -> list[str]:
    """What this set-up has otherwise, in words, as far as it has an effect."""
    try:
        silent = no_effect(config, datasets.info(config.data))
        differing = config.differences(other.config)
    except MadeError:
        return []
    return [
        setting_words(name, mine)
        for name, (mine, _) in differing.items()
        if name not in silent and name not in _UNTOLD
    ]
