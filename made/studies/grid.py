"""Runs that differ on purpose, as a grid: what was varied in columns and rows, seeds within a cell.

Runs that are equal in everything but their seeds and the device are one cell.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any

from made.setups.config import FIELDS, field_option_title, field_options
from made.setups.words import setting_text, setting_words
from made.studies.errors import Mean, mean_of, paired
from made.studies.readings import SEEDS, Measure, Reading, measure_of

IGNORED = frozenset({*SEEDS, "device", "num_devices"})
MAX_NAME_LENGTH = 40


@dataclass(frozen=True, kw_only=True)
class Cell:
    """Runs that differ in their seeds alone. column, row: its place in the grid."""

    name: str
    column: int
    row: int
    readings: tuple[Reading, ...]
    measure: Measure

    @cached_property
    def figure(self) -> Mean | None:
        """At the best epoch of each run: mean and standard error.

        Of several seeds the error is that of their mean; of one run that of its test examples.
        """
        values = [reading.at_best(self.measure) for reading in self.readings]
        known = [value for value in values if value is not None]
        if len(known) != 1:
            return mean_of(known) if known else None
        (value,) = known
        return Mean(value, self.readings[0].error_over_examples(self.measure), 1)

    def at(self, epoch: int) -> Mean | None:
        """After an epoch: mean and standard error over the seeds."""
        values = [reading.at(self.measure, epoch) for reading in self.readings]
        known = [value for value in values if value is not None]
        return mean_of(known) if known else None

    @property
    def last(self) -> Mean | None:
        return self.at(self.num_epochs)

    @cached_property
    def num_epochs(self) -> int:
        """How far the longest of its runs has come."""
        return max(
            (reading.epochs[-1]["epoch"] for reading in self.readings if reading.epochs), default=0
        )

    @property
    def mean_best_epoch(self) -> int:
        """The mean over its runs, in whole epochs; 0 before the first."""
        return round(sum(self.best_epochs) / len(self.best_epochs)) if self.best_epochs else 0

    @cached_property
    def best_epochs(self) -> tuple[int, ...]:
        return tuple(reading.best["epoch"] for reading in self.readings if reading.best)


def difference(first: Cell, second: Cell) -> Mean | None:
    """By how much the first cell's figure lies above the second's; its error where one is known.

    Seed by seed where both have the same seeds, else from the two means; two single runs that were
    measured on the same test examples are compared example by example.
    """
    a, b = first.figure, second.figure
    if a is None or b is None:
        return None
    if len(first.readings) == len(second.readings) == 1:
        return _difference_of_runs(first, second)
    pairs = _same_seeds(first, second)
    if len(pairs) > 1:
        return mean_of([one - other for one, other in pairs])
    error = None if a.error is None or b.error is None else math.hypot(a.error, b.error)
    return Mean(a.value - b.value, error, min(a.count, b.count))


def _difference_of_runs(first: Cell, second: Cell) -> Mean:
    (one,), (other,) = first.readings, second.readings
    a, b = first.figure, second.figure
    assert a is not None
    assert b is not None
    if not first.measure.is_exact and one.config.data == other.config.data:
        mine, theirs = one.run.test_log_probs(), other.run.test_log_probs()
        if mine is not None and theirs is not None and len(mine) == len(theirs):
            return paired(mine, theirs)
    return Mean(a.value - b.value, None, 1)


def _same_seeds(first: Cell, second: Cell) -> list[tuple[float, float]]:
    def by_seed(cell: Cell) -> dict[tuple[int, ...], float]:
        values = {reading.seeds: reading.at_best(cell.measure) for reading in cell.readings}
        return {seeds: value for seeds, value in values.items() if value is not None}

    ours, theirs = by_seed(first), by_seed(second)
    return [(ours[seeds], theirs[seeds]) for seeds in ours if seeds in theirs]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Cells in columns and rows.

    axes: the fields of the columns and of the rows; none where the cells differ in more than two,
    and then they stand in one row by their names. columns, rows: the heads; a single row has "".
    """

    axes: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[str, ...]
    cells: tuple[Cell, ...]
    measure: Measure

    @property
    def first_epoch(self) -> int:
        """The first that has a record: 0 is before any training."""
        return min((reading.first_epoch for reading in self.readings if reading.epochs), default=0)

    @property
    def readings(self) -> list[Reading]:
        return [reading for cell in self.cells for reading in cell.readings]

    @property
    def num_epochs(self) -> int:
        return max((cell.num_epochs for cell in self.cells), default=0)

    @cached_property
    def num_seeds(self) -> int:
        """The most runs that a cell has."""
        return max((len(cell.readings) for cell in self.cells), default=0)

    def row(self, place: int) -> list[Cell]:
        """The cells of a row, from left to right."""
        return [cell for cell in self.cells if cell.row == place]

    def ranked(self, place: int = 0) -> list[Cell]:
        """The cells of a row that have a figure, the best first."""
        known = [cell for cell in self.row(place) if cell.figure is not None]
        return sorted(known, key=lambda cell: cell.figure.value if cell.figure else math.inf)

    def best(self, place: int = 0) -> Cell | None:
        return next(iter(self.ranked(place)), None)


