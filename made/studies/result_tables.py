"""What finished runs have reached as Markdown: tables beside published figures, filled in place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import fmean

from made import datasets
from made.base.errors import MadeError
from made.base.text import short_count, told_apart
from made.setups.config import FIELDS, ExperimentConfig
from made.setups.words import setting_text
from made.studies.errors import Mean
from made.studies.published import NOTES, Published
from made.studies.readings import SEEDS
from made.studies.results import Result, in_order, mean_figure, published, repetitions
from made.studies.study import Axis, Study

HEADERS = ("model", "single pass", "mixture", "parameters", "time", "best epoch", "validation NLL")
FIGURES = ("single", "mixture", "validation_nll")


def said_figures(figures: Sequence[Mean | None], decimals: int | None = None) -> list[str]:
    """Figures of one table ± their errors; nothing where there is none.

    decimals: of those without an error, more where two look alike; by default four digits.
    """
    texts = told_apart(
        [None if figure is None else figure.value for figure in figures],
        [None if figure is None else figure.error for figure in figures],
        decimals=decimals,
    )
    pairs = zip(figures, texts, strict=True)
    return ["" if figure is None else text for figure, text in pairs]


def to_markdown(results: Sequence[Result]) -> str:
    """One table a dataset, the published figures below ours, and the commands that repeat ours."""
    ordered = in_order(results)
    names = dict.fromkeys(row.dataset for row in ordered)
    return "\n\n".join(_section([row for row in ordered if row.dataset == name]) for name in names)


def to_pivot(results: Sequence[Result], field: str, across: str) -> str:
    """Figures as a Markdown table, one line a value of one setting, one column a value of another.

    Runs that differ in their seeds alone show their mean ± its standard error. Of several others
    with the same two values those with the lowest validation NLL are shown.
    Raises MadeError for an unknown setting, or for runs on more than one dataset.
    """
    for name in (field, across):
        if name not in FIELDS:
            raise MadeError(f"There is no setting '{name}'; known are {', '.join(FIELDS)}.")
    if len({row.dataset for row in results}) > 1:
        raise MadeError("The runs are on several datasets; name runs on one of them.")
    worst_first = sorted(repetitions(results), key=_validation, reverse=True)
    cells = {(rows[0].settings[field], rows[0].settings[across]): rows for rows in worst_first}
    figures = [mean_figure(rows, "figure") for rows in cells.values()]
    is_exact = all(row.kl is not None for row in results)
    said = dict(zip(cells, said_figures(figures, _decimals(is_exact)), strict=True))
    lines = list(dict.fromkeys(row.settings[field] for row in results))
    columns = list(dict.fromkeys(row.settings[across] for row in results))
    table = [
        _line((f"{field} \\ {across}", *(setting_text(across, value) for value in columns))),
        _line(("---", *["--:"] * len(columns))),
    ]
    for value in lines:
        found = [said.get((value, column), "") for column in columns]
        table.append(_line((setting_text(field, value), *found)))
    return "\n".join(table)


def to_study(study: Study, results: Sequence[Result]) -> str:
    """A study as a Markdown table of what it varies, mean ± error over its seeds, and its command.

    results: those of its runs. Raises MadeError for runs on more than one dataset.
    """
    placed = sorted(results, key=lambda row: _place(study, row))
    first, *others = study.axes
    table = to_pivot(placed, first.field, others[0].field) if others else _list(first, placed)
    is_exact = all(row.kl is not None for row in results)
    what = "Exact KL to the truth" if is_exact else "Test NLL"
    head = f"{what}, nats / example{_meaning(repetitions(placed), is_exact)}:"
    return "\n\n".join((head, table, f"```sh\n{study.to_command()}\n```"))


def _place(study: Study, row: Result) -> tuple[int, ...]:
    return tuple(axis.values.index(row.settings[axis.field]) for axis in study.axes)


def _list(axis: Axis, results: Sequence[Result]) -> str:
    """One line a value of one setting: how many runs, their figure and their best epochs.

    Numbers in their order, what has none with the best first.
    """
    lines, is_exact = repetitions(results), all(row.kl is not None for row in results)
    if any(isinstance(value, str) for value in axis.values):
        lines.sort(key=lambda rows: fmean(row.figure for row in rows))
    table = [(axis.title, "runs", "KL" if is_exact else "NLL", "best epoch")]
    table.append(("---", "--:", "--:", "--:"))
    for rows, figure in zip(lines, _column(lines, "figure", is_exact), strict=True):
        value = setting_text(axis.field, rows[0].settings[axis.field])
        table.append((value, str(len(rows)), figure, _epochs(rows)))
    return "\n".join(map(_line, table))


def _validation(rows: Sequence[Result]) -> float:
    return fmean(row.nll if row.validation_nll is None else row.validation_nll for row in rows)


def _section(results: Sequence[Result]) -> str:
    dataset, is_exact = results[0].dataset, results[0].kl is not None
    lines = [sorted(rows, key=_seeds) for rows in repetitions(results)]
    lines.sort(key=lambda rows: fmean(row.figure for row in rows))
    ours = zip(lines, *(_column(lines, name, is_exact) for name in FIGURES), strict=True)
    others = published(dataset)
    columns = [_published_column(others, name, is_exact) for name in ("single", "mixture")]
    theirs = zip(others, *columns, strict=True)
    table = [
        _line(HEADERS),
        _line(("---", *["--:"] * (len(HEADERS) - 1))),
        *(_line(_cells(rows, *said)) for rows, *said in ours),
        *(
            _line((f"*{row.model} ({row.source})*", *figures, *[""] * 4))
            for row, *figures in theirs
        ),
    ]
    commands = "\n".join(f"# {_remark(rows)}\n{rows[0].command}" for rows in lines)
    what = "exact KL to the truth" if is_exact else "test NLL"
    parts = [
        f"**{_title(dataset)}**: {what}, nats / example{_meaning(lines, is_exact)}",
        "\n".join(table),
        *([NOTES[dataset]] if dataset in NOTES else []),
        *_seen(results),
        f"```sh\n{commands}\n```",
    ]
    return "\n\n".join(parts)


def _seeds(row: Result) -> tuple[int, ...]:
    return tuple(row.settings[name] for name in SEEDS)


def _meaning(lines: Sequence[Sequence[Result]], is_exact: bool) -> str:
    """What the ± of a table is the standard error of."""
    over = []
    if any(len(rows) > 1 for rows in lines):
        over.append("the runs of a line with several seeds")
    if not is_exact and any(rows[0].nll_error is not None for rows in lines if len(rows) == 1):
        over.append("the test examples of a single run" if over else "the test examples")
    return f"; ± one standard error over {', or '.join(over)}" if over else ""


def _seen(results: Sequence[Result]) -> list[str]:
    """A sentence on test rows that were trained on, where there are any."""
    found = max((row.num_seen_test_rows or 0 for row in results), default=0)
    if not found:
        return []
    rows = "test row equals" if found == 1 else "test rows equal"
    return [f"{found:,} {rows} a training row."]


def _decimals(is_exact: bool) -> int:
    """Two as in the literature; beside a known truth, where two tell nothing, four."""
    return 4 if is_exact else 2


def _column(lines: Sequence[Sequence[Result]], name: str, is_exact: bool) -> list[str]:
    return said_figures([mean_figure(rows, name) for rows in lines], _decimals(is_exact))


def _published_column(rows: Sequence[Published], name: str, is_exact: bool) -> list[str]:
    values = [getattr(row, name) for row in rows]
    figures = [None if value is None else Mean(value, None, 1) for value in values]
    return said_figures(figures, _decimals(is_exact))


def _remark(rows: Sequence[Result]) -> str:
    """What a command repeats, and which seeds the others of its line have."""
    first = rows[0]
    text = first.model if len(rows) == 1 else first.set_up
    if first.preset:
        text += f": the preset {first.preset}"
    for name in SEEDS:
        values = sorted({row.settings[name] for row in rows})
        if len(values) > 1:
            text += f"; --{name.replace('_', '-')} {', '.join(map(str, values))}"
    return text


def _cells(rows: Sequence[Result], single: str, mixture: str, validation: str) -> tuple[str, ...]:
    first = rows[0]
    places = {row.device for row in rows} - {"", "cpu"}
    where = f" on {', '.join(sorted(places))}" if places else ""
    seconds = [row.seconds for row in rows if row.seconds is not None]
    return (
        first.model if len(rows) == 1 else f"{first.set_up}, {len(rows)} seeds",
        single,
        f"{mixture} ({first.num_mask_sets} mask sets)" if first.is_mixture else mixture,
        "" if first.num_parameters is None else short_count(first.num_parameters),
        f"{fmean(seconds):,.0f} s{where}" if seconds else "",
        _epochs(rows),
        validation,
    )


def _epochs(rows: Sequence[Result]) -> str:
    """The first and the last of the best epochs."""
    epochs = sorted({row.best_epoch for row in rows if row.best_epoch is not None})
    return " … ".join(map(str, epochs[:: max(len(epochs) - 1, 1)]))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _title(dataset: str) -> str:
    """The registry's title with the name behind it; the bare name for an upload that is gone."""
    try:
        info = datasets.info(ExperimentConfig().replace(dataset=dataset).data)
    except MadeError:
        return f"`{dataset}`"
    return f"{info.title} (`{dataset}`)"


def fill(text: str, content: str, place: str = "results") -> str:
    """Put content between the two markers of a place in a text, instead of what stands there.

    Raises MadeError unless each marker stands there once, the first before the second.

    >>> fill("a <!-- tables:start --> b <!-- tables:end --> c", "d", "tables").split("\\n\\n")
    ['a <!-- tables:start -->', 'd', '<!-- tables:end --> c']
    """
    start, end = markers(place)
    found = re.findall(f"{re.escape(start)}|{re.escape(end)}", text)
    if found != [start, end]:
        raise MadeError(f"The file needs one '{start}' and after it one '{end}': add both lines.")
    before, _, rest = text.partition(start)
    _, _, after = rest.partition(end)
    return f"{before}{start}\n\n{content}\n\n{end}{after}"


def markers(place: str = "results") -> tuple[str, str]:
    """The two comments of a text between which a place of it is filled."""
    return f"<!-- {place}:start -->", f"<!-- {place}:end -->"
