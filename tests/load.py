"""How the dashboard bears a class: sessions that change pages and watch a run, on one machine.

PYTHONPATH=. python tests/load.py --sessions 30 --seconds 120
PYTHONPATH=. python tests/load.py --sessions 30 --seconds 120 --browsers 2

It starts a dashboard of its own in a new runs folder, with one run that trains on the CPU, and lets
visitors (`tests/visitor.py`) come all at once, change pages every 2 to 6 seconds, and go; then as
many come one after the other. It prints how long pages took, what the server cost, and what the
visitors took from the training. Its exit status is 1 where a page failed or never came.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from browser import Dashboard, chromium, dashboard, open_page
from visitor import Seen, Visitor

from made.runs import jobs
from made.runs.folder import Run
from made.setups.config import ExperimentConfig

MOST_SESSIONS = 300
THINK_SECONDS = (2.0, 6.0)
STAGGER_SECONDS = 0.5  # between one who comes and the next, where they come one after the other
LOOK_SECONDS = 0.5
SET_UP = {"dataset": "rings", "grid_size": 50, "num_samples": 20_000, "hidden_sizes": (200, 200)}
LONG = {"epochs": 100_000, "look_ahead": 0, "device": "cpu"}


@dataclass
class Report:
    """What was measured. Times in seconds, memory in MB, speeds in minibatches a second."""

    sessions: int
    seen: Seen
    staggered: Seen
    in_browsers: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)
    processor_seconds: float = 0.0
    speed_alone: float = 0.0
    speed_watched: float = 0.0

    @property
    def changes(self) -> list[float]:
        return [took for each in self.seen.changes.values() for took in each]

    @property
    def num_runs(self) -> int:
        """How often the server has drawn a page or a part of one while the visitors were there."""
        return len(self.seen.first_loads) + len(self.changes) + len(self.seen.refreshes)

    @property
    def failures(self) -> int:
        return sum(
            seen.exceptions.total() + seen.unfinished for seen in (self.seen, self.staggered)
        )

    def lines(self) -> Iterator[str]:
        yield f"{self.sessions} sessions"
        yield _times("page changes", self.changes)
        for name, took in sorted(self.seen.changes.items()):
            yield _times(f"  {name}", took)
        yield _times("first loads, all at once", self.seen.first_loads)
        yield _times("first loads, one after the other", self.staggered.first_loads)
        yield _times("refreshes of a part", self.seen.refreshes)
        if self.in_browsers:
            yield _times("page changes in browsers", self.in_browsers)
        yield (
            f"server: {self.processor_seconds:.1f} processor seconds, "
            f"{1000 * self.processor_seconds / max(self.num_runs, 1):.0f} ms a page or part; "
            f"{self.seen.received / 1e6:.1f} MB sent"
        )
        moments = ", ".join(f"{second:.0f} s: {size:.0f}" for second, size in self.memory)
        yield f"memory of the server in MB, after {moments}"
        left = self.speed_watched / self.speed_alone if self.speed_alone else float("nan")
        yield (
            f"training: {self.speed_alone:.0f} minibatches a second alone, "
            f"{self.speed_watched:.0f} with the sessions ({left:.0%})"
        )
        for seen in (self.seen, self.staggered):
            if seen.unfinished:
                yield f"never came: {seen.unfinished}"
            for said, number in seen.exceptions.most_common():
                yield f"{number} × {said}"


def _times(title: str, took: Sequence[float]) -> str:
    """Half of them, 95 of 100, and the longest."""
    if not took:
        return f"{title}: none"
    ordered = sorted(took)
    median, most = (ordered[min(int(share * len(took)), len(took) - 1)] for share in (0.5, 0.95))
    return (
        f"{title}: {len(took)}, p50 {median:.2f} s, p95 {most:.2f} s, longest {ordered[-1]:.2f} s"
    )


class Pace:
    """How fast a run trains, from the losses that it has written, four bytes a minibatch."""

    def __init__(self, run: Run) -> None:
        self.path = run.path / "losses.f32"
        self.begin()

    def begin(self) -> None:
        self.begun, self.before = time.monotonic(), self._number()

    def speed(self) -> float:
        return (self._number() - self.before) / (time.monotonic() - self.begun)

    def _number(self) -> int:
        return self.path.stat().st_size // 4 if self.path.exists() else 0


def measure(sessions: int, seconds: float, alone: float = 10.0, browsers: int = 0) -> Report:
    """alone: for how many seconds the training is timed before anyone comes."""
    with _runs_folder() as folder, dashboard(folder) as board:
        run = jobs.start(ExperimentConfig.from_flat(SET_UP | LONG))
        while not len(run.losses()):
            time.sleep(LOOK_SECONDS)
        pace = Pace(run)
        time.sleep(alone)
        report = Report(sessions, Seen(), Seen(), speed_alone=pace.speed())
        server = psutil.Process(board.process.pid)
        before = _processor_seconds(server)
        pace.begin()
        asyncio.run(_all_at_once(board, server, report, seconds, browsers))
        report.processor_seconds = _processor_seconds(server) - before
        report.speed_watched = pace.speed()
        asyncio.run(_one_after_the_other(board, report))
    return report


@contextmanager
def _runs_folder() -> Iterator[Path]:
    """A new one, which is this process's own, too."""
    before = os.environ.get("MADE_RUNS_DIR")
    try:
        with tempfile.TemporaryDirectory(prefix="made-load-") as folder:
            os.environ["MADE_RUNS_DIR"] = folder
            yield Path(folder)
    finally:
        os.environ.pop("MADE_RUNS_DIR", None)
        if before is not None:
            os.environ["MADE_RUNS_DIR"] = before


