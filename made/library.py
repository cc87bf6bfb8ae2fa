"""What a notebook or a script does with made: load data, train, load runs, ask them.

torch is imported by the functions that need it, so that finding a run does not wait for it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from made import datasets
from made.base import devices
from made.base.errors import MadeError
from made.datasets import DataConfig, Dataset
from made.runs import jobs, launchers, worker
from made.runs.folder import LIVING, Run
from made.runs.loading import LoadedRun, find_run, load_run
from made.runs.records import Status
from made.setups import presets
from made.setups.changes import Change
from made.setups.checks import misfit
from made.setups.config import FIELDS, ExperimentConfig
from made.setups.estimate import estimate
from made.studies import control, ready
from made.studies.frames import Results
from made.studies.study import SeedOf, Study

if TYPE_CHECKING:
    from made.datasets import DatasetInfo
    from made.views.progress_bar import TrainingBar

FOLLOW_SECONDS = 0.3
HOPELESS = 4  # times the memory that is free now


def load_dataset(name: str, **settings: Any) -> Dataset:
    """Integers (N, D) as `train`, `validation` and `test`, and the true `joint` where known.

    settings: num_samples, grid_size, data_seed. Downloads what is not at hand, with a bar.
    Raises MadeError.
    """
    for setting in settings:
        if FIELDS.get(setting) != "data":
            known = ", ".join(field for field, section in FIELDS.items() if section == "data")
            raise MadeError(f"A dataset has no setting '{setting}'; known are {known}.")
    config = ExperimentConfig.from_flat({**settings, "dataset": name})
    from made.views.progress_bar import DownloadBar

    with closing(DownloadBar(name)) as bar:
        return datasets.load(config.data, bar)


def train(
    data: Any = None,
    *,
    label: str | None = None,
    config: ExperimentConfig | None = None,
    preset: str | None = None,
    progress: bool = True,
    changes: Mapping[int, Mapping[str, Any]] | None = None,
    weights_of: str | Run | None = None,
    launcher: str | None = None,
    **settings: Any,
) -> LoadedRun:
    """Train in this process, shown by the dashboard like any other run, and load the best weights.

    data: the name of a dataset, by default that of `config` or `preset`, or "digits8"; or whole
    numbers 0 … K-1 in memory, one row an example, as `Dataset.from_arrays` takes them: an array, a
    tensor, a DataFrame, a torch `Dataset`, or a tuple of three of these for train, validation and
    test. They are kept beside the runs under the hash of their content. label: the name shown for
    the run. preset: a named set-up, as `python -m made presets` lists them. progress: show a bar.
    changes: settings that change on the way, by the minibatch from which on they hold, counted from
    0, such as {5000: {"learning_rate": 1e-4}}. weights_of: a run, or its id, whose best weights
    this one begins with; its network has the same shapes. launcher: "ray" lets a Ray cluster train
    it and waits for the end; by default as `made.runs.launchers` says, mostly "local".
    settings: fields of the configuration by their names, such as epochs=5, hidden_sizes=(512, 512);
    they go before those of `config` and `preset`.

    Raises MadeError if training fails. Ctrl-C, or a stop from the dashboard, raises
    KeyboardInterrupt that names the run, whose checkpoint is kept.
    """
    config, title = _set_up(data, config, preset, settings)
    name = launchers.chosen_name(launcher)
    require_trainable(config, name)
    source = find_run(weights_of) if isinstance(weights_of, str) else weights_of
    steps = [Change(step, values) for step, values in sorted((changes or {}).items())]
    if name == "local":
        run = jobs.create(config, label, data=title, weights_of=source, changes=steps)
        ended = train_here(run, progress=progress)
    else:
        run = jobs.start(
            config,
            label,
            data=title,
            weights_of=source,
            changes=steps,
            launcher=launchers.chosen(name),
        )
        ended = follow(run, progress=progress)
    if ended.state == "failed":
        raise MadeError(ended.message)
    if ended.state != "finished":
        raise KeyboardInterrupt(
            f"Training {ended.state} at epoch {ended.epoch}; the checkpoint is kept: "
            f"made.load_run({run.id!r})"
        )
    return load_run(run)


def study(
    what: str | Mapping[str, Sequence[Any]],
    data: Any = None,
    *,
    seeds: int | Sequence[int] = 3,
    seed_of: SeedOf = "both",
    title: str | None = None,
    config: ExperimentConfig | None = None,
    preset: str | None = None,
    progress: bool = True,
    launcher: str | None = None,
    **settings: Any,
) -> Results:
    """Train runs that differ in one or two settings and in their seeds, and return their results.

    what: a ready-made study such as "encodings", as `python -m made study ready` lists them, or
    the settings with their values: {"encoding": ["raw", "bits"], "num_samples": [1000, 10_000]}.
    seeds: their number, or the seeds themselves. seed_of: "weights", "data" or "both".
    data, config, preset, settings: the set-up that all runs share, as `train` takes them; so is
    launcher, who executes them.

    Each run has a process of its own, shown by the dashboard like any other; what is there already
    is taken. The result has `.runs` and `.summary`, two DataFrames. Raises MadeError where there is
    nothing to train. Ctrl-C, or a stop from the dashboard, stops the runs, raises KeyboardInterrupt
    and keeps their checkpoints: the same call, or `python -m made study resume`, goes on.
    """
    from made.views.progress_bar import StudyBar

    base, _ = _set_up(data, config, preset, settings)
    numbers = tuple(range(seeds)) if isinstance(seeds, int) else tuple(seeds)
    if isinstance(what, str):
        wanted = ready.find(what)(base, numbers, seed_of)
        wanted = wanted if title is None else wanted.model_copy(update={"title": title})
    else:
        wanted = Study.make(title, base, what, numbers, seed_of)
    stored = control.same_or_new(wanted)
    with StudyBar(stored, is_shown=progress) as bar:
        ended = control.conduct_here(stored, bar.look, launcher)
    if ended != "ended":
        raise KeyboardInterrupt(f"The study was {ended}: `python -m made study resume {stored.id}`")
    return Results(stored)


def _set_up(
    data: Any, config: ExperimentConfig | None, preset: str | None, settings: dict[str, Any]
) -> tuple[ExperimentConfig, str | None]:
    """The configuration that the arguments of `train` describe, and the title of rows in memory."""
    if preset is not None:
        if config is not None:
            raise MadeError("A preset is a whole configuration: give one of the two, not both.")
        config = presets.find_preset(preset).config
    if data is not None and "dataset" in settings:
        raise MadeError("Data are given twice: name a dataset or give rows, not both.")
    data = settings.pop("dataset", data)
    title = None
    if data is None and config is None:
        data = "digits8"
    if isinstance(data, str):
        settings["dataset"] = data
    elif data is not None:
        settings |= _kept(data)
        title = datasets.family(settings["dataset"]).info(DataConfig()).title
    return (config or ExperimentConfig()).replace(**settings), title


def _kept(data: Any) -> dict[str, Any]:
    """The settings under which the registry has these data from now on. Raises MadeError."""
    dataset = data if isinstance(data, Dataset) else Dataset.from_arrays(data)
    if dataset.made_by is None:
        return {"dataset": datasets.keep(dataset)}
    return dataset.made_by.model_dump()


def require_trainable(config: ExperimentConfig, launcher: str = "local") -> DatasetInfo:
    """Describe the data. Raises MadeError where the model does not fit them or has no device.

    Also where it is far too large: what is free now may still be more when its turn comes.
    launcher: by another one than "local" the devices of this machine do not matter.
    """
    info = datasets.info(config.data)
    problem = misfit(config, info)
    if problem:
        raise MadeError(problem)
    if launcher != "local":
        return info
    devices.group(config.training.device, config.training.num_devices)
    cost = estimate(config, info)
    free = devices.free_bytes(devices.resolve(config.training.device))
    if not cost.fits and cost.memory_bytes > HOPELESS * free:
        raise MadeError(cost.reason)
    return info


def train_here(run: Run, *, progress: bool = True) -> Status:
    """Train a new run, or go on with one at rest, in this process with a bar; how it ended."""
    from made.views.progress_bar import TrainingBar

    # The list of devices follows the order of the bus, and torch has to count in the same way.
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    num_train = datasets.info(run.config.data).num_train
    with TrainingBar(run.config, num_train, is_shown=progress) as bar:
        return worker.execute(run, bar.event, bar.message)


def follow(run: Run, *, progress: bool = True) -> Status:
    """Wait for the end of a run that another process executes, with a bar; how it ended.

    Ctrl-C stops the run, as it does one in this process; a second one only ends the waiting.
    """
    from made.views.progress_bar import TrainingBar

    num_train = datasets.info(run.config.data).num_train
    with TrainingBar(run.config, num_train, is_shown=progress) as bar:
        try:
            return _until_rest(run, bar)
        except KeyboardInterrupt:
            jobs.stop(run)
            return _until_rest(run, bar)


def _until_rest(run: Run, bar: TrainingBar) -> Status:
    while (status := run.status()).state in LIVING:
        bar.status(status, run.losses(max(status.step - 1, 0)))
        time.sleep(FOLLOW_SECONDS)
    return status
