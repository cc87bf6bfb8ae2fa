"""Two clicks on Train that are heard at once, each in a thread of its own, start one run."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from made.setups.config import ExperimentConfig
from pages.train import launch

WAIT_SECONDS = 0.5  # so long the first start takes, unless a second one comes


@pytest.fixture
def starts(monkeypatch) -> list[str]:
    """The runs that are started, each of which lives from then on."""
    begun: list[str] = []
    is_second = threading.Event()

    def start(config: ExperimentConfig, launcher: object) -> SimpleNamespace:
        begun.append(f"run-{len(begun)}")
        if len(begun) == 2:
            is_second.set()
        is_second.wait(WAIT_SECONDS)
        return SimpleNamespace(id=begun[-1])

    monkeypatch.setattr(launch.jobs, "start", start)
    monkeypatch.setattr(launch, "_lives", lambda run_id: run_id in begun)
    monkeypatch.setattr(launch, "_say_of", lambda run, is_held: None)
    monkeypatch.setattr(launch.Run, "open", lambda run_id: SimpleNamespace(id=run_id))
    monkeypatch.setattr(launch, "look_at", lambda run_id: None)
    return begun


def test_two_clicks_at_once_start_one_run(starts: list[str]) -> None:
    config, started = ExperimentConfig(), launch.Started()
    clicks = [threading.Thread(target=launch._train, args=(config, started)) for _ in range(2)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert starts == ["run-0"]
    assert started.ids == {config: "run-0"}


def test_another_set_up_is_another_run(starts: list[str]) -> None:
    started = launch.Started()
    launch._train(ExperimentConfig(), started)
    launch._train(ExperimentConfig.from_flat({"seed": 1}), started)
    assert len(started.ids) == len(starts) == 2
