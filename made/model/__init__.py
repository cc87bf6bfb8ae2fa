"""Integers in, the parameters of every conditional out: orderings, masks, layers, encodings, heads,
networks, their settings, and how they are built.
"""

from typing import TYPE_CHECKING

from made.base.face import hand_out

if TYPE_CHECKING:
    from made.model.build import build_model
    from made.model.conditionals import Conditionals
    from made.model.masks import MaskBank, MaskSet
    from made.model.network import MADE
    from made.model.orderings import Ordering
    from made.model.settings import MaskConfig, ModelConfig

__all__ = [
    "MADE",
    "Conditionals",
    "MaskBank",
    "MaskConfig",
    "MaskSet",
    "ModelConfig",
    "Ordering",
    "build_model",
]
__getattr__ = hand_out(
    __name__,
    {
        "MADE": "network",
        "Conditionals": "conditionals",
        "MaskBank": "masks",
        "MaskConfig": "settings",
        "MaskSet": "masks",
        "ModelConfig": "settings",
        "Ordering": "orderings",
        "build_model": "build",
    },
)
