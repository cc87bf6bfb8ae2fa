"""Every test of data has folders of its own, and skips what would have to be downloaded."""

from collections.abc import Callable

import pytest

from made import datasets
from made.datasets.base import Dataset
from made.datasets.settings import DataConfig


@pytest.fixture(autouse=True)
def _own_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))
    datasets.clear_cache()


@pytest.fixture
def at_hand() -> Callable[..., Dataset]:
    """A dataset whose file is on this machine."""

    def load(name: str, **settings) -> Dataset:
        if not datasets.is_available(name):
            pytest.skip(f"the file of '{name}' is neither in MADE_DATA_DIR nor in the cache")
        return datasets.load(DataConfig(dataset=name, **settings))

    return load
