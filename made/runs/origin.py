"""The weights that a run begins with, where they are those of another run."""

from __future__ import annotations

import shutil
from dataclasses import asdict

from made.base.errors import MadeError
from made.base.files import to_json, write_atomically
from made.base.tensors import read_header
from made.model.shapes import weight_shapes
from made.runs.folder import ORIGIN, Run
from made.runs.records import Origin
from made.setups.config import ExperimentConfig

WEIGHTS = "start.safetensors"


def require_fit(config: ExperimentConfig, size: tuple[int, int], source: Run) -> None:
    """Raises MadeError where a network cannot begin with the best weights of a run.

    size: the variables D and their categories K of the data that the configuration is of.
    """
    if config.training.num_devices > 1:
        raise MadeError("A run on several devices begins with weights of its own: use one device.")
    shapes = weight_shapes(config.model, *size)
    there = read_header(source.checkpoint_path("best")).shapes
    if shapes != there:
        odd = next(name for name in (*shapes, *there) if shapes.get(name) != there.get(name))
        raise MadeError(
            f"The weights of {source.label!r} have other shapes than this network ({odd}): take "
            "its data, input encoding, head and hidden layers, and change the rest."
        )


def keep(run: Run, source: Run) -> None:
    """Let a new run begin with the best weights of another, and keep a copy of its own of them."""
    path = source.checkpoint_path("best")
    origin = Origin(source.id, source.label, (source.best_epoch or {}).get("epoch", 0))
    write_atomically(run.path / WEIGHTS, lambda target: shutil.copyfile(path, target))
    write_atomically(run.path / ORIGIN, to_json(asdict(origin)).encode())
