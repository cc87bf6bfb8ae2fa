"""What runs cost that wait in line: processes, memory, and the processor's time.

PYTHONPATH=. python tests/waiting_line.py --number 100 --seconds 30

One run trains on the whole CPU, the others wait behind it. What they cost is summed over all their
processes; the one that trains does not count.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import psutil
from browser import end_workers, workers

from made.runs import jobs
from made.setups.config import ExperimentConfig

# All of the CPU, and minibatches that take long.
LARGE = {"dataset": "rings", "hidden_sizes": (2048, 2048), "epochs": 1000}
LOOK_SECONDS = 0.5


def measure(number: int, seconds: float) -> None:
    config = ExperimentConfig.from_flat(LARGE | {"look_ahead": 0, "device": "cpu"})
    first = jobs.start(config)
    _wait(lambda: first.state == "training")
    begun = time.perf_counter()
    waiting = [jobs.start(config) for _ in range(number)]
    print(f"{number} runs put in line in {time.perf_counter() - begun:.1f} s")
    _wait(lambda: all(run.state == "queued" for run in waiting))
    processes = [one for one in workers(first.path.parent) if one.pid != first.recorded.pid]
    before = _processor_seconds(processes)
    time.sleep(seconds)
    spent = _processor_seconds(processes) - before
    memory = sum(one.memory_info().rss for one in processes) / 1e6
    print(
        f"{len(processes)} processes, {memory:.0f} MB in all, {spent:.2f} processor seconds in "
        f"{seconds:.0f} s: {spent / seconds:.1%} of a core"
    )


def _wait(condition) -> None:
    while not condition():
        time.sleep(LOOK_SECONDS)


def _processor_seconds(processes: list[psutil.Process]) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in processes)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--number", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=30.0)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="made-waiting-") as folder:
        os.environ["MADE_RUNS_DIR"] = folder
        try:
            measure(chosen.number, chosen.seconds)
        finally:
            _clear(Path(folder))


def _clear(folder: Path) -> None:
    """Nobody is left to call others: first the tickets go, then the processes."""
    for ticket in (folder / ".line").glob("*/*"):
        ticket.unlink()
    end_workers(folder)


if __name__ == "__main__":
    main()
