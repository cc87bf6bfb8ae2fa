"""How large the network of a configuration is, and what a minibatch asks of it."""

from functools import lru_cache

from made.datasets import DatasetInfo
from made.model.shapes import Size, size_of
from made.setups.config import ExperimentConfig
from made.setups.repeats import counts_pairs


def size_of_setup(config: ExperimentConfig, info: DatasetInfo) -> Size:
    """The size of the network of a configuration."""
    return _size(
        config.model,
        config.masks,
        info.num_variables,
        info.num_categories,
        config.training.precision,
    )


_size = lru_cache(maxsize=64)(size_of)


def num_inputs(config: ExperimentConfig, info: DatasetInfo) -> int:
    """How many inputs the network is asked for in a minibatch: the examples, or what differs."""
    if counts_pairs(config, info.num_variables, info.num_categories):
        return info.num_categories
    return min(config.training.batch_size, info.num_train or config.training.batch_size)
