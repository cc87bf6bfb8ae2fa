"""Integers (N, D), honest splits, the true joint where it is known; their settings; uploads."""

from made.datasets.base import (
    Dataset,
    DatasetInfo,
    Family,
    sample_joint,
)
from made.datasets.download import (
    cache_folder,
    data_folder,
)
from made.datasets.registry import (
    REGISTRY,
    clear_cache,
    family,
    info,
    is_available,
    load,
    names,
    settings,
)
from made.datasets.settings import (
    DataConfig,
)
from made.datasets.uploads.bin import delete_upload
from made.datasets.uploads.store import (
    keep,
    save_upload,
    upload_names,
    uploads_folder,
)

__all__ = [
    "REGISTRY",
    "DataConfig",
    "Dataset",
    "DatasetInfo",
    "Family",
    "cache_folder",
    "clear_cache",
    "data_folder",
    "delete_upload",
    "family",
    "info",
    "is_available",
    "keep",
    "load",
    "names",
    "sample_joint",
    "save_upload",
    "settings",
    "upload_names",
    "uploads_folder",
]
