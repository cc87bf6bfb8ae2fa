"""Whether weights fit a configuration, found out from the header of their file.

A configuration can ask for more memory than there is. Before anything is built for it, the shapes
that it needs are compared with those that were stored; torch is not needed for that.
"""

from __future__ import annotations

from pathlib import Path

from made.base import devices
from made.base.errors import MadeError
from made.base.tensors import read_header
from made.base.text import short_bytes
from made.datasets import DatasetInfo
from made.model.fit import misfit
from made.model.shapes import weight_shapes
from made.setups.config import ExperimentConfig
from made.setups.size import size_of_setup
from made.training.state import WEIGHTS

LOADED_BYTES = 12  # of each weight: built, read and put in its place, masked


def require_fit(
    config: ExperimentConfig, info: DatasetInfo, path: Path, checkpoint: str = "best"
) -> None:
    """Raises MadeError unless the file holds the weights of just this configuration.

    checkpoint: "best", a file of weights alone, or "last", in which they stand among others.
    """
    problem = misfit(config.model, info.num_variables, info.num_categories)
    if problem:
        raise MadeError(problem[0].upper() + problem[1:])
    stored = read_header(path).shapes
    if checkpoint == "last":
        prefix = f"{WEIGHTS}."
        stored = {
            name.removeprefix(prefix): shape
            for name, shape in stored.items()
            if name.startswith(prefix)
        }
    wanted = weight_shapes(config.model, info.num_variables, info.num_categories)
    for name in wanted | stored:
        if wanted.get(name) != stored.get(name):
            raise MadeError(
                f"The weights in {path.name} of this run do not fit its config.json: "
                f"{name[:60]} is {_size(stored.get(name))}, where the configuration wants "
                f"{_size(wanted.get(name))}. One of the two files belongs to another run, or was "
                "changed."
            )


def require_memory(config: ExperimentConfig, info: DatasetInfo) -> None:
    """Raises MadeError where the weights, their masks and a copy on the way do not fit in memory.

    A file may promise any size and hold nothing: it is known without reading it.
    """
    needed = LOADED_BYTES * size_of_setup(config, info).num_parameters
    free = devices.free_bytes("cpu")
    if needed > free:
        raise MadeError(
            f"The network of this run needs about {short_bytes(needed)}, where "
            f"{short_bytes(free)} are free: ask it on a larger machine."
        )


def _size(shape: tuple[int, ...] | None) -> str:
    """(100, 64) -> "100 × 64"; what is not there is absent."""
    if shape is None:
        return "absent"
    return " × ".join(map(str, shape)) or "a number"
