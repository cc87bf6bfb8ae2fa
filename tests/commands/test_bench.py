"""The bench on the command line measures every case, and says on what and when."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path

import pytest
import torch

from made.bench import cases as bench
from made.commands import main

NAMES = list(bench.CASES)
ON_CPU = [name for name in NAMES if name != "train-huge"]
pytestmark = pytest.mark.usefixtures("same_threads")


def quick(capsys: pytest.CaptureFixture, *arguments: str) -> dict:
    assert main(["bench", "--quick", "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_quick_form_measures_every_case(capsys) -> None:
    report = quick(capsys)
    assert report["is_quick"] is True
    assert [result["name"] for result in report["results"]] == ON_CPU
    for result in report["results"]:
        assert result["reference"] > 0, result
        assert result["engine"] > 0, result
        expected = result["reference"] / result["engine"]
        assert result["ratio"] == pytest.approx(expected), result
        assert result["rounds"] >= (2 if result["unit"] == "s" else 1), result
        assert 0 < result["reference_share"] <= 1, result
        assert "{" not in result["title"] + result["per"], result


def test_it_says_what_was_measured_on_and_when(capsys) -> None:
    machine = quick(capsys, "--only", "nll")["machine"]
    assert machine["torch"] == torch.__version__
    assert machine["cores"] == torch.get_num_threads()
    assert machine["processor"]
    assert machine["device"] == "cpu"
    assert "bfloat16_units" in machine
    assert datetime.fromisoformat(machine["date"]).tzinfo is not None


def test_parts_come_in_the_order_that_is_asked_for(capsys) -> None:
    report = quick(capsys, "--only", "nll", "sample-100")
    assert [result["name"] for result in report["results"]] == ["nll", "sample-100"]


def test_text_has_a_line_for_each_case_and_tells_of_scaled_times(capsys) -> None:
    assert main(["bench", "--quick", "--only", "nll", "sample-2d"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[0] == "name"
    assert [line.split()[0] for line in lines[1:3]] == ["nll", "sample-2d"]
    assert any("20% of it" in line for line in lines)
    assert any(line.startswith("torch") for line in lines)


def test_the_list_names_every_case(capsys) -> None:
    assert main(["bench", "--list", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)) == NAMES
    assert main(["bench", "--list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()[1:]] == NAMES


def test_an_unknown_case_is_refused_before_anything_is_measured(capsys) -> None:
    assert main(["bench", "--quick", "--only", "nll", "flight"]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "There is no bench 'flight'; choose from train," in captured.err


def test_an_unknown_device_is_refused(capsys) -> None:
    assert main(["bench", "--quick", "--device", "cuda:77"]) == 1
    assert "cuda:77" in capsys.readouterr().err


def test_it_leaves_no_file(tmp_path: Path, monkeypatch, capsys) -> None:
    here, temporary = tmp_path / "here", tmp_path / "temporary"
    here.mkdir()
    temporary.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.setenv("MADE_RUNS_DIR", str(here))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    quick(capsys, "--only", "train", "sample-1000", "writing")
    assert list(here.iterdir()) == []
    # torch keeps a folder of its own there.
    assert list(temporary.glob("made-*")) == []
    assert os.environ["MADE_RUNS_DIR"] == str(here)


def test_what_a_cpu_is_too_small_for_is_measured_only_by_name(capsys) -> None:
    assert bench.default_names("cpu") == ON_CPU
    assert bench.default_names("cuda:0") == NAMES
    assert bench.CASES["train-huge"].full.network == "784-8000-8000"
    (result,) = quick(capsys, "--only", "train-huge")["results"]
    assert result["engine"] > 0
    assert main(["bench", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines if "only when named" in line] == ["train-huge"]
