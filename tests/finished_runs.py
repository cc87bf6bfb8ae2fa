"""Run folders with the figures of a test, as a worker leaves them, without any training."""

from __future__ import annotations

from made import runs
from made.base.files import to_json
from made.runs.folder import Run
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig

MNIST = {"dataset": "binarized-mnist", "encoding": "raw", "hidden_sizes": (2000,)}
SINGLE = {"nll_nats": 88.9244, "num_mask_sets": 1}
MIXTURE = {"nll_nats": 86.512, "single_pass_nll_nats": 88.7, "num_mask_sets": 8}
TURING = {"dataset": "turing-joint"}
KL = {"nll_nats": 10.5415, "kl_nats": 0.02277, "num_mask_sets": 1}
ORDERINGS = {**MNIST, "ordering": "random", "num_orderings": 8}


def finished(settings: dict, figures: dict, label: str | None = None, device: str = "cpu") -> Run:
    """A run folder as a worker leaves it, without any training."""
    run = runs.create(ExperimentConfig.from_flat(settings), label)
    common = {"validation_nll": 89.7834, "best_epoch": 32, "num_parameters": 3_753_440}
    writer = RunWriter(run)
    writer.update(state="finished", device=device)
    writer.write("result.json", to_json(common | figures | {"training_seconds": 592.4}).encode())
    return run
