"""A comparison as a whole: its grid, what bounds its figures, and what they say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from made import datasets
from made.base.errors import MadeError
from made.base.shared import Shared
from made.datasets import DatasetInfo
from made.runs import index
from made.runs.folder import TEST_LOG_PROBS, Run
from made.setups.config import num_choices
from made.studies.disagreement import opposite
from made.studies.folder import StoredStudy
from made.studies.grid import Grid, make_grid
from made.studies.known import Known, what_is_known
from made.studies.readings import Reading, read
from made.studies.verdict import Sentence, Verdict, verdict
from made.views import comparison
from made.views.cell_pictures import Kind, kinds
from made.views.cell_table import cells_table
from made.views.run_views import Reference

# What a story is told from. How a run stands comes from its status, which its worker writes anew
# twice a second.
FILES = frozenset({"config.json", "label.json", "epochs.jsonl", "result.json", TEST_LOG_PROBS})


@dataclass(frozen=True, kw_only=True)
class Story:
    """Runs of one kind of data. reference: the data; known: what bounds the figures."""

    grid: Grid
    reference: Reference
    known: Known
    verdict: Verdict
    info: DatasetInfo | None

    @cached_property
    def kinds(self) -> list[Kind]:
        """What can be shown of the runs."""
        return kinds(self.grid.readings, self.info, self.reference)

    @cached_property
    def table(self) -> Any:
        """The figures as a styled table. Who shows it takes a copy, for showing writes to it."""
        return cells_table(self.grid)

    @property
    def signature(self) -> tuple[tuple[str, int], ...]:
        """What must change before its pictures do: the runs, and how far each has come."""
        return tuple((reading.run.id, reading.num_epochs) for reading in self.grid.readings)


def told(runs: Iterable[Run], axes: Sequence[str] = ()) -> Story:
    """As `tell`, told once for all who look at the same runs in the same state."""
    runs = list(runs)
    seen = [(run.path, run.state, index.signature(run, FILES)) for run in runs]
    key = (tuple(seen), tuple(axes), num_choices(), tuple(datasets.names()))
    return _stories.get(key, lambda: tell(runs, axes))


def tell(runs: Iterable[Run], axes: Sequence[str] = ()) -> Story:
    """Read runs that measure the same thing. axes: the fields that were varied, where known.

    Raises MadeError where none of them can be read.
    """
    readings: list[Reading] = []
    for run in runs:
        with suppress(MadeError):
            readings.append(read(run))
    if not readings:
        raise MadeError("None of these runs can be read any more: choose others.")
    info: DatasetInfo | None = None
    with suppress(MadeError):
        info = datasets.info(readings[0].config.data)
    reference = comparison.reference(readings[0].run)
    grid = make_grid(readings, axes)
    known = what_is_known(grid, reference.entropy, reference.independence, info, reference.joint)
    return Story(
        grid=grid,
        reference=reference,
        known=known,
        verdict=verdict(grid, known),
        info=info,
    )


_stories: Shared[Story] = Shared(24)


def told_elsewhere(
    grid: Grid, study: StoredStudy, others: Iterable[StoredStudy]
) -> Sentence | None:
    """What another study of the same field on other data says to the contrary, if one does."""
    for other in others:
        with suppress(MadeError):
            differs = other.study.base.data.dataset != study.study.base.data.dataset
            if differs and other.study.fields[0] == study.study.fields[0]:
                readings = [read(run) for run in other.runs()]
                found = opposite(grid, make_grid(readings, other.study.fields), other.study.title)
                if found is not None:
                    return found
    return None
