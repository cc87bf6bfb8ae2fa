"""One variable of one row, opened up: what its output may see and does see, and what it moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from made.base.errors import MadeError
from made.datasets import DatasetInfo
from made.density import dependencies
from made.model.masks import MaskSet
from made.runs import loading
from made.runs.folder import Run
from made.runs.kept_models import opened, threads_for
from made.views import run_views

QUARTER = 0.25  # of the strongest sensitivity, from which on an input counts as heard
MOVES = 0.05  # of probability, from which on a conditional counts as moved
MOST_IN_MATRIX = 256  # variables whose whole matrix of dependencies is shown


@dataclass(frozen=True, kw_only=True, eq=False)
class XRay:
    """What a click on a variable shows; D variables of K categories, under one mask set.

    place: 0 … D-1 in the ordering; position: of all variables. units: how many units of the last
    hidden layer the output may read, and of how many. may: bool (D,); does: float64 (D,), signed,
    see `dependencies.sensitivities`. log_probabilities: of the K values. truth: the true
    conditional, where it is known. value: the variable's own; other: what it is moved to. before,
    after: p(x_d = 1) of two categories, of more p(x_d = its value), (D,). log_p: of the row as it
    is and with the other value, in nats. other_before, other_after: of a 2-D joint, all K
    probabilities of the other variable. matrix_may, matrix_does: (D, D), of data without images.
    """

    info: DatasetInfo
    is_density: bool
    row: np.ndarray
    variable: int
    position: np.ndarray
    units: tuple[int, int] | None
    may: np.ndarray
    does: np.ndarray
    log_probabilities: np.ndarray
    truth: np.ndarray | None
    other: int
    before: np.ndarray
    after: np.ndarray
    log_p: tuple[float, float]
    other_before: np.ndarray | None = None
    other_after: np.ndarray | None = None
    matrix_may: np.ndarray | None = None
    matrix_does: np.ndarray | None = None

    @property
    def place(self) -> int:
        return int(self.position[self.variable])

    @property
    def value(self) -> int:
        return int(self.row[self.variable])

    @property
    def surprise(self) -> float:
        """-log p of the variable's own value given the earlier ones, in nats."""
        return float(-self.log_probabilities[self.value])

    @property
    def probabilities(self) -> np.ndarray:
        return np.exp(self.log_probabilities)

    @property
    def moved(self) -> np.ndarray:
        return self.after - self.before

    @property
    def num_heard(self) -> int:
        """Inputs that weigh at least a quarter of the strongest."""
        size = np.abs(self.does)
        return int((size >= QUARTER * size.max()).sum()) if size.any() else 0

    @property
    def num_moved(self) -> int:
        return int((np.abs(np.delete(self.moved, self.variable)) > MOVES).sum())

    def moves_most(self, number: int = 3) -> list[int]:
        """The variables whose conditionals move most, the variable itself not among them."""
        size = np.abs(self.moved)
        size[self.variable] = 0
        first = np.argsort(-size, kind="stable")[:number]
        return [int(variable) for variable in first if size[variable] > 0]


def num_mask_sets(run: Run) -> int:
    """How many mask sets there are to choose from."""
    bank = loading.bank_of(run, loading.dataset_info(run))
    return bank.cycle or len(bank.evaluation_indices())


def why_none(run: Run) -> str | None:
    """Why a run cannot be looked into, or None."""
    if run.checkpoints():
        return None
    return (
        "This run has no checkpoint yet, so there is no model to look into: let it train for an "
        "epoch, or choose another run."
    )


def first_variable(run: Run, row: np.ndarray) -> int:
    """Where a look begins: the ink nearest the middle of a picture, else the last variable."""
    info = loading.dataset_info(run)
    if info.image_shape is None:
        return int(loading.bank_of(run, info).mask_set(0).ordering.sequence[-1])
    height, width = info.image_shape
    down, across = np.divmod(np.arange(info.num_variables), width)
    distance = np.hypot(down - (height - 1) / 2, across - (width - 1) / 2)
    return int(np.where(row > 0, distance, distance + height + width).argmin())


