"""What a run keeps of each test example: from the training to the disk and back, or not at all."""

from __future__ import annotations

import io

import numpy as np
import pytest
from fake_training import Trainer

from made import runs
from made.base import files
from made.base.errors import MadeError
from made.runs import folder as run_folder
from made.runs import records
from made.runs.folder import Run
from made.runs.recorder import Recorder
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig
from made.training.events import Finished
from made.views import run_views

LOG_PROBS = np.float32([-3.5, -4.25, -2.0])
RESULT = {"nll_nats": 3.25, "nll_standard_error": 0.6614, "num_examples": 3}

pytestmark = pytest.mark.usefixtures("folder")


@pytest.fixture
def run() -> Run:
    made = runs.create(ExperimentConfig(), "a run")
    RunWriter(made).write_result(RESULT, LOG_PROBS)
    return made


def npy(array: np.ndarray) -> bytes:
    content = io.BytesIO()
    np.save(content, array)
    return content.getvalue()


def test_what_is_written_is_read(run: Run) -> None:
    found = run.test_log_probs()
    assert found is not None
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, LOG_PROBS)
    assert "Test NLL **3.25 ± 0.66 nats**" in run_views.figure_line(run)


def test_the_end_of_a_training_is_recorded_with_its_rows(run: Run, monkeypatch) -> None:
    monkeypatch.setattr("made.runs.recorder.save_tensors", lambda path, *rest: path.touch())
    recorder = Recorder(run)
    recorder.begin(Trainer(run.config, None, "cpu"))
    recorder.record(Finished("done", RESULT, LOG_PROBS - 1))
    np.testing.assert_array_equal(run.test_log_probs(), LOG_PROBS - 1)
    assert run.result["nll_standard_error"] == RESULT["nll_standard_error"]


def test_rows_without_a_likelihood_are_not_written() -> None:
    run = runs.create(ExperimentConfig(), "plain")
    RunWriter(run).write_result({"reconstruction_nats": 3.0, "num_examples": 3}, None)
    assert run.test_log_probs() is None
    assert not (run.path / "test_log_probs.npy").exists()


def test_a_run_that_goes_on_has_no_test_any_more(run: Run) -> None:
    leftover = run.path / ".test_log_probs.npy.0123.tmp"
    leftover.touch()
    writer = RunWriter(run)
    writer.sweep()
    writer.truncate(steps=0, epochs=0)
    assert run.result is None
    assert run.test_log_probs() is None
    assert not list(run.path.glob("*test_log_probs*"))


def test_a_run_of_an_older_version_is_shown_as_before(run: Run) -> None:
    """It has neither the file nor the errors."""
    (run.path / "test_log_probs.npy").unlink()
    RunWriter(run).write_result({"nll_nats": 88.9243, "bits_per_dim": 0.16364}, None)
    assert run.test_log_probs() is None
    assert run_views.figure_line(run) == "Test NLL **88.92 nats** · 0.1636 bits/dim"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x80\x04",
        npy(LOG_PROBS)[:-1],
        npy(LOG_PROBS[:2]),
        npy(LOG_PROBS[:, None]),
        npy(np.arange(3)),
        npy(np.float32([1, np.nan, 2])),
        npy(np.float32([])),
        npy(np.array([{}, {}, {}])),
        npy(np.float32([0])).replace(b"(1,)", b"(9999999999999,)"),
    ],
    ids=["empty", "pickle", "torn", "fewer", "table", "whole", "nan", "none", "objects", "promise"],
)
def test_a_broken_file_is_not_there(run: Run, content: bytes) -> None:
    (run.path / "test_log_probs.npy").write_bytes(content)
    assert run.test_log_probs() is None
    if content != npy(LOG_PROBS[:2]):
        with pytest.raises(MadeError, match=r"test_log_probs\.npy"):
            records.parse_log_probs(content)


def test_a_file_of_any_size_is_not_read_into_memory(run: Run, monkeypatch) -> None:
    with (run.path / "test_log_probs.npy").open("wb") as file:
        file.truncate(2**40)
    read = files.read_bytes

    def small(path, limit):
        assert path.suffix == ".json"
        return read(path, limit)

    monkeypatch.setattr(files, "read_bytes", small)
    assert run.test_log_probs() is None
    (run.path / "test_log_probs.npy").unlink()
    (run.path / "test_log_probs.npy").mkdir()
    assert run.test_log_probs() is None


def test_only_so_much_is_looked_at(run: Run, monkeypatch) -> None:
    monkeypatch.setattr(run_folder, "LOG", 100)
    assert run.test_log_probs() is None
