"""What can be done before anyone asks for it, so that the first answers come at once."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module

from made import datasets, runs
from made.base.errors import MadeError
from made.datasets.uploads import bin as uploads_bin
from made.runs import bin
from made.setups import estimate
from made.setups.config import ExperimentConfig
from made.studies import bin as studies_bin
from made.views import comparison, thumbnails


def prepare() -> None:
    """Load what is slow to load, read the runs, draw the thumbnails and measure the machine."""
    import_module("pandas")
    bin.sweep()
    studies_bin.sweep()
    uploads_bin.sweep()
    comparison.read_rows(runs.list_runs())
    config = ExperimentConfig()
    with suppress(MadeError):
        estimate.estimate(config, datasets.info(config.data))
    for name in datasets.names():
        thumbnails.thumbnail(name, datasets.is_available(name))
