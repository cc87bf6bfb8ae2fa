"""The registry of datasets: one family a name, and the data that it makes, from a small cache.

info(config) -> DatasetInfo     what it is, without reading it
load(config) -> Dataset         the data, read-only, from a small cache where they are in it
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from threading import Lock
from typing import Any

from made.base.errors import MadeError
from made.base.registry import Registry
from made.datasets.base import Dataset, DatasetInfo, Family
from made.datasets.digits import Digits
from made.datasets.download import Progress
from made.datasets.joints import FAMILIES as GENERATED
from made.datasets.mnist import BinarizedMnist
from made.datasets.outside import complete
from made.datasets.settings import DataConfig
from made.datasets.turing import TuringJoint
from made.datasets.uci import FAMILIES as UCI
from made.datasets.uploads.store import NAME, Upload, upload_names


def _prepare(name: str, given: Any) -> Family:
    """A dataset from outside; what one of the same name has made before is forgotten."""
    clear_cache()
    return complete(name, given)


REGISTRY: Registry[Family] = Registry(
    "dataset",
    {
        "turing-joint": TuringJoint(),
        "digits8": Digits(grey=False),
        "digits8-grey": Digits(grey=True),
        "binarized-mnist": BinarizedMnist(),
        **{family.name: family for family in GENERATED},
        **{family.name: family for family in UCI},
    },
    prepare=_prepare,
)

CACHE_BYTES = 256 << 20
_cache: OrderedDict[tuple[object, ...], Dataset] = OrderedDict()
_cache_lock = Lock()


def names() -> list[str]:
    """All datasets: those of the registry, then the uploads, oldest first."""
    return [*REGISTRY, *upload_names()]


def family(name: str) -> Family:
    """The maker of a dataset. Raises MadeError where the name is unknown."""
    if name in REGISTRY:
        return REGISTRY[name]
    if NAME.fullmatch(name):
        return Upload(name)
    raise MadeError(
        f"There is no dataset '{name[:80]}': choose one of {', '.join(REGISTRY)}, or import the "
        "module that registers it."
    )


def settings(name: str) -> tuple[str, ...]:
    """The fields of `DataConfig`, beside the name, that have an effect on this dataset."""
    return family(name).settings


def is_available(name: str) -> bool:
    """Whether the data are at hand, so that loading them needs no network."""
    return family(name).is_available()


def info(config: DataConfig) -> DatasetInfo:
    """Describe a dataset without reading it; cheap. Raises MadeError for an unknown name."""
    maker = family(config.dataset)
    return replace(maker.info(config), settings=maker.settings)


def load(config: DataConfig, progress: Progress | None = None) -> Dataset:
    """Load a dataset, downloading it where there is no local copy. Raises MadeError.

    progress: called with (bytes done, bytes in all or 0 where unknown) during a download.
    """
    maker = family(config.dataset)
    key = (config.dataset, *(getattr(config, field) for field in maker.settings))
    with _cache_lock:
        if key in _cache:
            _cache.move_to_end(key)
            return _cache[key]
    dataset = maker.load(config, progress)
    dataset = replace(dataset, info=replace(dataset.info, settings=maker.settings))
    object.__setattr__(dataset, "made_by", config)
    with _cache_lock:
        _cache[key] = dataset
        while len(_cache) > 1 and sum(held.num_bytes for held in _cache.values()) > CACHE_BYTES:
            _cache.popitem(last=False)
    return dataset


def clear_cache() -> None:
    """Forget the datasets held in memory."""
    with _cache_lock:
        _cache.clear()
