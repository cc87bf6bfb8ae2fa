"""What the Data page says of uploads: what a file can be, what it became, who needs it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any, Literal

from made import datasets, plots, runs
from made.base.text import first_few
from made.datasets.rows import picture_shape
from made.datasets.settings import DataConfig
from made.datasets.uploads import quota
from made.datasets.uploads.reading import ReadUpload
from made.datasets.uploads.store import SUFFIXES, Belonging, Kind, source_of
from made.people import acting
from made.runs.folder import LIVING, Run
from made.views import data_views
from made.views.pictures import Picture, rows_as_picture

KIND_TITLES = {"joint": "A joint", "rows": "Rows", "picture": "A picture"}
NUM_SHOWN = 48  # rows
PREVIEW_WIDTH = 480  # pixels
GUIDE = """
- **A joint**: a square table of masses, `.npy`; row x1, column x2.
- **Rows**: whole numbers 0 … K - 1, one example a row, `.npy`, `.npz` or `.csv`. An `.npz` with
  the arrays `train`, `validation` and `test` keeps its splits.
- **A picture**: `.png`, `.jpg` and others; its darkness or its brightness becomes a joint.
"""


def endings() -> list[str]:
    """Every ending that some kind of upload has, without the dot."""
    return sorted({ending.lstrip(".") for some in SUFFIXES.values() for ending in some})


def reading_title(share: float | None) -> str:
    """What is said while a file is read. share: of it, None while other files come first."""
    return "Other files are read first …" if share is None else "Reading the file …"


def preview(
    upload: ReadUpload,
    kind: Kind,
    *,
    image_shape: tuple[int, int] | Literal["guess"] | None = "guess",
    **picture: Any,
) -> Picture:
    """What an upload will look like, taken as that kind; nothing is stored. Raises MadeError.

    picture: how it becomes a joint, as `ReadUpload.joint` takes it.
    """
    if kind == "rows":
        (rows, *_), num_categories = upload.rows()
        source = source_of(upload.filename, kind)
        shape = picture_shape(image_shape, rows.shape[1], num_categories, source)
        number = min(NUM_SHOWN, len(rows))
        title = f"{number} of {len(rows):,} training rows, values 0 … {num_categories - 1}"
        return rows_as_picture(rows[:number], shape, num_categories, title, width=PREVIEW_WIDTH)
    joint = upload.joint(kind, **picture)
    panel = (f"A joint of {len(joint)} × {len(joint)} cells", joint)
    ((title, pixels),) = plots.density_pictures([panel], pixels=PREVIEW_WIDTH)
    return Picture(title, pixels, plots.density_alt([panel]))


def kept(keep: Callable[[str], str], label: str, owner: str | None = None) -> tuple[str, bool]:
    """The name of data that were kept under a label, and whether they were there before.

    owner: whose limits hold and to whom they count, by default who acts now, in a class; else
    nobody, and the limits are those of all together.
    Raises MadeError, also where there is no room for more.
    """
    acting.require("upload")
    if owner is None and (someone := acting.owner()):
        owner = someone.key
    with quota.one_by_one:
        quota.check_room(owner)
        before = datasets.upload_names()
        name = keep(label)
        # What was there before is theirs who brought it first.
        if owner is not None and name not in before:
            quota.claim(name, owner)
    return name, name in before


def label_of(filename: str) -> str:
    """The file's name without its ending, as a first suggestion for a label."""
    return PurePosixPath(filename).stem[:80]


def welcome(name: str, was_there: bool) -> str:
    """What an upload has become, in a sentence."""
    info = datasets.info(DataConfig(dataset=name))
    if info.has_truth:
        what = f"a joint of {info.num_categories} × {info.num_categories} cells"
    else:
        sizes = f"{info.num_train:,} / {info.num_validation:,} / {info.num_test:,}"
        what = (
            f"{sizes} rows (train / validation / test) of {info.num_variables} variables with "
            f"{info.num_categories} categories"
        )
        if info.image_shape:
            what += f", pictures of {info.image_shape[0]} × {info.image_shape[1]} pixels"
    if was_there:
        return f"The same data were here already, and are now called “{info.title}”: {what}."
    return f"“{info.title}” is ready: {what}."


def users(name: str) -> list[Run]:
    """The runs that were trained on a dataset."""
    return [
        run for run in runs.list_runs() if run.problem is None and run.config.data.dataset == name
    ]


def deletion(name: str) -> tuple[str, bool]:
    """The question before a deletion, and whether it may be answered with yes."""
    if reason := acting.refusal("delete", Belonging(name)):
        return reason, False
    using = users(name)
    if busy := [run.label for run in using if run.state in LIVING]:
        return f"“{busy[0]}” is training on it: stop that run first.", False
    question = f"Delete “{data_views.title_of(name)}”? For a day it can be restored."
    if using:
        labels = first_few([f"“{run.label}”" for run in using], 3)
        question += (
            f" {labels} trained on it: curves and figures stay, but without its data such a run "
            "cannot be resumed, evaluated or sampled."
        )
    return question, True
