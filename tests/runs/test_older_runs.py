"""A run folder of an older version opens, and goes on to what that version would have reached.

`tests/data/older_run` was written before the state of a training had a class of its own: Adam, a
moving average, dropout and direct connections, stopped after 6 of 8 minibatches. The weights and
losses in `older_run_resumed.safetensors` are those that the same version reached from there.
"""

import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file
from worker_process import weights

from made.base.tensors import load_tensors
from made.runs import worker
from made.runs.folder import Run
from made.training.state import TrainingState

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def older(folder) -> Run:
    path = folder / "20250101-000000-000000"
    shutil.copytree(DATA / "older_run", path)
    return Run.open(path.name)


def test_an_older_run_is_read(older):
    assert older.problem is None
    assert (older.label, older.state, older.status().step) == (
        "stopped in the middle",
        "stopped",
        6,
    )
    assert [record["is_best"] for record in older.epochs()] == [True, True]
    assert older.reached("last").num_epochs == 2
    assert older.reached("best").step == 4
    assert older.samples()["density"].shape == (4, 4)


def test_its_state_is_stored_as_it_was(older):
    """Nothing is lost on the way through the class but the second clock of that version."""
    tensors, metadata = load_tensors(older.checkpoint_path("last"))
    again, text = TrainingState.from_stored(tensors, metadata).stored()
    assert again.keys() == tensors.keys()
    assert {name.partition(".")[0] for name in again} == {"model", "best", "average", "optimizer"}
    assert all(again[name] is tensors[name] for name in tensors)
    own = {name: value for name, value in metadata.items() if not name.startswith("run_")}
    assert text == {name: value for name, value in own.items() if name != "seconds"}


def test_it_goes_on_to_the_same_weights(older):
    before = older.reached("last").seconds
    assert worker.execute(older).state == "finished"
    expected = load_file(DATA / "older_run_resumed.safetensors")
    found = weights(older, "last") | {"losses": older.losses()}
    found |= {f"file_best.{name}": value for name, value in weights(older, "best").items()}
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        # To the last bit on the machine that wrote them; other processors round otherwise.
        np.testing.assert_allclose(found[name], value, rtol=1e-5, atol=1e-6, err_msg=name)
    assert older.result["training_seconds"] > before
    assert "seconds" not in older.result
