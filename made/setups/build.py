"""The untrained network of a whole configuration."""

from __future__ import annotations

from made.base.errors import MadeError
from made.datasets import DatasetInfo
from made.model.build import build_model
from made.model.conditionals import Conditionals
from made.setups.checks import misfit
from made.setups.config import ExperimentConfig


def build_network(config: ExperimentConfig, info: DatasetInfo) -> Conditionals:
    """The network with which a run begins. Raises MadeError where it does not fit the data."""
    problem = misfit(config, info)
    if problem:
        raise MadeError(problem)
    return build_model(
        config.model,
        config.masks,
        info.num_variables,
        info.num_categories,
        seed=config.training.seed,
        precision=config.training.precision,
    )
