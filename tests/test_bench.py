"""The bench works, compares what it says, and never sets a time limit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
import torch

from made import bench
from made.commands import main
from made.config import ExperimentConfig
from made.errors import MadeError
from made.model import MADE

NAMES = list(bench.CASES)


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    """The bench takes all cores; the tests after it want one thread again."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def quick(capsys: pytest.CaptureFixture, *arguments: str) -> dict:
    assert main(["bench", "--quick", "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_quick_form_measures_every_case(capsys) -> None:
    report = quick(capsys)
    assert report["is_quick"] is True
    assert [result["name"] for result in report["results"]] == NAMES
    for result in report["results"]:
        assert result["reference_seconds"] > 0, result
        assert result["engine_seconds"] > 0, result
        expected = result["reference_seconds"] / result["engine_seconds"]
        assert result["ratio"] == pytest.approx(expected), result
        assert result["rounds"] >= 2, result
        assert 0 < result["reference_share"] <= 1, result
        assert "{" not in result["title"] + result["per"], result


def test_it_says_what_was_measured_on_and_when(capsys) -> None:
    machine = quick(capsys, "--only", "nll")["machine"]
    assert machine["torch"] == torch.__version__
    assert machine["cores"] == torch.get_num_threads()
    assert machine["processor"]
    assert machine["device"] == "cpu"
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


def test_the_same_data_and_weights_every_time() -> None:
    size = bench.CASES["train"].quick
    first, second = bench.synthetic(size, 50), bench.synthetic(size, 50)
    assert (first.train == second.train).all()
    assert first.train.max() == 1
    assert len(first.train) == 50


def test_quick_and_full_differ_in_size_alone() -> None:
    for name, case in bench.CASES.items():
        config = ExperimentConfig.from_flat(dict(case.settings))
        assert config.training.optimizer == "Adam", name
        assert case.quick.num * case.quick.num_variables < case.full.num * case.full.num_variables


def test_other_samples_from_the_same_numbers_stop_the_bench(monkeypatch) -> None:
    right = MADE.draw

    def wrong(self, *arguments, **options) -> torch.Tensor:
        return 1 - right(self, *arguments, **options)

    monkeypatch.setattr(MADE, "draw", wrong)
    with pytest.raises(MadeError, match="same uniform numbers"):
        bench.run(bench.CASES["sample-100"], "cpu", is_quick=True)


def test_another_likelihood_stops_the_bench(monkeypatch) -> None:
    monkeypatch.setattr(bench.likelihood, "mean_nll", lambda *arguments: 1.0)
    with pytest.raises(MadeError, match="NLL is 1 nats"):
        bench.run(bench.CASES["nll"], "cpu", is_quick=True)


def test_reference_and_engine_take_turns() -> None:
    turns = []

    def prepare(config, size, device):
        def side(name: str, seconds: list[float]):
            def once() -> float:
                turns.append(name)
                return seconds.pop(0)

            return once

        return side("reference", [4.0, 90.0, 6.0]), side("engine", [2.0, 1.0, 80.0])

    size = bench.Size(num_variables=3, hidden_sizes=(4,), num=5, rounds=3)
    case = bench.Case(title="{num} turns", per="turn", prepare=prepare, full=size, quick=size)
    result = bench.run(case, "cpu", is_quick=True)
    assert turns == ["reference", "engine"] * 3
    assert (result["reference_seconds"], result["engine_seconds"]) == (6.0, 2.0)
    assert result["ratio"] == 3.0
    assert result["title"] == "5 turns"


def test_it_writes_no_file(tmp_path: Path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MADE_RUNS_DIR", str(tmp_path))
    quick(capsys, "--only", "train", "sample-1000")
    assert list(tmp_path.iterdir()) == []
