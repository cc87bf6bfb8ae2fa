"""Masks over the pixels of a picture: who may see whom, and what narrow layers cut off."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, get_args

import numpy as np

from made.base.errors import MadeError
from made.base.text import counted
from made.lessons.lesson import Facts
from made.model.masks import MaskBank, MaskReport, MaskSet
from made.model.orderings import GIVEN, ORDERINGS, Variables
from made.model.settings import MaskConfig

# Pictures to go from three variables to 784: title to (height, width).
PICTURES = {"3": (1, 3), "64": (8, 8), "784": (28, 28)}
WIDTHS = (2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
DEPTHS = (1, 2, 3, 4)
DEGREES = {"uniform": "Uniform", "even": "Even", "range": "Upper half"}
assert set(DEGREES) <= set(get_args(MaskConfig.model_fields["degrees"].annotation))
MOST_BINS = 28
MOST_SEEDS = 1_000_000


@dataclass(frozen=True)
class PixelSetting:
    """What a reader may choose.

    picture: one of `PICTURES`. width, depth: hidden units a layer, and layers. degrees: the way of
    drawing them, one of `DEGREES`; "range" stands for the upper half of all degrees. is_direct:
    with direct connections. seed: of the random ordering and of the degrees.
    """

    picture: str = "784"
    ordering: str = "natural"
    width: int = 512
    depth: int = 2
    degrees: str = "uniform"
    is_direct: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        _require("picture", self.picture, PICTURES)
        _require("ordering", self.ordering, orderings_of(self.shape))
        _require("hidden width", self.width, WIDTHS)
        _require("number of layers", self.depth, DEPTHS)
        _require("way of drawing degrees", self.degrees, DEGREES)
        if not isinstance(self.is_direct, bool):
            raise MadeError("Direct connections are there or not: is_direct is true or false.")
        if type(self.seed) is not int or not 0 <= self.seed < MOST_SEEDS:
            raise MadeError(f"The seed of the masks is a whole number 0 … {MOST_SEEDS - 1:,}.")

    @property
    def shape(self) -> tuple[int, int]:
        return PICTURES[self.picture]

    @property
    def num_variables(self) -> int:
        height, width = self.shape
        return height * width

    def mask_set(self) -> MaskSet:
        """The only mask set of a network of these settings."""
        highest = max(1, self.num_variables - 1)
        low = -(-highest // 2) if self.degrees == "range" else 1
        config = MaskConfig(
            ordering=self.ordering,
            degrees=self.degrees,
            degree_low=low,
            mask_seed=self.seed,
        )
        hidden_sizes = (self.width,) * self.depth
        bank = MaskBank(config, self.num_variables, hidden_sizes, image_shape=self.shape)
        return bank.mask_set(0)


@dataclass(frozen=True, eq=False)
class Pixels:
    """Who may see whom; D pixels. paths: bool (D, D), output d, input j, by the product of all
    masks. report: what is cut off. unseen: for each way of drawing degrees, how many inputs reach
    no output though the ordering lets them.
    """

    setting: PixelSetting
    mask_set: MaskSet
    paths: np.ndarray
    report: MaskReport
    unseen: Mapping[str, int]

    @property
    def num_allowed(self) -> int:
        """Pairs that the ordering allows: D (D - 1) / 2."""
        return self.setting.num_variables * (self.setting.num_variables - 1) // 2

    @property
    def share(self) -> float:
        """The share of these pairs that some path joins."""
        return float(self.paths.sum() / self.num_allowed)


@lru_cache(maxsize=32)
def pixels(setting: PixelSetting) -> Pixels:
    """All dependencies of a setting, and what other ways of drawing degrees would cut off."""
    mask_set = setting.mask_set()
    unseen = {way: len(_report(_other(setting, way)).unseen_inputs) for way in DEGREES}
    paths = mask_set.paths(setting.is_direct)
    return Pixels(setting, mask_set, paths, _report(setting), unseen)


def _require(what: str, value: Any, known: Collection[Any]) -> None:
    if value not in list(known):  # which need not be hashable
        listed = ", ".join(str(one) for one in known)
        raise MadeError(f"There is no {what} '{value}' here: choose one of {listed}.")


def orderings_of(shape: tuple[int, int]) -> dict[str, str]:
    """Name to title of the orderings that pixels can have without any data to be found in."""
    height, width = shape
    variables = Variables(height * width, shape)
    return {
        name: rule.title
        for name, rule in ORDERINGS.items()
        if name != GIVEN and not rule.is_found and rule.misfit(variables) is None
    }


def content(found: Pixels) -> dict[str, Any]:
    """What the drawing is sent, once: a click on a pixel is answered from it.

    paths: one bit each, row by row, first bit first, in base64. sequence: pixels in their order.
    histograms: for each hidden layer, how many units have a degree within each bin; bins: the
    lowest degree of each, and beyond the last one.
    """
    setting, mask_set = found.setting, found.mask_set
    edges = _edges(setting.num_variables)
    height, width = setting.shape
    return {
        "rows": height,
        "columns": width,
        "position": mask_set.ordering.position.tolist(),
        "sequence": mask_set.ordering.sequence.tolist(),
        "paths": base64.b64encode(np.packbits(found.paths).tobytes()).decode(),
        "unseen": list(found.report.unseen_inputs),
        "blind": list(found.report.blind_outputs),
        "bins": edges.tolist(),
        "histograms": [np.histogram(layer, edges)[0].tolist() for layer in mask_set.degrees],
        "dead": list(found.report.dead_units),
        "words": words(found),
    }


def words(found: Pixels) -> str:
    """What a mask set cuts off, in a sentence."""
    report = found.report
    parts = [f"{share_text(found)} of all {found.num_allowed:,} allowed pairs are joined"]
    if report.unseen_inputs:
        parts.append(f"{counted(len(report.unseen_inputs), 'input')} reach nothing")
    if report.blind_outputs:
        parts.append(f"{counted(len(report.blind_outputs), 'output')} see nothing")
    return ", ".join(parts) + "."


def share_text(found: Pixels) -> str:
    """The share of pairs that are joined; what is not all never reads 100%."""
    text = f"{100 * found.share:.1f}%"
    return text if found.share == 1 or text != "100.0%" else f"{100 * found.share:.3f}%"


def ways_line(found: Pixels) -> str:
    """What each way of drawing degrees cuts off, all else being the same; Markdown."""
    each = ", ".join(f"{DEGREES[way].lower()} **{number}**" for way, number in found.unseen.items())
    return f"Inputs that reach nothing: {each}."


def middle(setting: PixelSetting) -> int:
    """The pixel at which a look begins."""
    height, width = setting.shape
    return height // 2 * width + width // 2


def pixel_told(told: Any, before: Any, found: Pixels) -> dict[str, Any]:
    """What the browser, or a lesson file, tells of the reader, where it can be.

    pixel: the one that is asked about; is_seen_by: about what may see it, instead of what it sees.
    """
    known = {"pixel": middle(found.setting), "is_seen_by": False}
    for each in (before, told):
        if isinstance(each, Mapping):
            if each.get("pixel") in range(found.setting.num_variables):
                known["pixel"] = int(each["pixel"])
            known["is_seen_by"] = each.get("is_seen_by", known["is_seen_by"]) is True
    return known


def pixel_facts(found: Pixels, reader: Mapping[str, Any]) -> Facts:
    """Facts of the chapter.

    place: of the chosen pixel in the ordering, from 1; sees, seen_by: of how many; is_asked_by:
    whether the drawing shows what may see it. unseen: inputs that reach nothing; unseen_uniform:
    how many there would be of uniform degrees; share: of allowed pairs that are joined.
    """
    setting = found.setting
    pixel = reader["pixel"]
    return {
        "pixels": setting.num_variables,
        "ordering": setting.ordering,
        "width": setting.width,
        "depth": setting.depth,
        "degrees": setting.degrees,
        "direct": setting.is_direct,
        "unseen": len(found.report.unseen_inputs),
        "unseen_uniform": found.unseen["uniform"],
        "share": found.share,
        "is_asked_by": bool(reader["is_seen_by"]),
        "place": int(found.mask_set.ordering.position[pixel]) + 1,
        "sees": int(found.paths[pixel].sum()),
        "seen_by": int(found.paths[:, pixel].sum()),
    }


def _other(setting: PixelSetting, degrees: str) -> PixelSetting:
    return PixelSetting(**{**vars(setting), "degrees": degrees})


@lru_cache(maxsize=128)
def _report(setting: PixelSetting) -> MaskReport:
    return setting.mask_set().report(setting.is_direct)


def _edges(num_variables: int) -> np.ndarray:
    """Bins of equal numbers of degrees 1 … D-1, as far as these can be shared out."""
    highest = max(1, num_variables - 1)
    size = -(-highest // MOST_BINS)
    return np.append(np.arange(1, highest + 1, size), highest + 1)
