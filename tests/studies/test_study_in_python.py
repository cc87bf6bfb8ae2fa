"""made.study: one call trains what is missing and returns the figures as data frames."""

from __future__ import annotations

import pytest

import made
from made import runs
from made.base.errors import MadeError
from made.runs import jobs, worker
from made.studies import conductor, folder

SET_UP = {"hidden_sizes": (4,), "epochs": 2, "device": "cpu", "learning_rate": 1e-6}


@pytest.fixture(autouse=True)
def _here(folder, in_process, monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs are trained in this process, by a trainer of a few lines."""
    monkeypatch.setattr(conductor, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(
        jobs.LocalLauncher, "launch", lambda launcher, run: worker.execute(run) and None
    )


def test_settings_are_varied_and_the_same_call_trains_nothing_again() -> None:
    def ask():
        vary = {"encoding": ["raw", "bits"], "dropout": [0.0, 0.5]}
        return made.study(vary, "digits8", seeds=(0, 4), title="mine", progress=False, **SET_UP)

    results = ask()
    assert len(results.runs) == 8
    assert list(results.summary["num_runs"]) == [2] * 4
    assert list(results.summary["dropout"]) == [0.0, 0.5, 0.0, 0.5]
    assert results.summary["validation_nll"].notna().all()
    assert "mine" in repr(results)
    assert ask().id == results.id
    assert len(runs.list_runs()) == 8


def test_a_ready_made_study_takes_the_set_up_of_a_preset() -> None:
    results = made.study("degrees", preset="digits8", seeds=1, progress=False, **SET_UP)
    assert list(results.runs["degrees"]) == ["uniform", "even"]
    assert results.stored.title == "digits8 · hidden degrees"


def test_a_stop_from_elsewhere_says_how_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(launcher, run) -> None:
        folder.list_studies()[0].ask("stop")

    monkeypatch.setattr(jobs.LocalLauncher, "launch", stop)
    with pytest.raises(KeyboardInterrupt, match="made study resume"):
        made.study("encodings", "digits8", progress=False, **SET_UP)


def test_what_is_no_study_is_refused_before_anything_is_trained() -> None:
    with pytest.raises(MadeError, match="nothing to compare"):
        made.study({"degree_low": [1, 2]}, "digits8", progress=False)
    with pytest.raises(MadeError, match="no ready-made study"):
        made.study("colours", progress=False)
    assert runs.list_runs() == []
