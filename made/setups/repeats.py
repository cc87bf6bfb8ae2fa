"""Where a minibatch holds fewer different inputs to the network than examples."""

from made.model.heads import Categorical, build_head
from made.setups.config import ExperimentConfig


def counts_pairs(config: ExperimentConfig, num_variables: int, num_categories: int) -> bool:
    """Whether minibatches hold pairs more often than there are inputs to the network.

    The outputs of a density of two variables see the first one alone, which has K values
    (`made/training/pairs.py`). Dropout draws noise an example, and a head of a few parameters would
    have to be asked for all categories: both keep to the examples.
    """
    head = build_head(config.model.head, num_categories, config.model.num_components)
    return (
        num_variables == 2
        and config.masks.autoregressive
        and not config.model.dropout
        and isinstance(head, Categorical)
        and config.training.batch_size > num_categories
    )
