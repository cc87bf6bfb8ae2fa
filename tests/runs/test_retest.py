"""A run that was finished by an older version gets its errors, and nothing else of it changes."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

import made
from made.base.errors import MadeError
from made.base.files import to_json
from made.runs.writer import RunWriter

NEW = {"nll_standard_error", "num_seen_test_rows"}


@pytest.fixture
def older(folder) -> made.Run:
    """A run as the version before wrote it: no rows, no error, and a field that is gone."""
    run = made.train("digits8", epochs=1, hidden_sizes=(8,), progress=False).run
    (run.path / "test_log_probs.npy").unlink()
    result = {name: value for name, value in run.result.items() if name not in NEW}
    RunWriter(run).write("result.json", to_json(result | {"seconds": 1.5}).encode())
    return run


def test_an_older_run_gets_its_errors_and_keeps_its_figures(older) -> None:
    before = json.loads((older.path / "result.json").read_bytes())
    loaded = made.load_run(older)
    next(loaded.network.parameters()).data.zero_()  # it is what lies on disk that is tested
    after = loaded.record_test()
    assert after.keys() - before.keys() == NEW
    assert after == older.result == before | {name: after[name] for name in NEW}
    rows = older.test_log_probs()
    best = made.load_run(older).model.log_prob(loaded.dataset.test).detach()
    np.testing.assert_allclose(rows, best, atol=1e-4)
    assert after["nll_standard_error"] == pytest.approx(rows.std(ddof=1) / np.sqrt(269), rel=1e-4)
    assert after["num_seen_test_rows"] == 11


def test_a_test_that_comes_out_otherwise_is_not_added(older) -> None:
    result = json.loads((older.path / "result.json").read_bytes())
    RunWriter(older).write("result.json", to_json(result | {"nll_nats": 12.0}).encode())
    with pytest.raises(MadeError, match=r"recorded a test NLL of 12 nats.*train it again"):
        made.load_run(older).record_test()
    assert older.test_log_probs() is None
    (older.path / "result.json").unlink()
    with pytest.raises(MadeError, match="let it finish first"):
        made.load_run(older).record_test()


def test_a_run_that_ships_is_left_alone(older) -> None:
    shipped = older.path.with_name("shipped-digits")
    shutil.copytree(older.path, shipped)
    with pytest.raises(MadeError, match="ships with the project"):
        made.load_run("shipped-digits").record_test()
    assert made.Run.open("shipped-digits").test_log_probs() is None
