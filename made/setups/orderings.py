"""Which orderings data can have, what they are called there, and what the rows make of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from made.base.errors import MadeError
from made.datasets import DatasetInfo
from made.model.orderings import GIVEN, ORDERINGS, Variables
from made.model.settings import MaskConfig
from made.setups.config import ExperimentConfig, field_option_title

if TYPE_CHECKING:
    from made.datasets import Dataset

TWO = {"natural": "x₁ first", "reversed": "x₂ first"}


def ordering_misfit(
    ordering: str, info: DatasetInfo, permutation: Sequence[int] = ()
) -> str | None:
    """One sentence on why these data cannot be put in that order, or None.

    permutation: of the given ordering.
    """
    return ORDERINGS[ordering].misfit(
        Variables(info.num_variables, info.image_shape, tuple(permutation))
    )


def orderings_that_fit(info: DatasetInfo) -> list[str]:
    """The orderings that these data can have, without the given one, in their order on screen."""
    return [name for name in ORDERINGS if name != GIVEN and ordering_misfit(name, info) is None]


def ordering_title(ordering: str, info: DatasetInfo) -> str:
    """What an ordering is called for these data: of two variables, which one comes first."""
    if info.num_variables == 2 and ordering in TWO:
        return TWO[ordering]
    return field_option_title("ordering", ordering)


def is_found(config: ExperimentConfig) -> bool:
    """Whether the ordering depends on the training rows, and is the same for all mask sets."""
    has_ordering = config.model.model == "made" and config.masks.autoregressive
    return has_ordering and ORDERINGS[config.masks.ordering].is_found


def found_sequence(config: ExperimentConfig, dataset: Dataset) -> tuple[int, ...]:
    """The variables in the order found in the training rows; empty where none is looked for."""
    if not is_found(config):
        return ()
    rule = ORDERINGS[config.masks.ordering]
    return tuple(rule.find(dataset.train, dataset.num_categories).tolist())


def masks_along(
    config: ExperimentConfig, sequence: Sequence[int], num_variables: int
) -> MaskConfig:
    """The masks of a configuration in which an ordering found in the data stands as a permutation.

    sequence: what was found, empty where it was not looked for. Raises MadeError where it is no
    permutation of the variables.
    """
    if not is_found(config) or not sequence:
        return config.masks
    if sorted(sequence) != list(range(num_variables)):
        raise MadeError(
            f"The ordering that was found is no permutation of {num_variables} variables: it "
            "belongs to other data, or was changed."
        )
    return config.masks.given(sequence)
