"""MADE, the masked autoencoder for distribution estimation: data, models, training, runs.

    import made

    run = made.train("digits8", epochs=10)
    run.model.log_prob(x)  # nats, x int64 (B, D)
    run.model.sample(16)  # int64 (16, D)
    run.evaluate("test")  # {"nll_nats": ..., "bits_per_dim": ...}

Names are imported when they are first used, so `import made` does not wait for torch.
"""

from typing import TYPE_CHECKING

from made.base.face import hand_out

if TYPE_CHECKING:
    from made.base.errors import MadeError
    from made.datasets import Dataset, DatasetInfo
    from made.density import Density
    from made.density.evaluation import evaluate
    from made.library import load_dataset, study, train
    from made.model.build import build_model
    from made.model.network import MADE
    from made.runs.bin import restore
    from made.runs.folder import Run
    from made.runs.loading import LoadedRun, find_run, load_run
    from made.runs.store import list_runs
    from made.setups.config import ExperimentConfig
    from made.setups.registration import (
        register_dataset,
        register_encoding,
        register_head,
        register_ordering,
        register_preset,
    )
    from made.training.trainer import Trainer

__all__ = [
    "MADE",
    "Dataset",
    "DatasetInfo",
    "Density",
    "ExperimentConfig",
    "LoadedRun",
    "MadeError",
    "Run",
    "Trainer",
    "build_model",
    "evaluate",
    "find_run",
    "list_runs",
    "load_dataset",
    "load_run",
    "register_dataset",
    "register_encoding",
    "register_head",
    "register_ordering",
    "register_preset",
    "restore",
    "study",
    "train",
]

__getattr__ = hand_out(
    __name__,
    {
        "MADE": "model.network",
        "Dataset": "datasets",
        "DatasetInfo": "datasets",
        "Density": "density",
        "ExperimentConfig": "setups.config",
        "LoadedRun": "runs.loading",
        "MadeError": "base.errors",
        "Run": "runs",
        "Trainer": "training.trainer",
        "build_model": "model.build",
        "evaluate": "density.evaluation",
        "find_run": "runs.loading",
        "list_runs": "runs",
        "load_dataset": "library",
        "load_run": "runs.loading",
        "register_dataset": "setups.registration",
        "register_encoding": "setups.registration",
        "register_head": "setups.registration",
        "register_ordering": "setups.registration",
        "register_preset": "setups.registration",
        "restore": "runs",
        "study": "library",
        "train": "library",
    },
)


def __dir__() -> list[str]:
    return __all__
