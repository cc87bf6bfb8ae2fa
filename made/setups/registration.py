"""The doors through which encodings, heads, datasets, orderings and presets come from outside.

Each takes a name and gives a decorator, which returns what it decorates unchanged. What is
registered can be chosen by its name in Python, on the command line and on the pages. The same
definition executed again, as notebooks do, replaces itself; a name that is taken is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from made.datasets import REGISTRY as DATASETS
from made.model.encodings import ENCODINGS
from made.model.heads import HEADS
from made.model.orderings import ORDERINGS
from made.setups.presets import PRESETS


def register_encoding(name: str) -> Callable[[Any], Any]:
    """A class like `made.model.encodings.Encoding`: integers in, features out.

    >>> from made.model.encodings import Fixed
    >>> @register_encoding("halved")
    ... class Halved(Fixed):
    ...     def __init__(self, num_categories, width=16):
    ...         self.width, self.peak = 1, (num_categories - 1) / 2
    ...
    ...     def __call__(self, x, table=None):
    ...         return x.float() / 2
    >>> ENCODINGS["halved"].title
    'halved'
    >>> ENCODINGS.forget("halved")
    """
    return ENCODINGS.register(name)


def register_head(name: str) -> Callable[[Any], Any]:
    """A class like `made.model.heads.Head`: parameters in, a distribution over K categories out."""
    return HEADS.register(name)


def register_dataset(name: str) -> Callable[[Any], Any]:
    """A function that returns what `Dataset.from_arrays` takes or a `Dataset`, or a `Family`.

    The function's parameters are those settings of the data that it heeds.

    >>> @register_dataset("stripes")
    ... def stripes(data_seed):
    ...     "Columns that are all alike."
    ...     import numpy as np
    ...
    ...     bits = np.random.default_rng(data_seed).integers(2, size=(100, 1))
    ...     return np.repeat(bits, 9, axis=1)
    >>> DATASETS["stripes"].settings
    ('data_seed',)
    >>> DATASETS.forget("stripes")
    """
    return DATASETS.register(name)


def register_ordering(name: str, *, is_random: bool = False) -> Callable[[Any], Any]:
    """A function of the number of variables and a NumPy generator: the variables in their order.

    is_random: what it returns differs from draw to draw, so that training can cycle through some.

    >>> @register_ordering("odd-first")
    ... def odd_first(num_variables, generator):
    ...     return sorted(range(num_variables), key=lambda d: d % 2 == 0)
    >>> ORDERINGS["odd-first"](4, None).sequence
    array([1, 3, 0, 2])
    >>> ORDERINGS.forget("odd-first")
    """
    return ORDERINGS.register(name, is_random=is_random)


def register_preset(name: str, *, title: str = "", description: str = "") -> Callable[[Any], Any]:
    """A function that returns settings by their names, or these settings themselves.

    >>> @register_preset("quick-rings", title="Quick rings")
    ... def quick_rings():
    ...     return {"dataset": "rings", "epochs": 3}
    >>> PRESETS["quick-rings"].config.training.epochs
    3
    >>> PRESETS.forget("quick-rings")
    """
    return PRESETS.register(name, title=title, description=description)
