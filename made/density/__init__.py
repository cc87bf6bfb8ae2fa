"""What follows from conditionals: mixtures, likelihood, the exact joint, sampling, conditioning."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from made.density.density import Density, model_of
    from made.density.evaluation import evaluate

__all__ = ["Density", "evaluate", "model_of"]

_HOMES = {"Density": "density", "evaluate": "evaluation", "model_of": "density"}


def __getattr__(name: str) -> Any:
    """Hand out a name when it is first used, so that importing the package does not load torch."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
