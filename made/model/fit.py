"""Whether a network can model data of some size at all; found without torch."""

from __future__ import annotations

from made.base.errors import MadeError
from made.model.heads import build_head, head_name
from made.model.settings import ModelConfig


def misfit(
    model: ModelConfig, num_variables: int, num_categories: int, name: str = "the data"
) -> str | None:
    """One sentence on why this model cannot be built for D variables of K categories, or None.

    name: what the data are called in the sentence.
    """
    if num_variables < 1 or num_categories < 1:
        return (
            f"{name} has {num_variables} variables of {num_categories} categories: a model needs "
            "at least one of each."
        )
    if head_name(model.head, num_categories) == "bernoulli" and num_categories != 2:
        return (
            f"The Bernoulli head needs 2 categories; {name} has {num_categories}. "
            "Choose the categorical head."
        )
    try:
        build_head(model.head, num_categories, model.num_components)
    except MadeError as error:
        return str(error)
    if model.model == "naive" and num_variables != 2:
        return (
            f"The naive model is p(x1) p(x2 | x1), for 2 variables; {name} has {num_variables}. "
            "Choose MADE or a 2-D joint."
        )
    if model.model == "naive" and not model.hidden_sizes:
        return "The naive model needs a hidden layer; name at least one size, such as 100."
    return None
