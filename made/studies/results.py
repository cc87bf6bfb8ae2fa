"""What finished runs have reached, as a table beside published figures; read from their folders."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from made import datasets
from made.base.errors import MadeError
from made.base.text import short_count
from made.datasets import DatasetInfo
from made.runs import loading
from made.runs.folder import Run
from made.setups import presets
from made.setups.config import FIELDS, ExperimentConfig
from made.setups.words import model_text, setting_text
from made.studies.published import NOTES, PUBLISHED, Published

START, END = "<!-- results:start -->", "<!-- results:end -->"
HEADERS = ("model", "single pass", "mixture", "parameters", "time", "best epoch", "validation NLL")


@dataclass(frozen=True, kw_only=True)
class Result:
    """The figures of one finished run: nats / example, of the test split unless named otherwise.

    nll, kl: of the whole model, which is a mixture where num_mask_sets > 1.
    single_nll: the mean of its mask sets alone. kl: exact, None where no truth is known.
    """

    id: str
    name: str
    dataset: str
    model: str
    nll: float
    single_nll: float
    kl: float | None
    num_mask_sets: int
    validation_nll: float | None
    best_epoch: int | None
    num_parameters: int | None
    seconds: float | None
    device: str
    preset: str | None
    command: str
    settings: dict[str, Any]

    @property
    def figure(self) -> float:
        """What the data are judged by: the exact KL, else the test NLL."""
        return self.nll if self.kl is None else self.kl

    @property
    def is_mixture(self) -> bool:
        return self.num_mask_sets > 1

    @property
    def single(self) -> float | None:
        """The figure of one pass; the KL of single mask sets of a mixture is not recorded."""
        if not self.is_mixture:
            return self.figure
        return self.single_nll if self.kl is None else None

    @property
    def mixture(self) -> float | None:
        return self.figure if self.is_mixture else None


def read_result(run: Run) -> Result:
    """Read one run. Raises MadeError where it is broken, unfinished, or has no likelihood."""
    config, result = run.config, run.result
    if not config.has_density:
        raise MadeError(f"Run '{run.label}' is a plain autoencoder: it has no likelihood.")
    if result is None or result.get("nll_nats") is None:
        raise MadeError(f"Run '{run.label}' has no test figures: let it finish first.")
    nll, preset = result["nll_nats"], presets.preset_of(config)
    return Result(
        id=run.id,
        name=run.label,
        dataset=config.data.dataset,
        model=model_text(config, _info(run)),
        nll=nll,
        single_nll=result.get("single_pass_nll_nats", nll),
        kl=result.get("kl_nats"),
        num_mask_sets=result.get("num_mask_sets", 1),
        validation_nll=result.get("validation_nll"),
        best_epoch=result.get("best_epoch"),
        num_parameters=result.get("num_parameters"),
        seconds=result.get("training_seconds"),
        device=run.status().device,
        preset=None if preset is None else preset.name,
        command=config.to_command(),
        settings=config.flat(),
    )


def read_results(runs: Iterable[Run]) -> list[Result]:
    """Read all runs that have a figure to show; the others are left out."""
    found = []
    for run in runs:
        with suppress(MadeError):
            found.append(read_result(run))
    return found


def in_order(results: Iterable[Result]) -> list[Result]:
    """Dataset by dataset, in the order of the registry, the best figure first."""
    places = {name: place for place, name in enumerate(datasets.names())}
    return sorted(
        results, key=lambda row: (places.get(row.dataset, len(places)), row.dataset, row.figure)
    )


def published(dataset: str) -> list[Published]:
    """What others report for a dataset."""
    return [row for row in PUBLISHED if row.dataset == dataset]


def _info(run: Run) -> DatasetInfo | None:
    try:
        return loading.dataset_info(run)
    except MadeError:
        return None


def to_markdown(results: Sequence[Result]) -> str:
    """One table a dataset, the published figures below ours, and the commands that repeat ours."""
    ordered = in_order(results)
    names = dict.fromkeys(row.dataset for row in ordered)
    return "\n\n".join(_section([row for row in ordered if row.dataset == name]) for name in names)


def to_pivot(results: Sequence[Result], field: str, across: str) -> str:
    """Figures as a Markdown table, one line a value of one setting, one column a value of another.

    Of several runs with the same two values the one with the lowest validation NLL is shown.
    Raises MadeError for an unknown setting, or for runs on more than one dataset.
    """
    for name in (field, across):
        if name not in FIELDS:
            raise MadeError(f"There is no setting '{name}'; known are {', '.join(FIELDS)}.")
    if len({row.dataset for row in results}) > 1:
        raise MadeError("The runs are on several datasets; name runs on one of them.")
    worst_first = sorted(results, key=lambda row: -(row.validation_nll or row.nll))
    cells = {(row.settings[field], row.settings[across]): row for row in worst_first}
    lines = list(dict.fromkeys(row.settings[field] for row in results))
    columns = list(dict.fromkeys(row.settings[across] for row in results))
    table = [
        _line((f"{field} \\ {across}", *(setting_text(across, value) for value in columns))),
        _line(("---", *["--:"] * len(columns))),
    ]
    for value in lines:
        found = [cells.get((value, column)) for column in columns]
        cells_of_line = ("" if row is None else _nats(row.figure, row) for row in found)
        table.append(_line((setting_text(field, value), *cells_of_line)))
    return "\n".join(table)


def _section(rows: Sequence[Result]) -> str:
    dataset = rows[0].dataset
    what = "test NLL" if rows[0].kl is None else "exact KL to the truth"
    lines = [_line(HEADERS), _line(("---", *["--:"] * (len(HEADERS) - 1)))]
    lines += [_line(_cells(row)) for row in rows]
    for other in published(dataset):
        figures = (_nats(other.single, rows[0]), _nats(other.mixture, rows[0]))
        lines.append(_line((f"*{other.model} ({other.source})*", *figures, *[""] * 4)))
    commands = "\n".join(f"# {_remark(row)}\n{row.command}" for row in rows)
    parts = [
        f"**{_title(dataset)}**: {what}, nats / example",
        "\n".join(lines),
        *([NOTES[dataset]] if dataset in NOTES else []),
        f"```sh\n{commands}\n```",
    ]
    return "\n\n".join(parts)


def _remark(row: Result) -> str:
    return f"{row.model}: the preset {row.preset}" if row.preset else row.model


def _cells(row: Result) -> tuple[str, ...]:
    mixture = _nats(row.mixture, row)
    where = "" if row.device in ("", "cpu") else f" on {row.device}"
    return (
        row.model,
        _nats(row.single, row),
        f"{mixture} ({row.num_mask_sets} mask sets)" if row.is_mixture else mixture,
        "" if row.num_parameters is None else short_count(row.num_parameters),
        "" if row.seconds is None else f"{row.seconds:,.0f} s{where}",
        "" if row.best_epoch is None else str(row.best_epoch),
        _nats(row.validation_nll, row),
    )


def _nats(value: float | None, row: Result) -> str:
    """Two decimals as in the literature; four beside a known truth, where less tells nothing."""
    return "" if value is None else f"{value:.{2 if row.kl is None else 4}f}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _title(dataset: str) -> str:
    """The registry's title with the name behind it; the bare name for an upload that is gone."""
    try:
        info = datasets.info(ExperimentConfig().replace(dataset=dataset).data)
    except MadeError:
        return f"`{dataset}`"
    return f"{info.title} (`{dataset}`)"


def fill(text: str, content: str) -> str:
    """Put content between the two markers of a text, in place of what stands there.

    Raises MadeError unless each marker stands there once, the first before the second.
    """
    found = re.findall(f"{re.escape(START)}|{re.escape(END)}", text)
    if found != [START, END]:
        raise MadeError(f"The file needs one '{START}' and after it one '{END}': add both lines.")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{content}\n\n{END}{after}"
