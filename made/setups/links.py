"""A link to the dashboard, read against the datasets that are here."""

from __future__ import annotations

from collections.abc import Mapping

from made import datasets
from made.setups.config import ExperimentConfig


def read_link(query: Mapping[str, str]) -> tuple[ExperimentConfig, list[str]]:
    """The configuration that a link asks for, and one sentence for everything that was corrected.

    Its dataset is here: a link may name an upload of another machine.
    """
    config, corrections = ExperimentConfig.from_query(query)
    wanted, default = config.data.dataset, ExperimentConfig().data.dataset
    if wanted in datasets.names():
        return config, corrections
    said = (
        f"The link asked for the dataset '{wanted[:60]}', which is not here. "
        f"The default '{default}' is used."
    )
    return config.replace(dataset=default), [*corrections, said]
