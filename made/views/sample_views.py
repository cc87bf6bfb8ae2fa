"""What the Samples page asks and says: what can be drawn from a run, in words and as files."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from made.base.errors import MadeError
from made.base.files import pack_arrays
from made.base.text import significant
from made.model.masks import mask_bank
from made.runs import loading
from made.views import run_views

if TYPE_CHECKING:
    from made.datasets import DatasetInfo
    from made.model.orderings import Ordering
    from made.runs.folder import Run
    from made.views.inference import Drawn

IMAGE_COUNTS = (1, 400)
POINT_COUNTS = (
    *(digit * 10**power for power in range(2, 6) for digit in (1, 2, 5)),
    1_000_000,
)
MAX_SEED = 2**31 - 1
MaskIndex = int | None  # None: the mixture


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A run and what can be drawn from it.

    num_mask_sets: those that can be chosen singly. mixture_size: how many of them are mixed.
    """

    run: Run
    info: DatasetInfo
    num_mask_sets: int
    mixture_size: int

    @property
    def last_mask_set(self) -> int:
        return self.num_mask_sets - 1

    @property
    def most_given(self) -> int:
        """Most variables that can be given, so that one is left to draw."""
        return self.info.num_variables - 1

    @property
    def last_row(self) -> int:
        """The last of the data rows that the run kept; at least 1, as a slider has two ends."""
        rows = run_views.reference(self.run).rows
        return 1 if rows is None else max(1, len(rows) - 1)


@dataclass(frozen=True, kw_only=True)
class Request:
    """One draw, and thereby one picture: the same request always shows the same.

    row: the data row whose first `num_given` variables of the ordering are kept, or None.
    """

    checkpoint: str
    num_samples: int
    seed: int
    mask_set: MaskIndex = None
    row: int | None = None
    num_given: int = 0


def subject(run: Run) -> Subject:
    """Describe a run without its model. Raises MadeError where its data are gone."""
    info = loading.dataset_info(run)
    bank = mask_bank(run.config.model, run.config.masks, info.num_variables)
    mixture_size = len(bank.evaluation_indices())
    return Subject(
        run=run, info=info, num_mask_sets=bank.cycle or mixture_size, mixture_size=mixture_size
    )


def why_none(run: Run) -> str | None:
    """One sentence on why nothing can be drawn from the run, or None."""
    if not run.config.has_density:
        return (
            "A plain autoencoder has no density, so there is nothing to draw from: each of its "
            "outputs sees every input, itself included. Train with masks on to get samples."
        )
    if not run.checkpoints():
        return (
            "This run has no checkpoint yet, so there is no model to draw from: let it train for "
            "an epoch, or choose another run."
        )
    return None


def checkpoint_title(run: Run, name: str) -> str:
    """ "best" and "last" with their epoch, as far as it is known."""
    if name == "best":
        epoch = (run.best_epoch or {}).get("epoch")
    else:
        try:
            epoch = run.reached(name).epoch
        except MadeError:
            epoch = None
    return name.capitalize() if epoch is None else f"{name.capitalize()}, epoch {epoch}"


def mask_reason(about: Subject) -> str | None:
    """Why there is no mask set to choose, or None."""
    if about.num_mask_sets > 1:
        return None
    if about.run.config.model.model != "made":
        return "Only MADE has masks."
    return "This run was trained with one mask set."


def ordering(about: Subject, mask_set: MaskIndex) -> Ordering | None:
    """The ordering of the chosen mask set, or of the only one; None for a mixture."""
    if mask_set is None and about.mixture_size > 1:
        return None
    return loading.bank_of(about.run, about.info).mask_set(mask_set or 0).ordering


def why_no_completion(about: Subject, mask_set: MaskIndex) -> str | None:
    """Why an image cannot be completed here, or None.

    Given some pixels, the mask sets of a mixture are not equally likely any more, and they may
    differ in which pixels come first: so one is chosen.
    """
    if ordering(about, mask_set) is None:
        return "To complete an image, choose a single mask set above, which has one ordering."
    if run_views.reference(about.run).rows is None:
        return "This run kept no data rows to begin from."
    return None


def data_row(about: Subject, row: int) -> np.ndarray:
    """A data row that the run kept, integers (D,)."""
    rows = run_views.reference(about.run).rows
    if rows is None or not len(rows):
        raise MadeError(f"'{about.run.label}' kept no data rows: draw without given pixels.")
    return rows[min(row, len(rows) - 1)]


def given(about: Subject, request: Request) -> dict[int, int]:
    """The variables that are kept, with their values; empty where nothing is given."""
    places = ordering(about, request.mask_set)
    if request.row is None or not request.num_given or places is None:
        return {}
    row = data_row(about, request.row)
    first = places.sequence[: request.num_given].tolist()
    return {variable: int(row[variable]) for variable in first}


def default_given(info: DatasetInfo) -> int:
    """Half of an image, in whole rows of pixels."""
    height, width = info.image_shape or (info.num_variables, 1)
    return height // 2 * width


def new_seed(than: int) -> int:
    """A seed other than `than`."""
    seed = secrets.randbelow(MAX_SEED)
    return seed + (seed >= than)


def signature(about: Subject, request: Request) -> str:
    """What changes when the checkpoint of a request is written anew. Raises MadeError."""
    path = about.run.checkpoint_path(request.checkpoint)
    try:
        stat = path.stat()
    except OSError:
        raise MadeError(f"'{about.run.label}' was just deleted: choose another run.") from None
    return f"{stat.st_mtime_ns}-{stat.st_size}-{stat.st_ino}"


def figure_line(about: Subject, request: Request) -> str:
    """The run's figures where they are those of the model drawn from: its best, all masks."""
    is_evaluated = request.checkpoint == "best" and request.mask_set is None
    return run_views.figure_line(about.run) if is_evaluated else ""


def file_stem(about: Subject, request: Request) -> str:
    """The name of a download, without its ending."""
    masks = "" if request.mask_set is None else f"-mask-set-{request.mask_set}"
    return f"samples-{about.run.id}-{request.checkpoint}-seed-{request.seed}{masks}"


def time_line(about: Subject, drawn: Drawn, request: Request) -> str:
    """What was drawn and how long it took, in one line."""
    masks = ""
    if request.mask_set is not None:
        masks = f" · mask set {request.mask_set}"
    elif about.mixture_size > 1:
        masks = f" · mixture of {about.mixture_size} mask sets"
    what = "completions" if request.row is not None else "samples"
    return (
        f"{len(drawn.samples):,} {what} in {significant(drawn.seconds)} s · "
        f"{checkpoint_title(about.run, request.checkpoint).lower()} · "
        f"seed {request.seed}{masks}"
    )


def archive(about: Subject, drawn: Drawn, request: Request, observed: Mapping[int, int]) -> bytes:
    """The draw as the content of an .npz file that says where it comes from.

    samples (N, D); for a 2-D joint histogram and density (K, K); run_id, checkpoint, dataset,
    seed; mask_set, -1 for the mixture; observed_variables and observed_values, empty for none.
    """
    arrays = {
        "samples": drawn.samples,
        "histogram": drawn.histogram,
        "density": drawn.density,
        "run_id": np.array(about.run.id),
        "checkpoint": np.array(request.checkpoint),
        "dataset": np.array(about.info.name),
        "seed": np.array(request.seed),
        "mask_set": np.array(-1 if request.mask_set is None else request.mask_set),
        "observed_variables": np.array(list(observed), dtype=np.int64),
        "observed_values": np.array(list(observed.values()), dtype=np.int64),
    }
    return pack_arrays(arrays)
