"""MADE, the masked autoencoder for distribution estimation: data, models, training, runs.

    import made

    run = made.train("digits8", epochs=10)
    run.model.log_prob(x)  # nats, x int64 (B, D)
    run.model.sample(16)  # int64 (16, D)
    run.evaluate("test")  # {"nll_nats": ..., "bits_per_dim": ...}

Names are imported when they are first used, so `import made` does not wait for torch.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from made.base.errors import MadeError
    from made.datasets import Dataset, DatasetInfo
    from made.density.evaluation import evaluate
    from made.library import load_dataset, train
    from made.model.build import build_model
    from made.runs.folder import Run
    from made.runs.loading import LoadedRun, find_run, load_run
    from made.runs.store import list_runs
    from made.setups.config import ExperimentConfig

__all__ = [
    "Dataset",
    "DatasetInfo",
    "ExperimentConfig",
    "LoadedRun",
    "MadeError",
    "Run",
    "build_model",
    "evaluate",
    "find_run",
    "list_runs",
    "load_dataset",
    "load_run",
    "train",
]

_HOMES = {
    "Dataset": "datasets",
    "DatasetInfo": "datasets",
    "ExperimentConfig": "setups.config",
    "LoadedRun": "library",
    "MadeError": "base.errors",
    "Run": "runs",
    "build_model": "model.build",
    "evaluate": "density.evaluation",
    "find_run": "library",
    "list_runs": "runs",
    "load_dataset": "library",
    "load_run": "library",
    "train": "library",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'made' has no attribute {name!r}")
    return getattr(import_module(f"made.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