def _processor_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


async def _all_at_once(
    board: Dashboard, server: psutil.Process, report: Report, seconds: float, browsers: int
) -> None:
    until = time.monotonic() + seconds
    looks = asyncio.create_task(_watch_memory(server, report, seconds))
    threads = [
        threading.Thread(target=_browse, args=(board.address, until, report.in_browsers))
        for _ in range(browsers)
    ]
    for thread in threads:
        thread.start()
    visitors = [Visitor(board.port, report.seen, seed) for seed in range(report.sessions)]
    await asyncio.gather(*(visitor.visit(until, THINK_SECONDS) for visitor in visitors))
    for thread in threads:
        await asyncio.to_thread(thread.join)
    looks.cancel()


async def _one_after_the_other(board: Dashboard, report: Report) -> None:
    async def come(place: int) -> None:
        await asyncio.sleep(STAGGER_SECONDS * place)
        visitor = Visitor(board.port, report.staggered, place)
        await visitor.visit(time.monotonic(), THINK_SECONDS)

    await asyncio.gather(*(come(place) for place in range(report.sessions)))


async def _watch_memory(server: psutil.Process, report: Report, seconds: float) -> None:
    begun = time.monotonic()
    while True:
        size = server.memory_info().rss / 1e6
        report.memory.append((time.monotonic() - begun, size))
        await asyncio.sleep(max(seconds / 6, 1))


def _browse(address: str, until: float, took: list[float]) -> None:
    """A headless Chromium whose visitor goes round by the links of the header."""
    with chromium() as browser:
        page = open_page(browser, address)
        at_rest = page.locator('[data-test-script-state="notRunning"]')
        at_rest.wait_for()
        names = ("Explore", "Compare", "Learn", "Data", "Train")
        while time.monotonic() < until:
            for name in names:
                page.wait_for_timeout(1000 * sum(THINK_SECONDS) / 2)
                begun = time.perf_counter()
                page.get_by_role("link", name=name, exact=True).first.click()
                page.wait_for_url(lambda url, name=name: name == "Train" or name.lower() in url)
                at_rest.wait_for()
                took.append(time.perf_counter() - begun)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sessions", type=int, default=30, help=f"at most {MOST_SESSIONS}")
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--alone", type=float, default=10.0, help="seconds before anyone comes")
    parser.add_argument("--browsers", type=int, default=0, help="headless Chromiums beside them")
    chosen = parser.parse_args()
    if not 1 <= chosen.sessions <= MOST_SESSIONS:
        parser.error(f"between 1 and {MOST_SESSIONS} sessions can be asked for")
    report = measure(chosen.sessions, chosen.seconds, chosen.alone, chosen.browsers)
    print("\n".join(report.lines()))
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
