"""The bench measures the memory of a training, and nothing but it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import psutil
import pytest

from made.base.errors import MadeError
from made.bench import memory as bench_memory
from made.bench import rounds as bench_rounds
from made.commands import main
from made.model.masks import MaskBank
from made.setups.config import ExperimentConfig

pytestmark = pytest.mark.usefixtures("same_threads")


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
