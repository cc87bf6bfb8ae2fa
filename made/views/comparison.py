"""Several runs beside each other: what differs, what may be compared, and their tables of figures.

Nothing here needs torch: all is read from the run folders.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from made import datasets
from made.base.errors import MadeError
from made.base.text import counted, exact, first_few
from made.datasets import DatasetInfo
from made.model.encodings import ENCODINGS
from made.runs.folder import ENDED, LIVING, Run
from made.runs.index import Index
from made.runs.notes import NONE, Notes
from made.runs.records import EpochRecord, Result, Status
from made.setups.checks import misfit, no_effect
from made.setups.config import FIELDS, ExperimentConfig, num_choices
from made.setups.size import size_of_setup
from made.setups.words import setting_text
from made.views import run_views
from made.views.run_views import Reference

MAX_SELECTED = 240
NAME_LENGTH = 26
MAX_NAMED = 4

BEST_EPOCH = "Best epoch"
VALIDATION_NLL = "Validation NLL (nats)"
TEST_NLL = "Test NLL (nats)"
TEST_ERROR = "Test NLL (nats) ±"
TEST_BITS = "Test bits per dimension"
EXACT_KL = "Exact KL (nats)"
TEST_RECONSTRUCTION = "Test reconstruction (nats)"
MASK_SETS = "Mask sets"
PARAMETERS = "Parameters"
TIME = "Training time (s)"
FIGURE_COLUMNS = (
    BEST_EPOCH,
    VALIDATION_NLL,
    TEST_NLL,
    TEST_ERROR,
    TEST_BITS,
    EXACT_KL,
    TEST_RECONSTRUCTION,
    MASK_SETS,
    PARAMETERS,
    TIME,
)

_SEPARATOR = re.compile(r" · |, |: ")


@dataclass(frozen=True, kw_only=True)
class RunRow:
    """One reading of a run. settings: those that have an effect; figures: by column name.

    by: whose run it is, in a class.
    """

    id: str
    label: str
    status: Status
    config: ExperimentConfig
    info: DatasetInfo | None
    notes: Notes = NONE
    settings: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, float | int | None] = field(default_factory=dict)
    steps: tuple[int, ...] = ()
    nll: tuple[float, ...] = ()
    best: int | None = None
    by: str = ""

    @property
    def is_living(self) -> bool:
        return self.status.state in LIVING

    @property
    def has_density(self) -> bool:
        """False for a plain autoencoder, whose loss is no NLL."""
        return self.config.has_density

    @property
    def stand(self) -> str:
        """The state, and how far a run that has not finished has come."""
        state = self.status.state
        if state in ("finished", "queued", "starting"):
            return state
        return f"{state}, epoch {self.status.epoch} of {self.config.training.epochs}"

    @property
    def group(self) -> tuple[str, int | None, bool]:
        """What two runs must share for their losses to measure the same thing."""
        return self.config.data.dataset, self.settings.get("grid_size"), self.has_density


def read_row(run: Run) -> RunRow:
    """Read one run from its folder. Raises MadeError where it is gone or broken."""
    # The status first: what the worker writes meanwhile then makes a later look differ from it.
    config, status, info = run.latest_config, run.status(), None
    with suppress(MadeError):
        info = datasets.info(config.data)
    records, best = run.epochs(), run.best_epoch or EpochRecord()
    indices = [index for index, record in enumerate(records) if record["is_best"]]
    settings = _effective_settings(config, info)
    row = RunRow(
        id=run.id,
        label=run.label,
        status=status,
        config=config,
        info=info,
        notes=run.notes,
        settings=settings,
        steps=tuple(record["step"] for record in records),
        nll=tuple(record.get("validation_nll", math.nan) for record in records),
        best=indices[-1] if indices else None,
        by=run.owner.name if run.owner else "",
    )
    row.figures.update(_figures(row, best, run.result or Result()))
    return row


# A state at rest changes with a file alone; a living run may also die, or never have lived.
_INDEX = Index(read_row, lambda row: row.status.state in ENDED)


def read_rows(runs: Iterable[Run]) -> list[RunRow]:
    """Read all runs that can be read, in their order; those that have not changed are known."""
    # What a configuration means depends on what is registered and on which data are here.
    return _INDEX.read(runs, key=(num_choices(), tuple(datasets.names())))


def _effective_settings(config: ExperimentConfig, info: DatasetInfo | None) -> dict[str, Any]:
    silent = no_effect(config, info) if info else {}
    return {
        name: value
        for name, value in config.flat().items()
        if name not in silent and name != "dataset"
    }


def _figures(row: RunRow, best: EpochRecord, result: Result) -> dict[str, Any]:
    """Figures by column; what is not known yet, or is none of this model's, is None."""
    parameters = result.get("num_parameters")
    if parameters is None and row.info is not None and misfit(row.config, row.info) is None:
        parameters = size_of_setup(row.config, row.info).num_parameters
    num_mask_sets = result.get("num_mask_sets")
    return {
        BEST_EPOCH: best.get("epoch"),
        VALIDATION_NLL: best.get("validation_nll") if row.has_density else None,
        TEST_NLL: result.get("nll_nats"),
        TEST_ERROR: result.get("nll_standard_error"),
        TEST_BITS: result.get("bits_per_dim"),
        EXACT_KL: result.get("kl_nats", best.get("kl_nats")),
        TEST_RECONSTRUCTION: result.get("reconstruction_nats"),
        MASK_SETS: num_mask_sets,
        PARAMETERS: parameters,
        TIME: result.get("training_seconds") or row.status.training_seconds or None,
    }


