"""Run folders and rows of a comparison, as workers leave them, without any training."""

from __future__ import annotations

from made import runs
from made.base.files import to_json
from made.model.encodings import ENCODINGS
from made.runs.folder import Run
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig
from made.views import comparison
from made.views.comparison import RunRow

RINGS = ExperimentConfig.from_flat(
    {"dataset": "rings", "grid_size": 8, "num_samples": 1000, "hidden_sizes": (4,), "epochs": 2}
)
NLL = 3.0123456789012345


def make_run(label: str = "a run", state: str = "finished", id: str | None = None, **values) -> Run:
    """A run folder as a worker leaves it, without any training."""
    run = runs.create(RINGS.replace(**values), label, id=id)
    writer = RunWriter(run)
    for epoch, nll in enumerate((3.5, 3.2, 3.3)):
        record = {"epoch": epoch, "step": 10 * epoch, "validation_nll": nll, "kl_nats": nll - 3}
        writer.append_epoch(record | {"is_best": epoch < 2})
    writer.update(state=state, epoch=2, training_seconds=4.0)
    if state == "finished":
        figures = {"nll_nats": NLL, "bits_per_dim": NLL / 2, "kl_nats": 0.2, "num_parameters": 77}
        writer.write("result.json", to_json(figures | {"training_seconds": 4.0}).encode())
    return run


def make_row(label: str = "a run", state: str = "finished", **values) -> RunRow:
    return comparison.read_row(make_run(label, state, **values))


def encodings(**values) -> list[RunRow]:
    return [make_row(f"rings · {name}", encoding=name, **values) for name in ENCODINGS]
