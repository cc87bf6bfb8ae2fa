"""Whether weights fit a configuration, found out from the header of their file.

A configuration can ask for more memory than there is. Before anything is built for it, the shapes
that it needs are compared with those that were stored; torch is not needed for that.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from made.base.errors import MadeError
from made.base.tensors import read_header
from made.datasets import DatasetInfo
from made.model.encodings import ENCODINGS
from made.model.fit import misfit
from made.model.heads import build_head
from made.setups.config import ExperimentConfig
from made.training.state import WEIGHTS

Shapes = dict[str, tuple[int, ...]]


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
    wanted = expected_shapes(config, info)
    for name in wanted | stored:
        if wanted.get(name) != stored.get(name):
            raise MadeError(
                f"The weights in {path.name} of this run do not fit its config.json: "
                f"{name[:60]} is {_size(stored.get(name))}, where the configuration wants "
                f"{_size(wanted.get(name))}. One of the two files belongs to another run, or was "
                "changed."
            )


def expected_shapes(config: ExperimentConfig, info: DatasetInfo) -> Shapes:
    """The weights that a configuration needs for some data, by their names in a checkpoint."""
    model, num_variables = config.model, info.num_variables
    head = build_head(model.head, info.num_categories, model.num_components)
    num_outputs = num_variables * head.num_parameters
    shapes: Shapes = {"output_bias": (num_outputs,)}
    if model.model == "marginals":
        return shapes
    if model.model == "naive":
        shapes["output_weight"] = (head.num_parameters, model.hidden_sizes[-1])
        return shapes | _layers("weights", "biases", [1, *model.hidden_sizes])
    encoding = ENCODINGS[model.encoding](info.num_categories, model.encoding_width)
    num_inputs = num_variables * encoding.width
    if encoding.is_learned:
        shapes["embedding"] = (info.num_categories, encoding.width)
    if model.hidden_sizes:
        shapes["output_weight"] = (num_outputs, model.hidden_sizes[-1])
    if model.direct_connections:
        shapes["direct_weight"] = (num_outputs, num_inputs)
    return shapes | _layers("hidden_weights", "hidden_biases", [num_inputs, *model.hidden_sizes])


def _layers(weights: str, biases: str, sizes: list[int]) -> Shapes:
    """Weights (units, units below) and biases (units,) of all layers above the first size."""
    shapes: Shapes = {}
    for layer, (below, size) in enumerate(pairwise(sizes)):
        shapes[f"{weights}.{layer}"] = (size, below)
        shapes[f"{biases}.{layer}"] = (size,)
    return shapes


def _size(shape: tuple[int, ...] | None) -> str:
    """(100, 64) -> "100 × 64"; what is not there is absent."""
    if shape is None:
        return "absent"
    return " × ".join(map(str, shape)) or "a number"
