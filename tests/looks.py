"""Somebody who looks at all that the library, the command line and the pages show of two runs."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from streamlit.testing.v1 import AppTest

from made import commands, runs
from made.base.errors import MadeError
from made.runs import changing, jobs, line, moments, words
from made.runs.folder import Run
from made.views import comparison, film, run_views, step_view, story
from made.views.comparison_tables import problems_table, runs_table

PAGES = Path(__file__).parents[1] / "pages"
TOOLS = ("xray", "slow-motion", "inpainting", "surprise", "two", "masks", "samples")
MOST_BYTES = 300_000_000
MOST_SECONDS = 2.0  # of the processor: others may be using it
PATIENCE = 60.0  # seconds of a page
HIGH_WATER = Path("/proc/self/clear_refs")


@dataclass
class Onlooker:
    """whole: a run folder as it was left. victim: a copy that is damaged. good: one that is not."""

    whole: Path
    victim: Run
    good: Run

    def restored(self) -> Run:
        shutil.rmtree(self.victim.path, ignore_errors=True)
        shutil.copytree(self.whole, self.victim.path)
        return self.victim

    def look(self, what: str, *, bounded: bool = False) -> None:
        """With the library."""
        with told(what, bounded):
            read(self.victim)
            rows = comparison.read_rows(runs.list_runs())
            (good,) = [row for row in rows if row.id == self.good.id]
            said = [*(row.stand for row in rows), str(runs_table(rows))]
            said.append(str(problems_table([run for run in runs.list_runs() if run.problem])))
            said += shown(self.good) if bounded else []
            if self.victim.problem is None:
                said += shown(self.victim)
                with contextlib.suppress(MadeError):
                    story.tell([self.victim, self.good])
            "\n".join(said).encode()
            assert (good.status.state, good.figures) == self._as_it_was(good)

    def _as_it_was(self, row: comparison.RunRow) -> tuple[str, dict]:
        return vars(self).setdefault("known", (row.status.state, row.figures))

    def command(self, what: str, *, bounded: bool = False) -> None:
        """With the command line: what cannot be done is one sentence."""
        id, out = self.victim.id, self.whole.parent / "out"
        for line_ in (
            ["runs"],
            ["runs", "--json"],
            ["evaluate", id],
            ["evaluate", id, "--checkpoint", "last"],
            ["sample", id, "--num-samples", "3", "--out", f"{out}.npz"],
            ["export", id, f"{out}.zip"],
            ["results"],
            ["resume", id],
        ):
            said, refused = io.StringIO(), io.StringIO()
            with (
                told(f"{what}: made {' '.join(line_)}", bounded),
                contextlib.redirect_stdout(said),
                contextlib.redirect_stderr(refused),
            ):
                code = commands.main(line_)
                said.getvalue().encode()
            assert code in (0, 1), (what, line_, code)
            assert "Traceback" not in refused.getvalue(), (what, line_)
            assert self.good.id in said.getvalue() or line_[0] != "runs"

    def visit(self, what: str, *, bounded: bool = False) -> None:
        """With the pages; each stands, and none met what nobody foresaw."""
        visits = [("train", {"run": self.victim.id}), ("explore", {"run": self.victim.id})]
        visits += [("explore", {"run": self.victim.id, "tool": tool}) for tool in TOOLS[1:]]
        visits += [("compare", {"runs": f"{self.victim.id},{self.good.id}"})]
        for name, query in visits if bounded else [visits[0], visits[-1]]:
            with told(f"{what}: {name} {query}", bounded, seconds=PATIENCE):
                page = AppTest.from_file(str(PAGES / name / "page.py"), default_timeout=PATIENCE)
                for key, value in query.items():
                    page.query_params[key] = value
                page.run()
                assert not page.exception, page.exception
                assert not any("not foreseen" in error.value for error in page.error)


def read(run: Run) -> None:
    """Everything that is read of a folder, whether it can be shown or not."""
    _ = run.problem, run.label, run.notes, run.status(), run.origin, run.result, run.num_losses
    run.epochs(), run.changes(), run.test_log_probs(), run.losses(most=1000), run.samples()
    words.oldest(run), changing.wanted(run), moments.read(run), jobs.requested(run)
    line.queue_place(run), run.silent_seconds
    for name in run.checkpoints():
        with contextlib.suppress(MadeError):
            run.reached(name)


def shown(run: Run) -> Iterator[str]:
    """All that is said of a run, and all its pictures."""
    curve, status = run_views.curve(run), run.status()
    yield str(curve.option())
    yield curve.alt()
    yield run_views.figure_line(run)
    yield run_views.progress_line(run, status, line.queue_place(run))
    yield run_views.run_title(run)
    yield run_views.origin_line(run)
    yield run_views.changes_line(run)
    yield run_views.details_line(run.config)
    run_views.pictures(run)
    if moment := moments.read(run):
        yield step_view.moment_line(moment)
        step_view.moment_pictures(run, moment)
    with contextlib.suppress(MadeError):
        film.film(run)


@contextlib.contextmanager
def told(what: str, bounded: bool, seconds: float = MOST_SECONDS) -> Iterator[None]:
    """Say at what a look failed. bounded: also where it takes too long or too much memory."""
    can_measure = bounded and os.access(HIGH_WATER, os.W_OK)
    if can_measure:
        gc.collect()
        before = resident("VmRSS")
        HIGH_WATER.write_text("5")
    begin = time.process_time()
    try:
        yield
    except Exception as error:
        raise AssertionError(f"{what}: {type(error).__name__}: {error}") from error
    if bounded:
        assert time.process_time() - begin < seconds, what
    if can_measure:
        assert resident("VmHWM") - before < MOST_BYTES, what


def resident(name: str) -> int:
    """Bytes of memory of this process: "VmRSS" now, "VmHWM" at its peak since it was asked."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line_.split()[1]) for line_ in lines if line_.startswith(name))