def make_grid(readings: Iterable[Reading], axes: Sequence[str] = ()) -> Grid:
    """The grid of these runs. axes: the fields that were varied, where they are known.

    The cells of a single row of names stand with the best first; numbers stand in their order.
    """
    readings = list(readings)
    measure = measure_of(readings)
    groups = _groups(readings)
    found = tuple(axes) if _tells_apart(groups, axes) else _axes(groups)
    if len(found) == 2 and _is_number(found[0], groups) and not _is_number(found[1], groups):
        found = found[1], found[0]
    if len(found) == 2:
        return _matrix(groups, found, measure)
    return _line(groups, found, measure)


def _groups(readings: Iterable[Reading]) -> list[list[Reading]]:
    """Runs that differ in nothing but seeds and device."""
    groups: dict[str, list[Reading]] = {}
    for reading in readings:
        kept = {name: value for name, value in reading.settings.items() if name not in IGNORED}
        groups.setdefault(repr(kept), []).append(reading)
    return [sorted(group, key=lambda reading: reading.seeds) for group in groups.values()]


def _value(group: Sequence[Reading], name: str) -> Any:
    return group[0].settings.get(name)


def differing(groups: Sequence[Sequence[Reading]]) -> list[str]:
    """Fields, other than the seeds, in which groups differ."""
    return [
        name
        for name in FIELDS
        if name not in IGNORED and len({repr(_value(group, name)) for group in groups}) > 1
    ]


def _tells_apart(groups: Sequence[Sequence[Reading]], axes: Sequence[str]) -> bool:
    """Whether no two groups have the same values of all these fields."""
    values = {tuple(repr(_value(group, name)) for name in axes) for group in groups}
    return bool(axes) and len(values) == len(groups)


def _axes(groups: Sequence[Sequence[Reading]]) -> tuple[str, ...]:
    """The fewest fields, two at most, that tell all groups apart; none where two do not."""
    names = differing(groups)
    for number in (1, 2):
        for chosen in combinations(names, number):
            if _tells_apart(groups, chosen):
                return chosen
    return ()


def _is_number(name: str, groups: Sequence[Sequence[Reading]]) -> bool:
    return not isinstance(_value(groups[0], name), str | bool)


def _places(name: str, groups: Sequence[Sequence[Reading]]) -> list[Any]:
    """The values of a field: names as their registry has them, all others in ascending order."""
    values = {repr(_value(group, name)): _value(group, name) for group in groups}
    options = field_options(name) or ()
    return sorted(
        values.values(),
        key=lambda value: (
            value is None,
            options.index(value) if value in options else 0,
            value if value is not None and value not in options else 0,
        ),
    )


def value_title(name: str, value: Any) -> str:
    """What a value of a field is called at the head of its column: "One-hot", "100,000"."""
    if isinstance(value, str) and field_options(name):
        return field_option_title(name, value)
    return setting_text(name, value)


def _row_title(name: str, value: Any) -> str:
    return value_title(name, value) if isinstance(value, str) else setting_words(name, value)


def _matrix(groups: Sequence[list[Reading]], axes: tuple[str, ...], measure: Measure) -> Grid:
    across, down = axes
    columns, rows = _places(across, groups), _places(down, groups)
    cells = []
    for group in groups:
        column, row = _value(group, across), _value(group, down)
        cells.append(
            Cell(
                name=f"{value_title(across, column)}, {_row_title(down, row)}",
                column=columns.index(column),
                row=rows.index(row),
                readings=tuple(group),
                measure=measure,
            )
        )
    return Grid(
        axes=axes,
        columns=tuple(value_title(across, value) for value in columns),
        rows=tuple(_row_title(down, value) for value in rows),
        cells=tuple(sorted(cells, key=lambda cell: (cell.row, cell.column))),
        measure=measure,
    )


def _line(groups: Sequence[list[Reading]], axes: tuple[str, ...], measure: Measure) -> Grid:
    """One row: ordered by its number where it has one, else the best first."""
    names = _names(groups, axes)
    cells = [
        Cell(name=name, column=0, row=0, readings=tuple(group), measure=measure)
        for name, group in zip(names, groups, strict=True)
    ]

    def place(cell: Cell) -> tuple[float, str]:
        return math.inf if cell.figure is None else cell.figure.value, cell.name

    if axes and _is_number(axes[0], groups):
        order = _places(axes[0], groups)
        cells.sort(key=lambda cell: order.index(cell.readings[0].settings.get(axes[0])))
    else:
        cells.sort(key=place)
    placed = [
        Cell(name=cell.name, column=column, row=0, readings=cell.readings, measure=measure)
        for column, cell in enumerate(cells)
    ]
    return Grid(
        axes=axes,
        columns=tuple(cell.name for cell in placed),
        rows=("",),
        cells=tuple(placed),
        measure=measure,
    )


def _names(groups: Sequence[list[Reading]], axes: tuple[str, ...]) -> list[str]:
    """By the value that was varied, else by all that differs; a run alone by its label."""
    if axes:
        return [value_title(axes[0], _value(group, axes[0])) for group in groups]
    names = differing(groups)
    if len(groups) == 1 or not names:
        return [group[0].label for group in groups]
    said = []
    for group in groups:
        values = [(name, _value(group, name)) for name in names]
        text = ", ".join(_row_title(name, value) for name, value in values if value is not None)
        said.append(text if len(text) <= MAX_NAME_LENGTH else f"{text[: MAX_NAME_LENGTH - 1]}…")
    return said
