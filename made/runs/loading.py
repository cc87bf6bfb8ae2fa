"""Trained models out of run folders: find a run, load its weights, ask it.

torch is imported by the functions that need it, so that finding a run does not wait for it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from made import datasets
from made.base import devices
from made.base.errors import MadeError
from made.base.files import read_or
from made.base.tensors import load_tensors
from made.datasets import Dataset, DatasetInfo
from made.density.figures import FIGURES, error_of
from made.model.masks import MaskBank, mask_bank
from made.runs.fitting import require_fit, require_memory
from made.runs.folder import SMALL, Run
from made.runs.records import MAX_COUNT, Result
from made.runs.store import list_runs
from made.setups.config import ExperimentConfig
from made.setups.orderings import is_found, masks_along
from made.setups.words import set_up_line
from made.training.state import read_sequence

if TYPE_CHECKING:
    from made.density.density import Model
    from made.model.conditionals import Conditionals

DATASET_FILE = "dataset.json"


@dataclass(frozen=True, eq=False)
class LoadedRun:
    """A run with its trained model, in evaluation mode.

    model: its density, with `log_prob` and `sample`; of a plain autoencoder, which has none, what
    says so. network: what gives the parameters of its conditionals.
    """

    run: Run
    config: ExperimentConfig
    info: DatasetInfo
    model: Model

    @property
    def network(self) -> Conditionals:
        return self.model.network

    def __repr__(self) -> str:
        """Three lines: which run, what it is and reached, and where it lies and how to ask it."""
        return "\n".join(_described(self))

    @cached_property
    def dataset(self) -> Dataset:
        """The data that the run was trained on, loaded when first asked for."""
        return datasets.load(self.config.data)

    def evaluate(self, split: str = "test", num_mask_sets: int | None = None) -> dict[str, float]:
        """Figures of one split, named with their units; see `made.evaluate`.

        num_mask_sets: size of the mixture, by default what the configuration says.
        Raises MadeError for more mask sets than the model has.
        """
        from made.density import evaluation

        model = self.model
        if num_mask_sets is not None:
            model = model.with_mask_sets(range(num_mask_sets))
        return evaluation.evaluate(model, self.dataset, split)

    def record_test(self) -> Result:
        """Give a finished run of an older version the errors that newer ones have; its figures.

        What was recorded stays; log p of each test example and the standard error are added, as
        long as the test NLL is still the recorded one. Raises MadeError where it is not.
        """
        from made.density import evaluation
        from made.runs import retest

        best = load_run(self.run, device=str(self.model.device))
        return retest.record(self.run, evaluation.measure(best.model, self.dataset, "test"))


def load_run(
    reference: str | os.PathLike[str] | Run, checkpoint: str = "best", device: str = "cpu"
) -> LoadedRun:
    """The trained model of a run: its id, its label, or the folder of an exported run.

    checkpoint: "best" (lowest validation NLL) or "last". device: "cpu", "cuda:N" or "auto".
    Raises MadeError where there is no such run or checkpoint, or its weights do not fit.
    """
    run = reference if isinstance(reference, Run) else find_run(reference)
    config = run.config
    info = dataset_info(run)
    path = run.checkpoint_path(checkpoint)
    require_fit(config, info, path, checkpoint)
    require_memory(config, info)

    from made.density.density import model_of
    from made.setups.build import build_network

    network = build_network(config, info, sequence_of(run, checkpoint))
    tensors, _ = load_tensors(path)
    if checkpoint == "last":
        prefix = "model."
        tensors = {
            name.removeprefix(prefix): value
            for name, value in tensors.items()
            if name.startswith(prefix)
        }
    try:
        network.load_state_dict(tensors)
    except RuntimeError:
        raise MadeError(
            f"The weights in {path.name} of run '{run.label}' do not fit its config.json: one of "
            "the two files belongs to another run, or was changed."
        ) from None
    network.to(_usable_device(device)).eval()
    return LoadedRun(run, config, info, model_of(network, image_shape=info.image_shape))


def sequence_of(run: Run, checkpoint: str = "best") -> tuple[int, ...]:
    """The variables in the order that a run found in its data; empty where it did not look.

    Raises MadeError where the checkpoint is not there or does not say.
    """
    if not is_found(run.config):
        return ()
    metadata = run.checkpoint_metadata(checkpoint)
    try:
        sequence = read_sequence(metadata)
    except (TypeError, ValueError):
        sequence = ()
    if not sequence:
        raise MadeError(
            f"The checkpoint {checkpoint!r} of run '{run.label}' does not say in which order its "
            "variables come: it belongs to another run, or was changed."
        )
    return sequence


def bank_of(run: Run, info: DatasetInfo) -> MaskBank:
    """The mask sets of a run, found without torch.

    Raises MadeError where its ordering was to be found in the data and it has no checkpoint yet.
    """
    there = run.checkpoints()
    sequence = sequence_of(run, there[0] if there else "best")
    masks = masks_along(run.config, sequence, info.num_variables)
    return mask_bank(run.config.model, masks, info.num_variables, info.image_shape)


def find_run(reference: str | os.PathLike[str]) -> Run:
    """The run of an id, an exact label, an id's beginning, or a folder, looked for in that order.

    Raises MadeError where there is none, and where there are several.
    """
    if isinstance(reference, os.PathLike):
        return _open_folder(Path(reference))
    every = list_runs()
    found = [run for run in every if run.id == reference]
    found = found or [run for run in every if run.label == reference]
    if not found and reference:
        found = [run for run in every if run.id.startswith(reference)]
    # Unlike Path.is_dir, this answers for any text, however long.
    if not found and os.path.isdir(reference):  # noqa: PTH112
        return _open_folder(Path(reference))
    if not found:
        raise MadeError(f"There is no run '{reference[:80]}': `python -m made runs` lists them.")
    if len(found) > 1:
        ids = ", ".join(run.id for run in found[:5]) + (", …" if len(found) > 5 else "")
        raise MadeError(f"'{reference[:80]}' may be any of {len(found)} runs: choose one of {ids}.")
    return found[0]


def _open_folder(path: Path) -> Run:
    """A run folder wherever it lies, or the only one in the folder it was unpacked to."""
    path = path.expanduser()
    configs = [path / "config.json"]
    if not configs[0].is_file():
        configs = sorted(path.glob("*/config.json"))
    if len(configs) != 1:
        there = "none" if not configs else f"{len(configs)} of them"
        raise MadeError(
            f"'{path}' is no run folder: it holds {there}. Name the folder with config.json in it."
        )
    folder = configs[0].resolve().parent
    return Run(folder.name, folder)


def dataset_info(run: Run) -> DatasetInfo:
    """The registry's word on the data; for an upload made elsewhere, what was exported with it."""
    try:
        return datasets.info(run.config.data)
    except MadeError:
        info = read_or(run.path / DATASET_FILE, parse_info, None, limit=SMALL)
        if info is None:
            raise
        return info