def matching(rows: Sequence[RunRow], chosen: Sequence[str], text: str) -> list[RunRow]:
    """Rows of the chosen datasets (none chosen: all) in which every word of the text occurs."""
    words = text.casefold().split()

    def has_words(row: RunRow) -> bool:
        settings = " ".join(map(exact, row.settings.values()))
        noted = f"{' '.join(row.notes.tags)} {row.notes.words} {row.by}"
        said = f"{row.label} {row.id} {row.config.data.dataset} {row.stand} {settings} {noted}"
        return all(word in said.casefold() for word in words)

    return [
        row for row in rows if (not chosen or row.config.data.dataset in chosen) and has_words(row)
    ]


def differing_settings(rows: Sequence[RunRow]) -> list[str]:
    """Settings in which rows differ, among those for which the setting has an effect."""
    return [
        name
        for name in FIELDS
        if len({repr(row.settings[name]) for row in rows if name in row.settings}) > 1
    ]


def groups(rows: Sequence[RunRow]) -> list[list[RunRow]]:
    """Rows whose losses measure the same thing stand together, in the order of their first."""
    together: dict[Any, list[RunRow]] = {}
    for row in rows:
        together.setdefault(row.group, []).append(row)
    return list(together.values())


def group_title(rows: Sequence[RunRow]) -> str:
    """The dataset of a group, and what else sets it apart."""
    name, grid_size, has_density = rows[0].group
    title = rows[0].info.title if rows[0].info else name
    grid = f", {grid_size} × {grid_size} grid" if grid_size else ""
    return f"{title}{grid}" + ("" if has_density else ", plain autoencoders (no density)")


def short_names(rows: Sequence[RunRow]) -> list[str]:
    """Names for a picture: without what all begin with, not long, and no two the same."""
    labels = [row.label for row in rows]
    cut = 0
    if len(set(labels)) > 1:
        for separator in _SEPARATOR.finditer(labels[0]):
            if all(label.startswith(labels[0][: separator.end()]) for label in labels):
                cut = separator.end()
    names: list[str] = []
    for label in labels:
        name = label[cut:] or label
        name = name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1].rstrip()}…"
        same = sum(other.partition(" #")[0] == name for other in names)
        names.append(f"{name} #{same + 1}" if same else name)
    return names


def cautions(rows: Sequence[RunRow]) -> list[str]:
    """One sentence for each reason to compare the figures of one group with care."""
    differing = differing_settings(rows)
    names = short_names(rows)
    said = []
    if "data_seed" in differing:
        said.append(
            f"The seed of the split differs ({_values(rows, 'data_seed')}): these runs were "
            "trained and tested on different samples."
        )
    if "num_samples" in differing:
        said.append(
            f"The number of samples differs ({_values(rows, 'num_samples')}), and with it what "
            "was trained and tested on."
        )
    if all(row.figures.get(EXACT_KL) is not None for row in rows):
        said.clear()  # the exact KL, which is compared then, does not depend on the test split
    sizes = [row.figures.get(MASK_SETS) or 1 for row in rows]
    if len(set(sizes)) > 1:
        mixtures = ", ".join(
            f"{name}: {size}" for name, size in zip(names, sizes, strict=True) if size > 1
        )
        said.append(
            f"The test NLL of a run with several mask sets is that of their mixture ({mixtures}), "
            "which costs so many passes; the others take a single one."
        )
    unfinished = [
        name
        for name, row in zip(names, rows, strict=True)
        if row.status.state != "finished" and row.figures.get(TEST_NLL) is None
    ]
    if unfinished and len(unfinished) < len(rows):
        verb = "has" if len(unfinished) == 1 else "have"
        said.append(
            f"{', '.join(unfinished)} {verb} not finished: no test figures yet, and the other "
            "figures are those of the best epoch so far."
        )
    return said


