"""`import` takes in what `export` has written, and refuses anything else in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from made import library, runs
from made.commands import FAILURE, main


@pytest.mark.usefixtures("folder", "same_threads")
def test_a_run_goes_out_and_comes_back(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    settings = {"grid_size": 4, "num_samples": 1000, "hidden_sizes": (3,), "epochs": 1}
    run = library.train("rings", label="there and back", progress=False, **settings).run
    path = str(tmp_path / "run.zip")
    assert main(["export", run.id, path]) == 0
    runs.delete(run)
    capsys.readouterr()
    assert main(["import", path, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"id": run.id, "label": "there and back"}
    assert main(["import", path]) == FAILURE
    assert "here already" in capsys.readouterr().err
    assert main(["import", str(tmp_path / "none.zip")]) == FAILURE
    assert "There is no file" in capsys.readouterr().err
