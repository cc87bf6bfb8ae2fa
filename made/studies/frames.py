"""The results of a study as pandas DataFrames: one row a run, and one row a cell over its seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from made.base.text import DASH
from made.runs.folder import Run
from made.setups.words import setting_text
from made.studies.errors import Mean, mean_of, said
from made.studies.folder import StoredStudy
from made.studies.study import SEED_FIELDS, Study, as_planned, comparable

if TYPE_CHECKING:
    import pandas as pd

# What is measured; the names are those of result.json and of the epochs.
FIGURES = (
    "kl_nats",
    "nll_nats",
    "bits_per_dim",
    "single_pass_nll_nats",
    "reconstruction_nats",
    "validation_nll",
    "best_epoch",
    "training_seconds",
)
# The standard error of a figure over the test examples, which is all that a single run can give.
OVER_EXAMPLES = {"nll_nats": "nll_standard_error"}
ERROR = "_standard_error"


@dataclass(frozen=True)
class Results:
    """What a study has reached so far; every property looks at the runs anew."""

    stored: StoredStudy

    @property
    def id(self) -> str:
        return self.stored.id

    @property
    def runs(self) -> pd.DataFrame:
        """One row a run, tidy: the varied fields, the seeds, the figures, best epoch and time.

        A figure that is not known yet is missing; a column without any figure is left out.
        """
        import pandas as pd

        study = self.stored.study
        rows = [_row(study, run) for run in _in_order(study, self.stored.runs())]
        measured = (*FIGURES, *OVER_EXAMPLES.values())
        known = [name for name in measured if any(row[name] is not None for row in rows)]
        columns = [*study.fields, *SEED_FIELDS["both"], "id", "label", "state", *known]
        return pd.DataFrame(rows, columns=columns)

    @property
    def summary(self) -> pd.DataFrame:
        """One row a cell: number of runs, and mean and standard error of each figure over seeds.

        With a single run the error of the test NLL is that over its test examples.
        """
        import pandas as pd

        fields, frame = self.stored.study.fields, self.runs
        cells: dict[tuple[Any, ...], list[dict[Any, Any]]] = {}
        for row in frame.to_dict("records"):
            cells.setdefault(tuple(row[field] for field in fields), []).append(row)
        found = [name for name in FIGURES if name in frame]
        rows = [
            dict(zip(fields, values, strict=True)) | _summed(rows, found)
            for values, rows in cells.items()
        ]
        columns = [*fields, "num_runs", *(part for name in found for part in (name, name + ERROR))]
        return pd.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        return f"{self.stored.title} ({self.id})\n{self.summary}"


def _in_order(study: Study, runs: Sequence[Run]) -> list[Run]:
    """The runs of a study in the order of its cells and seeds; what belongs to none is left out."""
    there = {comparable(run.config): run for run in as_planned(runs)}
    configs = [comparable(config) for cell in study.cells() for config in cell.configs.values()]
    if not configs:  # the data are not here, and what would be trained is not known
        return list(there.values())
    return [there[config] for config in configs if config in there]


def _row(study: Study, run: Run) -> dict[str, Any]:
    values, best, result = run.config.flat(), run.best_epoch or {}, run.result or {}
    known: dict[str, Any] = {"best_epoch": best.get("epoch"), **best, **result}
    row = {name: values[name] for name in (*study.fields, *SEED_FIELDS["both"])}
    row |= {"id": run.id, "label": run.label, "state": run.state}
    return row | {name: known.get(name) for name in (*FIGURES, *OVER_EXAMPLES.values())}


def _summed(rows: Sequence[dict[Any, Any]], figures: Sequence[str]) -> dict[str, Any]:
    summed: dict[str, Any] = {"num_runs": len(rows)}
    for name in figures:
        values = [row[name] for row in rows if not _is_missing(row[name])]
        if not values:
            continue
        mean = mean_of(values)
        error = mean.error
        if mean.count == 1 and name in OVER_EXAMPLES:
            error = rows[0].get(OVER_EXAMPLES[name])
        summed |= {name: mean.value, name + ERROR: error}
    return summed


def _is_missing(value: object) -> bool:
    return value is None or value != value


# The columns of a table that is read: of what is measured, what tells most.
SHOWN = {
    "kl_nats": "exact KL (nats)",
    "nll_nats": "test NLL (nats / example)",
    "reconstruction_nats": "test reconstruction (nats)",
    "validation_nll": "validation NLL (nats)",
    "best_epoch": "best epoch",
    "training_seconds": "time (s)",
}

# Those that need no error, with their decimals.
ROUND = {"best_epoch": 1, "training_seconds": 0}


def table(study: Study, summary: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """A summary to be read: heads, and a line a cell with mean ± standard error."""
    found = [name for name in SHOWN if name in summary]
    heads = [*(axis.title for axis in study.axes), "runs", *(SHOWN[name] for name in found)]
    columns = [[setting_text(field, value) for value in summary[field]] for field in study.fields]
    columns.append([str(number) for number in summary["num_runs"]])
    columns += [_said(summary, name) for name in found]
    return heads, [list(line) for line in zip(*columns, strict=True)]


def _said(summary: pd.DataFrame, name: str) -> list[str]:
    values = [None if _is_missing(value) else float(value) for value in summary[name]]
    if name in ROUND:
        return [DASH if value is None else f"{value:,.{ROUND[name]}f}" for value in values]
    means = [
        Mean(value, None if _is_missing(error) else error, 1)
        for value, error in zip(values, summary[name + ERROR], strict=True)
        if value is not None
    ]
    told = iter(said(means))
    return [DASH if value is None else next(told) for value in values]
