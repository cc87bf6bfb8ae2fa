"""Who learned its samples by heart: the rule, what shows it, and what would help."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from made.base.text import counted, significant
from made.studies.grid import Cell
from made.studies.known import Known
from made.studies.readings import Reading
from made.studies.variation import variation

RISEN = 1.1  # times its best figure, from which on a curve has risen again
SPECKLED = 1.5  # of the same, above which one is told to be rough
EARLY = 0.5  # of the epochs: a best epoch before is an early one


def has_memorised(cell: Cell, known: Known) -> bool:
    """Whether every run of a cell has its best epoch early, and then gets worse on what is new to
    it while it still gets better on its own samples: below the entropy, where that is known."""
    best, last = cell.figure, cell.last
    if best is None or last is None or not cell.readings:
        return False
    has_risen = (
        last.value > RISEN * best.value if cell.measure.is_exact else last.value > best.value
    )
    return has_risen and all(_is_early_and_falling(reading, known) for reading in cell.readings)


def _is_early_and_falling(reading: Reading, known: Known) -> bool:
    best, last = reading.best, reading.epochs[-1] if reading.epochs else None
    if best is None or last is None or best["epoch"] > EARLY * last["epoch"]:
        return False
    at_best, at_last = best.get("train_nll"), last.get("train_nll")
    if at_best is None or at_last is None:
        return False
    return at_last < at_best and (known.entropy is None or at_last < known.entropy)


def in_order(cells: Iterable[Cell]) -> list[Cell]:
    """The clearest first: whose figure rises most from the best epoch to the last."""
    return sorted(cells, key=_rise, reverse=True)


def say_memorised(cells: Sequence[Cell], known: Known) -> tuple[str, str] | None:
    """The first of the cells that have memorised: its name, and what shows it and would help."""
    if not cells:
        return None
    worst = cells[0]
    low, high = min(worst.best_epochs), max(worst.best_epochs)
    epochs = f"{low}" if low == high else f"{low} to {high}"
    below = " below the entropy" if known.entropy is not None else ""
    others = len(cells) - 1
    also = f" (so {'does' if others == 1 else 'do'} {counted(others, 'other')})" if others else ""
    return worst.name, (
        f" memorises its samples{_per_state(worst, known)}{also}: best at epoch {epochs} of "
        f"{worst.num_epochs}, {worst.figure}; by the last {worst.last}{_specks(worst, known)}, "
        f"while its training NLL sinks{below}. More samples would help, or a smoother encoding."
    )


def _rise(cell: Cell) -> float:
    """From the best epoch to the last."""
    return 0.0 if cell.last is None or cell.figure is None else cell.last.value - cell.figure.value


def _specks(cell: Cell, known: Known) -> str:
    """How much rougher than the truth the last density is, where that is known and telling."""
    last = variation(cell, "last")
    if last is None or not known.variation or last < SPECKLED * known.variation:
        return ""
    return f", its density {significant(last / known.variation, 2)} times as rough as the truth"


def _per_state(cell: Cell, known: Known) -> str:
    num_train = known.num_train[cell.row] if cell.row < len(known.num_train) else None
    if not num_train or not known.num_states:
        return ""
    return f", {significant(num_train / known.num_states, 2)} a state"
