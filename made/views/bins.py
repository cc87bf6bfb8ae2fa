"""What was deleted within a day, in words, with the way back of each."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from made.base.text import clock
from made.datasets.uploads import bin as uploads_bin
from made.runs import bin as runs_bin
from made.studies import bin as studies_bin


@dataclass(frozen=True)
class Gone:
    """Something that was deleted, and what takes it back, which may raise MadeError."""

    id: str
    label: str
    at: float
    restore: Callable[[str], object]

    def line(self) -> str:
        """What it is, and for how long it has been gone."""
        return f"{self.label} · {clock(time.time() - self.at)} ago"


@dataclass(frozen=True)
class Bin:
    """One place where things lie that were deleted: what is in it, and how it is emptied."""

    gone: Callable[[], list[Gone]]
    empty: Callable[[], object]


def _runs_and_studies() -> list[Gone]:
    studies = [
        Gone(one.study.id, f"Study “{one.study.title}”", one.at, studies_bin.restore)
        for one in studies_bin.deleted_studies()
    ]
    runs = [
        Gone(one.run.id, one.run.label, one.at, runs_bin.restore) for one in runs_bin.deleted_runs()
    ]
    return [*studies, *runs]


def _uploads() -> list[Gone]:
    return [
        Gone(one.name, one.label, one.at, uploads_bin.restore)
        for one in uploads_bin.deleted_uploads()
    ]


def _empty_runs_and_studies() -> None:
    studies_bin.empty()
    runs_bin.empty()


RUNS_AND_STUDIES = Bin(_runs_and_studies, _empty_runs_and_studies)
UPLOADS = Bin(_uploads, uploads_bin.empty)
