"""The untrained network of a whole configuration."""

from __future__ import annotations

from collections.abc import Sequence

from made.base.errors import MadeError
from made.datasets import DatasetInfo
from made.model.build import build_model
from made.model.conditionals import Conditionals
from made.setups.checks import misfit
from made.setups.config import ExperimentConfig
from made.setups.orderings import masks_along


def build_network(
    config: ExperimentConfig, info: DatasetInfo, sequence: Sequence[int] = ()
) -> Conditionals:
    """The network with which a run begins. Raises MadeError where it does not fit the data.

    sequence: the variables in the order that was found in the data, where one was looked for.
    """
    problem = misfit(config, info)
    if problem:
        raise MadeError(problem)
    return build_model(
        config.model,
        masks_along(config, sequence, info.num_variables),
        info.num_variables,
        info.num_categories,
        image_shape=info.image_shape,
        seed=config.training.seed,
        precision=config.training.precision,
    )
