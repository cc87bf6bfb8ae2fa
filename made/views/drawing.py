"""A joint that is drawn by hand: what the canvas gets, what it says, and what that amounts to."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np

from made import datasets
from made.base.errors import MadeError
from made.datasets.base import joint_dataset, joint_info
from made.datasets.settings import DataConfig
from made.datasets.uploads.drawings import (
    GRIDS,
    MOST_INK,
    joint_of,
    keep_drawing,
    levels_of,
)
from made.datasets.uploads.reading import ReadUpload
from made.datasets.uploads.store import SUFFIXES, Mass
from made.plots.palette import SEQUENTIAL
from made.views.data_views import Fact, infos, truth_facts

DEFAULT_GRID = 50
PICTURE_ENDINGS = [ending.lstrip(".") for ending in SUFFIXES["picture"]]
EMPTY = "The canvas is empty: its cells will be the joint, each as likely as it has ink."
NAMES = {"joint": "My joint", "pictures": "My digits"}
MISHEARD = "The drawing did not arrive whole: draw one more stroke, which sends it again."


@dataclass(frozen=True, eq=False)
class Drawing:
    """Ink in the cells of a joint: uint8 (K, K), x_1 downwards and x_2 to the right.

    version: tells one that was put on the canvas from outside from what was drawn on it.
    """

    levels: np.ndarray
    version: int = 0

    @property
    def size(self) -> int:
        """K, the cells of a side."""
        return len(self.levels)

    @property
    def is_empty(self) -> bool:
        return not self.levels.any()

    def replaced(self, levels: np.ndarray) -> Drawing:
        """Another one, which the canvas is to take instead of this."""
        return Drawing(levels, self.version + 1)


def blank(size: int = DEFAULT_GRID) -> Drawing:
    """A canvas without ink."""
    return Drawing(np.zeros((size, size), np.uint8))


def heard(said: Any, version: int) -> Drawing:
    """What the canvas sends when a stroke ends. Raises MadeError for anything else."""
    size = said.get("size") if isinstance(said, dict) else None
    text = said.get("levels") if isinstance(said, dict) else None
    if not isinstance(size, int) or size not in GRIDS or not isinstance(text, str):
        raise MadeError(MISHEARD)
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise MadeError(MISHEARD) from error
    if len(content) != size * size:
        raise MadeError(MISHEARD)
    return Drawing(np.frombuffer(content, np.uint8).reshape(size, size), version)


def content(drawing: Drawing) -> dict[str, Any]:
    """What the canvas gets."""
    return {
        "version": drawing.version,
        "size": drawing.size,
        "levels": base64.b64encode(drawing.levels.tobytes()).decode(),
        "grids": list(GRIDS),
        "top": MOST_INK,
        "colours": list(SEQUENTIAL),
    }


def from_picture(picture: ReadUpload, size: int, mass: Mass) -> np.ndarray:
    """A picture's darkness or brightness as ink, uint8 (size, size). Raises MadeError."""
    return levels_of(picture.joint("picture", grid_size=size, mass=mass), size)


def start(name: str, size: int) -> np.ndarray:
    """A joint that is known as ink, uint8 (size, size); without a name no ink. Raises MadeError."""
    if not name:
        return blank(size).levels
    joint = datasets.load(DataConfig(dataset=name, grid_size=size)).joint
    assert joint is not None  # only those whose truth is known are offered
    return levels_of(joint, size)


def starts() -> list[str]:
    """The datasets at hand that are joints known exactly, to be drawn on."""
    return [
        info.name
        for info in infos()
        if info.is_joint and info.has_truth and not info.needs_download
    ]


def facts(drawing: Drawing) -> list[Fact]:
    """Its exact figures as a joint, in nats; none without ink."""
    if drawing.is_empty:
        return []
    config = DataConfig(num_samples=1_000)
    info = joint_info(config, name="drawing", title="", description="", num_categories=drawing.size)
    return truth_facts(joint_dataset(info, joint_of(drawing.levels), config))


def keep(drawing: Drawing, label: str) -> str:
    """Keep it among one's own data; returns its dataset name. Raises MadeError for no ink."""
    return keep_drawing(drawing.levels, label)