def _values(rows: Sequence[RunRow], name: str) -> str:
    values = sorted({row.settings[name] for row in rows if name in row.settings})
    return ", ".join(setting_text(name, value) for value in values)


def default_selection(rows: Sequence[RunRow]) -> list[str]:
    """Ids to look at before any click: encodings that differ in nothing else, else like runs.

    What ships with the project comes first, then the newest. rows: newest first.
    """
    rows = [row for row in rows if not row.notes.archived]
    shipped = [row for row in rows if row.id.startswith("shipped-")]
    for pool in (shipped, rows):
        for row in pool:
            alike = {
                other.config.model.encoding: other
                for other in reversed(pool)
                if set(row.config.differences(other.config)) <= {"encoding", "device"}
            }
            if len(alike) > 1:
                return [alike[name].id for name in ENCODINGS if name in alike]
    same = groups(rows)
    return [row.id for row in same[0][:4]] if same else []


def checked_selection(ids: Sequence[str], rows: Sequence[RunRow]) -> tuple[list[str], list[str]]:
    """The ids that are there, each once and not too many; and a sentence for each correction."""
    known = {row.id for row in rows}
    wanted = list(dict.fromkeys(id for id in ids if id))
    there = [id for id in wanted if id in known]
    said = []
    if missing := [id for id in wanted if id not in known]:
        names = first_few([f"'{id[:60]}'" for id in missing], 3)
        is_one = len(missing) == 1
        said.append(
            f"There {'is no run' if is_one else 'are no runs'} {names} any more; "
            f"{'it was' if is_one else 'they were'} taken out of the selection."
        )
    if len(there) > MAX_SELECTED:
        said.append(
            f"{len(there)} runs were chosen; the first {MAX_SELECTED} are compared, for more do "
            "not fit on a screen."
        )
    return there[:MAX_SELECTED], said


def reference(run: Run) -> Reference:
    """The data beside which a run is shown: noted in its folder, else from the dataset itself."""
    noted = run_views.reference(run)
    if noted.joint is not None or noted.rows is not None:
        return noted
    try:
        if not datasets.is_available(run.config.data.dataset):
            return noted
        dataset = datasets.load(run.config.data.model_copy(update={"num_samples": 1000}))
    except MadeError:
        return noted
    return Reference(
        joint=dataset.joint,
        rows=dataset.train[:1000],
        entropy=dataset.entropy,
        independence=dataset.independence,
    )


Signature = tuple[tuple[str, str, int], ...]  # of each run its id, its state and an epoch


def signature(seen: Mapping[str, Status], chosen: Sequence[str]) -> Signature:
    """What must change before a comparison is drawn again: states, and epochs of the chosen."""
    return tuple(
        (id, status.state, status.epoch if id in chosen else 0) for id, status in seen.items()
    )


def selection_text(
    rows: Sequence[RunRow], listed: Sequence[RunRow], chosen: Sequence[RunRow]
) -> str:
    """How many runs are listed, and which are selected, those hidden by the filter included."""
    every = counted(len(rows), "run")
    number = every if len(listed) == len(rows) else f"{len(listed)} of {every}"
    ids = {row.id for row in listed}
    hidden = [row for row in chosen if row.id not in ids]
    parts = [f"{number} listed", f"{len(chosen)} selected{_named(chosen)}"]
    if hidden:
        parts.append(f"{len(hidden)} of them hidden by the filter{_named(hidden)}")
    return "; ".join(parts) + "."


def _named(rows: Sequence[RunRow]) -> str:
    if not rows:
        return ""
    return f": {first_few([row.label for row in rows], MAX_NAMED)}"


def merged_selection(
    before: Sequence[str], shown: Sequence[str], picked: Iterable[int]
) -> list[str]:
    """The new selection: rows picked of those shown, and what a filter hid meanwhile.

    What stays selected keeps its place, and with it its colour.
    """
    chosen = [shown[row] for row in picked if row < len(shown)]
    kept = [id for id in before if id in chosen or id not in shown]
    return kept + [id for id in chosen if id not in kept]
