"""The bench works, compares what it says, and never sets a time limit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from made import runs
from made.base.errors import MadeError
from made.bench import (
    cases as bench,
)
from made.bench import (
    machine as bench_machine,
)
from made.bench import (
    memory as bench_memory,
)
from made.bench import (
    rounds as bench_rounds,
)
from made.bench import (
    writing as bench_writing,
)
from made.commands import main
from made.density import evaluation, sampling
from made.model.masks import MaskBank
from made.runs import recorder, worker
from made.runs.writer import RunWriter
from made.setups.config import ExperimentConfig

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


def test_the_same_data_and_weights_every_time() -> None:
    size = bench.CASES["train"].quick
    first, second = bench_rounds.synthetic(size, 50), bench_rounds.synthetic(size, 50)
    assert (first.train == second.train).all()
    assert first.train.max() == 1
    assert len(first.train) == 50


def test_quick_and_full_differ_in_size_alone() -> None:
    for name, case in bench.CASES.items():
        config = ExperimentConfig.from_flat(dict(case.settings))
        assert config.training.optimizer == "Adam", name
        assert case.quick.num * case.quick.num_variables < case.full.num * case.full.num_variables


def test_other_samples_from_the_same_numbers_stop_the_bench(monkeypatch) -> None:
    right = sampling.draw

    def wrong(*arguments) -> torch.Tensor:
        return 1 - right(*arguments)

    monkeypatch.setattr(sampling, "draw", wrong)
    with pytest.raises(MadeError, match="same uniform numbers"):
        bench_rounds.run(bench.CASES["sample-100"], "cpu", is_quick=True)


def test_another_likelihood_stops_the_bench(monkeypatch) -> None:
    monkeypatch.setattr(evaluation, "mean_nll", lambda *arguments: 1.0)
    with pytest.raises(MadeError, match="NLL is 1 nats"):
        bench_rounds.run(bench.CASES["nll"], "cpu", is_quick=True)


def test_reference_and_engine_take_turns() -> None:
    turns = []

    def prepare(config, size, device):
        def side(name: str, seconds: list[float]):
            def once() -> float:
                turns.append(name)
                return seconds.pop(0)

            return once

        return side("reference", [4.0, 90.0, 6.0]), side("engine", [2.0, 1.0, 80.0])

    size = bench_rounds.Size(num_variables=3, hidden_sizes=(4,), num=5, rounds=3)
    case = bench_rounds.Case(
        title="{num} turns", per="turn", prepare=prepare, full=size, quick=size
    )
    result = bench_rounds.run(case, "cpu", is_quick=True)
    assert turns == ["reference", "engine"] * 3
    assert (result["reference"], result["engine"]) == (6.0, 2.0)
    assert result["ratio"] == 3.0
    assert result["title"] == "5 turns"


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


@pytest.mark.parametrize("name", ["train", "train-wide"])
def test_bfloat16_is_of_the_same_size_and_held_against_float32(name: str) -> None:
    case = bench.CASES[f"{name}-bfloat16"]
    assert (case.full, case.quick) == (bench.CASES[name].full, bench.CASES[name].quick)
    assert case.settings == bench.CASES[name].settings | {"precision": "bfloat16"}
    config = ExperimentConfig.from_flat(dict(case.settings) | {"hidden_sizes": (4,)})
    model = bench.build_network(config, bench_rounds.synthetic(case.quick, 1).info)
    assert model.precision == torch.bfloat16
    plain = bench.textbook(config.model, model)
    assert {weight.dtype for weight in plain.parameters()} == {torch.float32}
    assert case.baseline.endswith("float32")


X86 = "model name\t: Chip 7\nflags\t\t: fpu avx512f{}\n\nmodel name\t: Chip 7\n"
PROCESSORS = {
    X86.format(" avx512_bf16 amx_bf16"): "bfloat16 units: amx_bf16, avx512_bf16",
    X86.format(" avx512_bf16"): "bfloat16 units: avx512_bf16",
    X86.format(""): "slow: the processor has no bfloat16 units",
    "Features\t: fp asimd bf16\n": "bfloat16 units: bf16",
    "": "not known whether the processor has bfloat16 units",
}


@pytest.mark.parametrize("text", PROCESSORS)
def test_the_line_says_whether_there_are_bfloat16_units(
    text: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    information = tmp_path / "cpuinfo"
    information.write_text(text, "utf-8")
    monkeypatch.setattr(bench_machine, "CPU_INFORMATION", information)
    assert main(["bench", "--quick", "--only", "train-bfloat16", "train"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"({PROCESSORS[text]})" in lines[1]
    assert "bfloat16" not in lines[2]
    named = PROCESSORS[text].partition("units: ")[2]
    shown = named or ("none" if "slow" in PROCESSORS[text] else "–")
    assert next(line for line in lines if line.startswith("bfloat16 units")).endswith(f" {shown}")


@pytest.mark.parametrize(("has_units", "remark"), [(True, "units: CUDA"), (False, "slow")])
def test_a_gpu_that_only_emulates_bfloat16_has_no_units(has_units, remark, monkeypatch) -> None:
    asked = []

    class Place:
        def __init__(self, device: str) -> None:
            asked.append(device)

        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(torch.cuda, "device", Place)
    monkeypatch.setattr(
        torch.cuda,
        "is_bf16_supported",
        lambda including_emulation: including_emulation or has_units,
    )
    assert remark in bench_machine.bfloat16_remark("cuda:3")
    assert asked == ["cuda:3"]


def test_memory_is_shown_in_megabytes_and_time_in_milliseconds(monkeypatch, capsys) -> None:
    peaks = {1: 300.0, 32: 400.0}
    monkeypatch.setattr(
        bench_memory,
        "peak_of_training",
        lambda config, size, device: peaks[MaskBank(config.masks, 36, (32, 32)).cycle],
    )
    assert main(["bench", "--quick", "--only", "memory-32-masks", "nll"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[-4:] == ["MB", "300.0", "400.0", "0.7500"]
    assert "32 mask sets / one, peak memory" in lines[1]
    assert lines[2].split()[-4] == "ms"
    assert any(line.startswith("memory-32-masks: the reference is the engine") for line in lines)


def test_memory_is_that_of_the_process_alone_and_not_of_its_parent() -> None:
    ballast = np.ones(75_000_000)
    code = "from made.bench.memory import peak_memory; print(peak_memory('cpu'))"
    command = [sys.executable, "-c", code]
    found = subprocess.run(command, cwd=bench_memory.PROJECT, stdout=subprocess.PIPE, check=True)
    assert 10 < float(found.stdout) < ballast.nbytes / 2e6
    assert bench_memory.peak_memory("cpu") >= ballast.nbytes / 1e6


def test_memory_that_was_given_back_counts(monkeypatch) -> None:
    ballast = np.ones(75_000_000)
    held = psutil.Process().memory_info().rss / 1e6
    del ballast
    for _ in range(2):
        assert bench_memory.peak_memory("cpu") >= 0.99 * held
        # As where there is no such file.
        monkeypatch.setattr(bench_memory, "STATUS", Path("/nowhere"))


def test_a_process_that_fails_stops_the_bench() -> None:
    size = bench_rounds.Size(num_variables=3, hidden_sizes=(4,), num=2)
    config = ExperimentConfig.from_flat({"hidden_sizes": (4,)})
    with pytest.raises(MadeError, match=r"has failed: .*cannot use 'cuda:77'"):
        bench_memory.peak_of_training(config, size, "cuda:77")


def writing(**values) -> tuple[bench_rounds.Side, bench_rounds.Side]:
    case = bench.CASES["writing"]
    config = ExperimentConfig.from_flat(dict(case.settings) | {"hidden_sizes": (4,)} | values)
    return bench_writing.writing(config, case.quick, "cpu")


class HandClock:
    """Stands for the module `time` in the bench: it goes on only when it is told to."""

    def __init__(self) -> None:
        self.now, self.first = 0, None

    def perf_counter(self) -> int:
        self.first = self.now if self.first is None else self.first
        return self.now


@pytest.fixture
def hand_clock(monkeypatch) -> HandClock:
    clock = HandClock()
    monkeypatch.setattr(bench_writing, "time", clock)
    return clock


def test_the_time_of_writing_is_that_of_all_files_but_the_first(monkeypatch, hand_clock) -> None:
    seen, slow = [], {"append_epoch", "write_samples", "append_losses"}

    def delayed(name: str):
        right = getattr(RunWriter, name)

        def write(self, *arguments) -> None:
            seen.append((name, self.run.path.parent))
            hand_clock.now += 1
            right(self, *arguments)

        return write

    for name in slow:
        monkeypatch.setattr(RunWriter, name, delayed(name))
    folder = runs.runs_folder()
    bare, with_files = writing()
    assert bare() == 0
    assert seen == []
    hand_clock.first = None
    seconds = with_files()
    # What is written of the untrained model comes before the first event; then two epochs.
    before, after = seen[: hand_clock.first], seen[hand_clock.first :]
    assert {name for name, _ in before} == {"append_epoch", "write_samples"}
    assert seconds == len(after)
    counts = Counter(name for name, _ in after)
    assert counts["append_epoch"] == counts["write_samples"] == 2
    assert counts["append_losses"] >= 2
    assert counts.keys() == slow
    (place,) = {place for _, place in seen}
    assert place != folder
    assert not place.exists()
    assert runs.runs_folder() == folder


def test_both_trainings_are_the_same_and_measure_the_model(monkeypatch, hand_clock) -> None:
    right, losses = evaluation.mean_nll, []

    def delayed(*arguments, **options) -> float:
        losses.append(right(*arguments, **options))
        hand_clock.now += 1
        return losses[-1]

    bare, with_files = writing()
    monkeypatch.setattr(evaluation, "mean_nll", delayed)
    # After either epoch, and on the test split at the end.
    assert (bare(), with_files()) == (3, 3)
    assert losses[:4] == losses[4:]


def test_a_run_that_cannot_be_written_stops_the_bench(monkeypatch) -> None:
    _, with_files = writing()

    def full(*arguments) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recorder, "save_tensors", full)
    with pytest.raises(MadeError, match="The training with its files is failed"):
        with_files()


def test_whoever_stops_the_run_stops_the_bench(monkeypatch) -> None:
    _, with_files = writing()
    monkeypatch.setattr(worker.jobs, "requested", lambda run: "stop")
    with pytest.raises(KeyboardInterrupt):
        with_files()
