"""A comparison as a whole: its grid, what bounds its figures, and what they say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from made import datasets
from made.base.errors import MadeError
from made.datasets import DatasetInfo
from made.runs.folder import Run
from made.studies.disagreement import opposite
from made.studies.folder import StoredStudy
from made.studies.grid import Grid, make_grid
from made.studies.known import Known, what_is_known
from made.studies.readings import Reading, read
from made.studies.verdict import Sentence, Verdict, verdict
from made.views import comparison
from made.views.run_views import Reference


@dataclass(frozen=True, kw_only=True)
class Story:
    """Runs of one kind of data. reference: the data; known: what bounds the figures."""

    grid: Grid
    reference: Reference
    known: Known
    verdict: Verdict
    info: DatasetInfo | None

    @property
    def signature(self) -> tuple[tuple[str, int], ...]:
        """What must change before its pictures do: the runs, and how far each has come."""
        return tuple((reading.run.id, reading.num_epochs) for reading in self.grid.readings)


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
