"""What a comparison says, in one or two sentences made from its figures by rules; never more.

Every rule is a function from a row of cells to at most one sentence. Two cells are told apart where
their difference exceeds the error that its own count of seeds, or of test examples, leaves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from made.base.text import counted, significant, whole
from made.runs.folder import LIVING
from made.studies.errors import Mean, is_told_apart
from made.studies.grid import Cell, Grid, difference
from made.studies.known import Known
from made.studies.memorising import has_memorised, in_order, say_memorised
from made.studies.variation import variation

FAR = 3.0  # times the best figure, from which on a cell is named as far behind
SMEARED = 0.67  # of the variation of the truth, below which a density is too smooth


@dataclass(frozen=True)
class Part:
    """A piece of a sentence: plain, said loudly, or the name of the winner."""

    text: str
    role: Literal["", "strong", "winner"] = ""


Sentence = tuple[Part, ...]


def plain_text(sentence: Sentence) -> str:
    return "".join(part.text for part in sentence)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """headline: who is best, by how much. details: what else the figures say.

    winners: the cell with the lowest figure of each row that has one; sure: those of them that are
    told apart from the next. memorised: cells that learned their samples by heart, the
    clearest first.
    """

    headline: Sentence
    details: tuple[Sentence, ...] = ()
    winners: tuple[Cell, ...] = ()
    sure: tuple[Cell, ...] = ()
    memorised: tuple[Cell, ...] = ()


def are_told_apart(first: Cell, second: Cell) -> bool:
    """Whether the difference of two cells is more than noise; False where its error is unknown."""
    found = difference(first, second)
    return found is not None and is_told_apart(found)


def verdict(grid: Grid, known: Known) -> Verdict:
    """What the figures of a grid say."""
    rows = range(len(grid.rows))
    ranked = [grid.ranked(row) for row in rows]
    if not any(ranked):
        return Verdict(headline=(Part("No run has a figure yet."),))
    is_line = len(grid.rows) == 1
    # In a row of a matrix in which nobody leads, the lowest figure is chance.
    winners = tuple(
        cells[0]
        for row, cells in zip(rows, ranked, strict=True)
        if cells and (is_line or _winner(grid, row))
    )
    rules: tuple[Callable[[Grid, Known], Sentence | None], ...] = (
        *((_far_behind, _not_told_apart) if is_line else ()),
        _no_better_than_independence,
        _memorised,
        _unfinished,
        _one_seed,
    )
    return Verdict(
        headline=_best_of_line(ranked[0]) if is_line else _best_of_rows(grid),
        details=tuple(found for rule in rules if (found := rule(grid, known))),
        winners=winners,
        sure=tuple(
            cells[0] for cells in ranked if len(cells) > 1 and are_told_apart(cells[1], cells[0])
        ),
        memorised=tuple(in_order(cell for cell in grid.cells if has_memorised(cell, known))),
    )


def _figure(cell: Cell) -> Mean:
    assert cell.figure is not None
    return cell.figure


def _best_of_line(ranked: Sequence[Cell]) -> Sentence:
    """Who is best, and by how much it leads the next."""
    best, *others = ranked
    figure = f"{best.measure.title} {_figure(best)} {best.measure.unit}"
    if not others:
        return Part(best.name, "winner"), Part(f": {figure}.")
    lead = difference(others[0], best)
    if lead is None or lead.error is None:
        ahead = significant(_figure(others[0]).value - _figure(best).value, 2)
        return (
            Part(best.name, "winner"),
            Part(f" has the lowest figure: {figure}, {ahead} below {others[0].name}; "),
            Part("how sure that is, one seed cannot tell."),
        )
    if is_told_apart(lead):
        return (
            Part(best.name, "winner"),
            Part(f" is best: {figure}, {lead} ahead of {others[0].name}."),
        )
    level = [best, *(cell for cell in others if not are_told_apart(cell, best))]
    return (
        Part(_listed([cell.name for cell in level]), "winner"),
        Part(" are not told apart: "),
        Part(f"{figure} for {best.name}, {_figure(level[1])} for {level[1].name}."),
    )


def _best_of_rows(grid: Grid) -> Sentence:
    """Who is best in which rows; neighbours that are won by the same are named together."""
    stretches: list[tuple[str, list[int]]] = []
    for row in range(len(grid.rows)):
        name = _winner(grid, row)
        if name is None:
            continue
        if stretches and stretches[-1][0] == name:
            stretches[-1][1].append(row)
        else:
            stretches.append((name, [row]))
    if not stretches:
        return (Part("Nobody leads: no two are told apart in any row."),)
    if len(stretches) == 1:
        name, rows = stretches[0]
        return Part(name, "winner"), Part(f" is {_word(grid)} {_at(grid, rows)}.")
    parts: list[Part] = []
    for place, (name, rows) in enumerate(stretches):
        joint = "" if place == 0 else " and " if place == len(stretches) - 1 else ", "
        parts += [Part(joint), Part(name, "winner"), Part(f" at {_rows(grid, rows)}")]
    return Part(f"{_word(grid).capitalize()}: "), *parts, Part(".")


def _word(grid: Grid) -> str:
    """Whether the errors of all rows are known, so that a winner is more than the lowest figure."""
    ranked = [grid.ranked(row) for row in range(len(grid.rows))]
    pairs = [difference(cells[1], cells[0]) for cells in ranked if len(cells) > 1]
    return "best" if all(pair and pair.error is not None for pair in pairs) else "lowest"


def _winner(grid: Grid, row: int) -> str | None:
    ranked = grid.ranked(row)
    if not ranked:
        return None
    best, *others = ranked
    level = [best, *(cell for cell in others if not are_told_apart(cell, best))]
    sure = [cell for cell in level if difference(cell, best) is None or _has_error(cell, best)]
    if len(sure) == len(ranked) > 2:
        return None  # nobody leads
    names = [grid.columns[cell.column] for cell in (sure or [best])]
    return _listed(names, "or")


def _has_error(cell: Cell, best: Cell) -> bool:
    found = difference(cell, best)
    return cell is best or (found is not None and found.error is not None)


def _at(grid: Grid, rows: Sequence[int]) -> str:
    return f"{'in' if len(rows) == len(grid.rows) else 'at'} {_rows(grid, rows)}"


def _rows(grid: Grid, rows: Sequence[int]) -> str:
    names = [grid.rows[row] for row in rows]
    if len(names) == len(grid.rows):
        return "every row"
    return _listed(names) if len(names) < 3 else f"{names[0]} to {names[-1]}"


def _far_behind(grid: Grid, known: Known) -> Sentence | None:
    """Cells whose figure is several times the best one: only a KL has a zero to measure from."""
    ranked = grid.ranked()
    if not grid.measure.is_exact or len(ranked) < 2:
        return None
    least = _figure(ranked[0]).value
    far = [cell for cell in ranked[1:] if _figure(cell).value >= FAR * least > 0]
    far = [cell for cell in far if are_told_apart(cell, ranked[0])]
    if not far:
        return None
    times = math.floor(min(_figure(cell).value for cell in far) / least)
    verb = "is" if len(far) == 1 else "are"
    return (
        Part(_listed([cell.name for cell in far]), "strong"),
        Part(f" {verb} at least {times} times as far from the truth{_smear(far, known)}."),
    )


def _smear(cells: Sequence[Cell], known: Known) -> str:
    """That densities change far less from state to state than the truth, where all of them do."""
    found = [variation(cell, "best") for cell in cells]
    shares = [value / known.variation for value in found if value is not None and known.variation]
    if len(shares) < len(cells) or max(shares) >= SMEARED:
        return ""
    least, most = (significant(bound(shares), 1) for bound in (min, max))
    times = least if least == most else f"{least} to {most}"
    whose = "it smears: its density changes" if len(cells) == 1 else "they smear: each changes"
    return f"; {whose} {times} times as much from state to state"


def _not_told_apart(grid: Grid, known: Known) -> Sentence | None:
    """Neighbours behind the best that the seeds do not separate."""
    said_pairs = []
    for first, second in pairwise(grid.ranked()[1:]):
        found = difference(second, first)
        if found is not None and found.error is not None and not is_told_apart(found):
            said_pairs.append(f"{first.name} and {second.name} ({found})")
    return (Part(f"Not told apart: {_listed(said_pairs)}."),) if said_pairs else None


def _no_better_than_independence(grid: Grid, known: Known) -> Sentence | None:
    """Cells that a product of the marginals, or even the uniform, would beat."""
    bound = known.above_entropy(known.independence)
    if not grid.measure.is_exact or bound is None:
        return None
    worse = [cell for cell in grid.cells if cell.figure and cell.figure.value >= bound]
    if not worse:
        return None
    uniform = known.above_entropy(known.uniform)
    every = [row for row in range(len(grid.rows)) if _all_in(grid.row(row), worse)]
    if len(grid.rows) > 1 and every:
        rows = _rows(grid, every)
        return (
            Part(f"At {rows} none", "strong"),
            Part(f" beats independence ({significant(bound, 3)})."),
        )
    names = _listed([cell.name for cell in worse[:3]], more=len(worse) - 3)
    verb = "is" if len(worse) == 1 else "are"
    below = uniform is not None and all(_figure(cell).value >= uniform for cell in worse)
    what, value = ("the uniform", uniform) if below else ("independence", bound)
    return (
        Part(names, "strong"),
        Part(f" {verb} no better than {what} ({significant(value, 3)})."),
    )


def _all_in(cells: Sequence[Cell], some: Sequence[Cell]) -> bool:
    known = [cell for cell in cells if cell.figure is not None]
    return bool(known) and all(cell in some for cell in known)


def _memorised(grid: Grid, known: Known) -> Sentence | None:
    found = say_memorised(in_order(c for c in grid.cells if has_memorised(c, known)), known)
    return None if found is None else (Part(found[0], "strong"), Part(found[1]))


def _unfinished(grid: Grid, known: Known) -> Sentence | None:
    living = [reading for reading in grid.readings if reading.state in LIVING]
    if not living:
        return None
    number = f"{whole(len(living))} of {counted(len(grid.readings), 'run')}"
    return (Part(f"{number} still train: their best epochs so far count."),)


def _one_seed(grid: Grid, known: Known) -> Sentence | None:
    """Exact figures of a single seed have no error at all."""
    if len(grid.rows) == 1 or not grid.measure.is_exact:
        return None
    alone = sum(cell.figure is not None and cell.figure.count == 1 for cell in grid.cells)
    if not alone:
        return None
    some = f"{counted(alone, 'cell')} {'has' if alone == 1 else 'have'}"
    where = "Every cell has" if alone == len(grid.cells) else some
    return (Part(f"{where} one seed: how sure that is, only more seeds can tell."),)


def _listed(names: Sequence[str], word: str = "and", more: int = 0) -> str:
    """
    >>> _listed(["a"]), _listed(["a", "b", "c"]), _listed(["a", "b"], more=2)
    ('a', 'a, b and c', 'a, b and 2 more')
    """
    *first, last = [*names, f"{more} more"] if more > 0 else names
    return f"{', '.join(first)} {word} {last}" if first else last
