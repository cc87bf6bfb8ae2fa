"""The orderings there are: of any variables, of pixels, found in the data, and given ones.

An ordering of the project is one function and one line here; a person's own is registered from
outside.
"""

from __future__ import annotations

from made.base.registry import Registry
from made.model.orderings import found, images
from made.model.orderings.ordering import Ordering, natural, random, reverse
from made.model.orderings.rules import (
    Drawn,
    Found,
    Given,
    OrderingRule,
    Variables,
    Walked,
    complete,
    completed,
)

__all__ = [
    "GIVEN",
    "ORDERINGS",
    "Found",
    "Ordering",
    "OrderingRule",
    "Variables",
    "completed",
    "natural",
    "random",
    "reverse",
]

GIVEN = "given"

ORDERINGS: Registry[OrderingRule] = Registry(
    "ordering",
    {
        "natural": Drawn("Natural", "First to last; an image row by row.", draw=natural),
        "reversed": Drawn("Reversed", "Last to first.", draw=reverse),
        "random": Drawn("Random", "Drawn by the mask seed.", is_random=True, draw=random),
        "columns": Walked("Columns", "Column by column, from the left.", walk=images.columns),
        "snake": Walked("Snake", "Row by row, there and back.", walk=images.snake),
        "spiral": Walked("Spiral", "From the centre outwards.", walk=images.spiral),
        "hilbert": Walked(
            "Hilbert",
            "Along a Hilbert curve: what is near on the way is near in the image.",
            walk=images.hilbert,
        ),
        "spaced": Walked(
            "Spaced", "From coarse to fine: a wide grid first, then between.", walk=images.spaced
        ),
        "checkerboard": Walked(
            "Checkerboard", "Every other pixel first, then those between.", walk=images.checkerboard
        ),
        "entropy": Found("Entropy", "The least certain variable first.", look=found.by_entropy),
        "variance": Found(
            "Variance",
            "The most varied variable first; of two categories the same as by entropy.",
            look=found.by_variance,
        ),
        "chow-liu": Found(
            "Chow–Liu tree",
            "Down the tree of the pairs of variables that tell most of each other.",
            look=found.by_tree,
            has_pairs=True,
        ),
        "information": Found(
            "Mutual information",
            "Next is always the variable of which those before tell most.",
            look=found.by_information,
            has_pairs=True,
        ),
        GIVEN: Given("Given", "Your own: the variables that come first, in their order."),
    },
    prepare=complete,
)