def edited(run: Run, row: np.ndarray, edits: Mapping[Any, Any]) -> np.ndarray:
    """A row with some values changed, int64 (D,). What is no variable or no value is left out."""
    info = loading.dataset_info(run)
    changed = np.array(row, np.int64)
    for variable, value in edits.items():
        if variable in range(info.num_variables) and value in range(info.num_categories):
            changed[int(variable)] = int(value)
    return changed


def xray(
    run: Run, row: np.ndarray, variable: int, other: int | None = None, mask_set: int = 0
) -> XRay:
    """Look at a variable of a row, integers (D,), through the best checkpoint of a run.

    other: the value that it is moved to; by default the most likely one that it has not. Raises
    MadeError for what is not there.
    """
    with opened(run.id) as loaded, threads_for(1):
        info, network = loaded.info, loaded.network
        if not 0 <= variable < info.num_variables:
            last = info.num_variables - 1
            raise MadeError(f"There is no variable {variable}: choose one of 0 … {last}.")
        (index,) = network.bank.checked_indices(mask_set)
        own, values = int(row[variable]), np.arange(info.num_categories)
        if other is None or other == own or other not in values:
            other = 1 - own
            if info.num_categories > 2:
                before, _ = dependencies.changed(network, row, variable, own, index)
                other = int(np.where(values == own, -np.inf, before[variable]).argmax())
        before, after = dependencies.changed(network, row, variable, other, index)
        has_matrix = info.image_shape is None and info.num_variables <= MOST_IN_MATRIX
        looked_at = range(info.num_variables) if has_matrix else [variable]
        does = dependencies.sensitivities(network, row, looked_at, index)
    chosen = network.bank.mask_set(index)
    may = _may_see(run.id, run.checkpoint_path().stat().st_mtime_ns, index)
    changed_row = np.array(row, np.int64)
    changed_row[variable] = other
    each = np.arange(info.num_variables)
    asked = np.ones_like(each) if info.num_categories == 2 else np.asarray(row, np.int64)
    hers = 1 - variable if info.is_joint else None
    return XRay(
        info=info,
        is_density=network.has_density,
        row=np.asarray(row),
        variable=variable,
        position=chosen.ordering.position,
        units=_units(chosen, variable),
        may=may[variable],
        does=does[variable if has_matrix else 0],
        log_probabilities=before[variable],
        truth=_truth(run, chosen, row, variable) if info.is_joint else None,
        other=other,
        before=np.exp(before[each, asked]),
        after=np.exp(after[each, asked]),
        log_p=(
            float(before[each, np.asarray(row, np.int64)].sum()),
            float(after[each, changed_row].sum()),
        ),
        other_before=None if hers is None else np.exp(before[hers]),
        other_after=None if hers is None else np.exp(after[hers]),
        matrix_may=may if has_matrix else None,
        matrix_does=does if has_matrix else None,
    )


@lru_cache(maxsize=16)
def _may_see(run_id: str, _: int, mask_set: int) -> np.ndarray:
    """The same as long as the checkpoint is the same, which holds an ordering that was found."""
    run = Run.open(run_id)
    masks = loading.bank_of(run, loading.dataset_info(run)).mask_set(mask_set)
    return dependencies.may_see(run.config.model, masks)


def _units(mask_set: MaskSet, variable: int) -> tuple[int, int] | None:
    """Units of the last hidden layer that an output may read, and of how many."""
    if not mask_set.degrees:
        return None
    degrees = mask_set.degrees[-1]
    if not mask_set.autoregressive:
        return len(degrees), len(degrees)
    return int((degrees <= mask_set.ordering.position[variable]).sum()), len(degrees)


def _truth(run: Run, mask_set: MaskSet, row: np.ndarray, variable: int) -> np.ndarray | None:
    """The true p(x_variable | what comes before), (K,): of two variables, from their joint."""
    joint = run_views.reference(run).joint
    if joint is None:
        return None
    if mask_set.ordering.position[variable] == 0:
        return joint.sum(axis=1 - variable)
    line = joint.take(int(row[1 - variable]), axis=1 - variable)
    return line / line.sum() if line.sum() > 0 else None
