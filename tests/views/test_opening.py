"""What the first screen opens with, and how a run stands to the set-up beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from made import datasets, runs
from made.base.files import to_json
from made.runs.folder import Run
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig
from made.views import opening


def shipped(folder: Path, name: str, nll: float, **settings) -> Run:
    """A finished run that comes with the project."""
    config = ExperimentConfig.from_flat(settings)
    path = folder / f"shipped-{name}"
    path.mkdir()
    (path / "config.json").write_text(config.model_dump_json())
    (path / "status.json").write_text(to_json({"state": "finished"}))
    (path / "result.json").write_text(to_json({"nll_nats": nll}))
    return Run(path.name, path)


@pytest.fixture
def comes_along(folder: Path, nothing_shipped: Path, monkeypatch) -> list[Run]:
    """Four shipped runs; the data of the first are not here."""
    is_available = datasets.is_available
    monkeypatch.setattr(
        datasets, "is_available", lambda name: name != "adult" and is_available(name)
    )
    return [
        shipped(nothing_shipped, "adult", 1.0, dataset="adult"),
        shipped(nothing_shipped, "moons", 2.0, dataset="moons"),
        shipped(nothing_shipped, "rings-raw", 4.0, encoding="raw"),
        shipped(nothing_shipped, "rings-fourier-0", 3.0, encoding="fourier"),
        shipped(nothing_shipped, "rings-fourier-1", 2.5, encoding="fourier", seed=1),
    ]


def test_it_opens_with_the_best_shipped_run_whose_data_are_here(comes_along) -> None:
    assert opening.opening_run(comes_along).id == "shipped-rings-fourier-0"
    assert opening.opening_run(comes_along[:2]).id == "shipped-moons"
    assert opening.opening_run([]) is None


def test_an_own_run_comes_before_those_and_a_living_one_before_all(comes_along) -> None:
    older, newer = (runs.create(ExperimentConfig()) for _ in range(2))
    for run in (older, newer):
        RunWriter(run).update(state="finished")
    listed = [newer, older, *comes_along]
    assert opening.opening_run(listed).id == newer.id
    RunWriter(older).update(state="training")
    with older.lock():
        assert opening.opening_run(listed).id == older.id


def test_the_set_up_is_that_of_the_run_if_its_data_are_known(comes_along) -> None:
    run = comes_along[3]
    assert opening.opening_config(run) == run.config
    assert opening.comparison_line(run, run.config) == "This run has the set-up of the controls."
    assert opening.opening_config(None) == ExperimentConfig()
    (run.path / "config.json").write_text('{"data": {"dataset": "upload-0123456789abcdef"}}')
    assert opening.opening_config(run) == ExperimentConfig()


def test_a_difference_is_told_in_words_and_only_where_it_has_an_effect(comes_along) -> None:
    run = comes_along[3]
    told = opening.differences(run, run.config.replace(encoding="bits", epochs=3, device="cpu"))
    assert told == ["fourier encoding", "20 epochs"]
    assert opening.differences(run, run.config.replace(num_connectivities=7)) == []
    other = run.config.replace(dataset="moons", epochs=3)
    assert opening.comparison_line(run, other) == (
        "This run differs from the set-up of the controls: it has the dataset Rings."
    )
