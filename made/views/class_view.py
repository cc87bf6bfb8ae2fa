"""What a class does now: whose runs wait and train, and what of the limits is used."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from made import runs
from made.base.text import counted
from made.datasets.uploads import quota
from made.people.house import Limits
from made.people.persons import Owner
from made.runs.folder import LIVING, Run
from made.views import run_views

TEACHER = "Teacher"


def living_runs() -> list[Run]:
    """The runs that wait or train, newest first."""
    return [run for run in runs.list_runs() if run.problem is None and run.state in LIVING]


def living_table(living: Sequence[Run]) -> pd.DataFrame:
    """One row a run: whose it is, its name, what it does."""
    return pd.DataFrame(
        {
            "By": [run.owner.name if run.owner else TEACHER for run in living],
            "Run": [run.label for run in living],
            "Status": [run.state for run in living],
            "Progress": [run_views.progress_line(run, run.status(), None) for run in living],
        }
    )


def living_alt(living: Sequence[Run]) -> str:
    """The table in a sentence."""
    return f"Table of {counted(len(living), 'run')} that wait or train, with whose they are."


def people_table() -> pd.DataFrame:
    """One row a person who has runs here: how many, and how many of them wait or train."""
    counts: dict[str, tuple[str, int, int]] = {}
    for run in runs.list_runs():
        if run.owner is not None:
            name, number, living = counts.get(run.owner.key, (run.owner.name, 0, 0))
            counts[run.owner.key] = (name, number + 1, living + (run.state in LIVING))
    rows = sorted(counts.values())
    return pd.DataFrame(rows, columns=["Name", "Runs", "Wait or train"])


def used_lines(owner: Owner, own: Sequence[Run], limits: Limits) -> list[str]:
    """How much of their limits somebody has used, and what one run may be."""
    living = sum(run.state in LIVING for run in own)
    return [
        f"{living} of {limits.runs} runs that may wait or train at once",
        f"{len(own)} of {limits.kept_runs} runs that may be kept",
        f"{quota.used(owner.key).number} of {limits.uploads} datasets",
        f"a run may have {limits.parameters:,} parameters, take {limits.megabytes:,} MB and "
        f"{counted(limits.minutes, 'minute')}",
        f"a study may have {counted(limits.study_runs, 'new run')}",
    ]
