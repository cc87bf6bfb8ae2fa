"""An ordering found in the data stays with the run: loaded, drawn from, resumed, exported."""

from __future__ import annotations

import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import made
from made import datasets, runs
from made.base.errors import MadeError
from made.commands import main
from made.commands.export import write_archive
from made.runs import worker
from made.runs.loading import bank_of, sequence_of
from made.setups.config import ExperimentConfig
from made.setups.orderings import found_sequence
from made.training.events import EpochEnd
from made.views import sample_views

SETTINGS = {
    "dataset": "digits8",
    "ordering": "chow-liu",
    "hidden_sizes": 16,
    "epochs": 3,
    "look_ahead": 0,
    "device": "cpu",
}


@pytest.fixture
def config() -> ExperimentConfig:
    return ExperimentConfig.from_flat(SETTINGS)


@pytest.fixture
def expected(config) -> tuple[int, ...]:
    return found_sequence(config, datasets.load(config.data))


@pytest.fixture
def no_data(folder, monkeypatch):
    """From the moment that it is called, no data can be loaded."""

    def refuse(*arguments):
        raise AssertionError("the data were asked for")

    return lambda: monkeypatch.setattr(datasets, "load", refuse)


def trained(config: ExperimentConfig):
    run = runs.create(config)
    assert worker.execute(run).state == "finished"
    return run


@pytest.mark.parametrize("checkpoint", ["best", "last"])
def test_a_run_is_loaded_without_its_data(config, expected, no_data, checkpoint) -> None:
    run = trained(config)
    no_data()
    assert run.config == config
    loaded = made.load_run(run.id, checkpoint)
    assert tuple(loaded.network.bank.mask_set(0).ordering.sequence) == expected
    assert sequence_of(run, checkpoint) == expected
    about = sample_views.subject(run)
    assert tuple(sample_views.ordering(about, None).sequence) == expected
    assert tuple(bank_of(run, loaded.info).mask_set(0).ordering.sequence) == expected
    first = {expected[0]: 1, expected[1]: 0}
    drawn = loaded.model.sample(5, seed=1, observed=first)
    assert (drawn[:, expected[0]] == 1).all()


def test_it_goes_on_in_the_ordering_that_was_found(config, expected, folder, monkeypatch) -> None:
    whole = trained(config)
    run = runs.create(config)
    stopped = []

    def stop(event):
        if isinstance(event, EpochEnd) and event.epoch == 1 and not stopped:
            stopped.append(True)
            runs.jobs.stop(run)

    assert worker.execute(run, stop).state == "stopped"
    assert sequence_of(run, "last") == expected
    # Were the rows looked at again, another ordering would come out.
    monkeypatch.setattr(
        "made.training.trainer.found_sequence", lambda config, dataset: tuple(range(64))
    )
    assert worker.execute(run).state == "finished"
    for name, value in load_file(whole.checkpoint_path("best")).items():
        assert torch.equal(value, load_file(run.checkpoint_path("best"))[name]), name


def test_an_exported_run_knows_its_ordering(config, expected, no_data, tmp_path) -> None:
    run = trained(config)
    rows = datasets.load(config.data).test[:9].astype(np.int64)
    before = made.load_run(run.id).model.log_prob(rows)
    write_archive(run, tmp_path / "run.zip")
    with zipfile.ZipFile(tmp_path / "run.zip") as archive:
        archive.extractall(tmp_path / "elsewhere")
    no_data()
    loaded = made.load_run(tmp_path / "elsewhere" / run.id)
    assert tuple(loaded.network.bank.mask_set(0).ordering.sequence) == expected
    assert torch.equal(loaded.model.log_prob(rows), before)


def test_weights_without_their_ordering_are_refused(config, folder) -> None:
    run = trained(config)
    best = run.checkpoint_path("best")
    for text in ({}, {"sequence": "[0, 1"}, {"sequence": "3"}):
        save_file(load_file(best), best, text)
        with pytest.raises(MadeError, match="does not say in which order"):
            made.load_run(run.id)
    save_file(load_file(best), best, {"sequence": "[0, 1]"})
    with pytest.raises(MadeError, match="no permutation of 64 variables"):
        made.load_run(run.id)


def test_a_run_of_before_has_the_ordering_of_its_name(folder) -> None:
    """Neither its configuration nor its checkpoints know of permutations."""
    run = trained(ExperimentConfig.from_flat(SETTINGS | {"ordering": "reversed"}))
    old = (run.path / "config.json").read_text("utf-8")
    lines = [line for line in old.splitlines(keepends=True) if '"permutation"' not in line]
    (run.path / "config.json").write_text("".join(lines), "utf-8")
    assert "sequence" not in run.checkpoint_metadata("best")
    loaded = made.load_run(run.id)
    assert loaded.network.bank.mask_set(0).ordering.sequence.tolist() == [*range(64)][::-1]


def test_a_permutation_from_a_file_on_the_command_line(folder, tmp_path, capsys) -> None:
    order = np.random.default_rng(0).permutation(64).tolist()
    (tmp_path / "order.txt").write_text("\n".join(map(str, order)), "utf-8")
    flags = "--dataset digits8 --hidden-sizes 8 --epochs 1 --device cpu --ordering given"
    command = ["train", *flags.split(), "--permutation", f"@{tmp_path / 'order.txt'}"]
    assert main(command) == 0
    (run,) = runs.list_runs()
    assert run.config.masks.permutation == tuple(order)
    assert made.load_run(run).network.bank.mask_set(0).ordering.sequence.tolist() == order
    assert main(["train", "--permutation", f"@{tmp_path / 'nothing.txt'}"]) == 2
    assert "nothing.txt' cannot be read" in capsys.readouterr().err
