"""A comparison as a whole: its grid, what bounds its figures, and what they say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from made import datasets
from made.base.errors import MadeError
from made.datasets import DatasetInfo
from made.runs.folder import Run
from made.studies.grid import Grid, make_grid
from made.studies.readings import Reading, read
from made.studies.verdict import Known, Verdict, verdict, what_is_known
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
    known = what_is_known(grid, reference.entropy, reference.independence, info)
    return Story(
        grid=grid,
        reference=reference,
        known=known,
        verdict=verdict(grid, known),
        info=info,
    )
