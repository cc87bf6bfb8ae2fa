"""What a person sees of the orderings that a set-up may have, before it is trained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from made import datasets, plots
from made.base.errors import MadeError
from made.datasets import DataConfig, DatasetInfo
from made.model.masks import MaskBank
from made.model.orderings import GIVEN, ORDERINGS, Found, Variables
from made.model.orderings.found import num_operations
from made.model.settings import MaskConfig
from made.setups.config import ExperimentConfig
from made.setups.orderings import is_found, ordering_misfit, ordering_title

# Operations within which an ordering is found for its picture alone, in about a tenth of a second.
MOST_FOR_A_PICTURE = 5e9
FEW = 4  # variables whose places are written as numbers
EXAMPLE = Variables(64, (8, 8))  # what an ordering looks like that these data cannot have
MOST_PAINTED = 4096
LINE = 16  # variables side by side where they are no pixels


@dataclass(frozen=True)
class OrderingTile:
    """One ordering to choose.

    picture: a PNG, None where it is known only once a run begins. places: of so few variables that
    they can be written, first is 1. reason: a sentence on why it cannot be chosen, or None; limits:
    the same in a few words.
    """

    name: str
    title: str
    description: str
    picture: bytes | None
    alt: str
    places: tuple[int, ...] = ()
    reason: str | None = None
    limits: str = ""


@dataclass(frozen=True)
class Canvas:
    """The grid on which a permutation is painted: its sides, and the variables in order so far."""

    height: int
    width: int
    num_variables: int
    first: tuple[int, ...]
    names: tuple[str, str]  # of a place in it: "row", "column"


def ordering_tiles(config: ExperimentConfig, info: DatasetInfo) -> Iterator[OrderingTile]:
    """All orderings there are, those that these data can have first."""
    variables = Variables(info.num_variables, info.image_shape)
    reasons = {name: rule.misfit(variables) for name, rule in ORDERINGS.items()}
    # A given list may fit other data; that is said where it stands.
    reasons[GIVEN] = None
    for name in sorted(ORDERINGS, key=lambda name: reasons[name] is not None):
        rule, title = ORDERINGS[name], ordering_title(name, info)
        reason = reasons[name]
        if reason is None:
            position = _position(config.masks, name, info, config.data, config.masks.ordering)
        else:
            position = _example(name)
        few = position is not None and reason is None and len(position) <= FEW
        shape = info.image_shape if reason is None else EXAMPLE.image_shape
        yield OrderingTile(
            name=name,
            title=title,
            description=rule.description,
            picture=None if position is None else _picture(tuple(position.tolist()), shape),
            alt=plots.ordering_alt(title, info.num_variables),
            places=tuple((position + 1).tolist()) if few and position is not None else (),
            reason=reason,
            limits="" if reason is None else rule.limits(variables),
        )


def ordering_line(config: ExperimentConfig, info: DatasetInfo) -> str:
    """What the chosen ordering is, in a sentence or two."""
    masks = config.masks
    rule = ORDERINGS[masks.ordering]
    if masks.ordering == GIVEN:
        named = len(masks.permutation)
        rest = info.num_variables - named
        if not named:
            return "Nothing is in the list yet: all variables stand in natural order."
        if rest <= 0:
            return f"All {named:,} variables have their place."
        return f"{named:,} come first; the other {rest:,} follow in natural order."
    if rule.is_found and info.needs_download:
        return f"{rule.description} It is found when the run begins, once the data are here."
    if rule.is_found:
        return f"{rule.description} Found in the training rows when a run begins, and kept with it."
    return rule.description


def canvas(config: ExperimentConfig, info: DatasetInfo) -> Canvas | None:
    """Where to paint a given ordering; None where there is none, or too much to paint."""
    if config.masks.ordering != GIVEN or info.num_variables > MOST_PAINTED:
        return None
    if info.image_shape:
        (height, width), names = info.image_shape, ("row", "column")
    else:
        width = min(info.num_variables, LINE)
        height, names = -(-info.num_variables // width), ("line", "place")
    first = tuple(one for one in config.masks.permutation if one < info.num_variables)
    return Canvas(height, width, info.num_variables, first, names)


def masks_of(config: ExperimentConfig, info: DatasetInfo) -> MaskConfig:
    """The masks of a set-up with what its ordering finds in the data, as far as they are at hand.

    Where they are not, in natural order: only which variable has which place is another.
    """
    if not is_found(config):
        return config.masks
    position = _position(config.masks, config.masks.ordering, info, config.data, "")
    if position is None:
        return config.masks.model_copy(update={"ordering": "natural"})
    return config.masks.given(np.argsort(position).tolist())


def _position(
    masks: MaskConfig, name: str, info: DatasetInfo, data: DataConfig, chosen: str
) -> np.ndarray | None:
    """The places of all variables in an ordering, as far as they can be known now: int64 (D,)."""
    rule = ORDERINGS[name]
    if isinstance(rule, Found):
        cost = num_operations(info.num_variables, info.num_categories, info.num_train)
        is_quick = not rule.has_pairs or cost <= MOST_FOR_A_PICTURE
        if info.needs_download or not (is_quick or name == chosen):
            return None
        return _found(name, data)
    problem = ordering_misfit(name, info, masks.permutation)
    if problem is not None:
        return None
    of_this = masks.model_copy(update={"ordering": name, "autoregressive": True})
    bank = MaskBank(of_this, info.num_variables, (), image_shape=info.image_shape)
    return bank.mask_set(0).ordering.position


@lru_cache(maxsize=64)
def _found(name: str, data: DataConfig) -> np.ndarray | None:
    """What the training rows say; None where they cannot be had."""
    try:
        dataset = datasets.load(data)
        sequence = ORDERINGS[name].find(dataset.train, dataset.num_categories)
    except MadeError:
        return None
    return np.argsort(sequence)


@lru_cache(maxsize=64)
def _example(name: str) -> np.ndarray | None:
    """The places on a small image; None for what is found in data."""
    rule = ORDERINGS[name]
    if rule.is_found or rule.misfit(EXAMPLE) is not None:
        return None
    return rule(EXAMPLE, np.random.default_rng(0)).position


_picture = lru_cache(maxsize=128)(
    lambda position, image_shape: plots.ordering_png(np.array(position), image_shape)
)
