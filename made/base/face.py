"""The face of a package: names that are imported when they are first used.

Importing a package that hands out torch's children must not load torch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def hand_out(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """A module's `__getattr__` for names that live in the modules of a package.

    homes: the module of each name, relative to the package.

    >>> hand_out("made", {"MadeError": "base.errors"})("MadeError").__name__
    'MadeError'
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{homes[name]}"), name)

    return get