def parse_info(content: bytes) -> DatasetInfo:
    """dataset.json. Raises ValueError where it describes no data."""
    info = TypeAdapter(DatasetInfo).validate_json(content)
    height, width = info.image_shape or (1, info.num_variables)
    is_whole = min(height, width) >= 1 and height * width == info.num_variables
    if not is_whole or not 2 <= info.num_categories <= MAX_COUNT:
        raise ValueError("no data have these sizes")
    if info.is_joint and info.num_variables != 2:
        raise ValueError("a joint has two variables")
    return info


def _described(loaded: LoadedRun) -> tuple[str, str, str]:
    """The three lines by which a run shows itself."""
    run, best = loaded.run, loaded.run.best_epoch
    parts = [set_up_line(loaded.config)]
    if run.result:
        figures: dict[str, Any] = dict(run.result)
        shown = ("nll_nats", "reconstruction_nats", "bits_per_dim", "kl_nats")
        parts += [
            FIGURES[name].said(figures[name], "test", error_of(figures, name))
            for name in shown
            if name in figures
        ]
    elif best is not None and "validation_nll" in best:
        parts.append(FIGURES["validation_nll"].said(best["validation_nll"]))
    return (
        f"{run.label} ({run.id}), {run.state}",
        " · ".join(parts),
        f"{run.path}; ask it with .model.log_prob(x), .model.sample(10), .evaluate()",
    )


def _usable_device(name: str) -> str:
    """What torch can use of a device's name. Raises MadeError for one that is not there."""
    if name == "cpu":
        return name
    import torch

    chosen = devices.resolve(name)
    if chosen != "cpu" and not torch.cuda.is_available():
        if name != "auto":
            raise MadeError(f"The installed PyTorch cannot use '{name}': choose 'cpu'.")
        return "cpu"
    return chosen
