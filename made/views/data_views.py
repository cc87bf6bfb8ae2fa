"""What the Data page shows: datasets in groups, their figures and their pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from made import datasets, plots, runs
from made.base.errors import MadeError
from made.base.shared import Shared
from made.base.text import short_bytes, significant, whole
from made.datasets.settings import DataConfig
from made.people import acting
from made.setups.config import ExperimentConfig
from made.setups.links import read_link
from made.views.pictures import Picture, one_a_row, rows_as_picture

if TYPE_CHECKING:
    from made.datasets import Dataset, DatasetInfo

JOINTS, IMAGES, ROWS, OWN = GROUPS = ("2-D joints", "Images", "Rows", "Yours")
SPLITS = {"train": "training", "validation": "validation", "test": "test"}
NUM_EXAMPLES = 96
NUM_ROWS = 48
ASPECT = 1.5  # of the grid of examples, width over height
PICTURE_WIDTH = 1_000


@dataclass(frozen=True)
class Fact:
    """A figure with its name, as text, and one line that explains it."""

    label: str
    value: str
    help: str


def group_of(name: str) -> str:
    """The group under which a dataset is listed."""
    if name not in datasets.REGISTRY:
        return OWN
    info = datasets.info(DataConfig(dataset=name))
    if info.is_joint:
        return JOINTS
    return IMAGES if info.image_shape else ROWS


def members(group: str) -> list[str]:
    """The names of a group, in the order of the registry; uploads newest first."""
    if group == OWN:
        return own_names()[::-1]
    return [name for name in datasets.REGISTRY if group_of(name) == group]


def own_names() -> list[str]:
    """The data that people brought, oldest first; in an exhibit, those that its runs are about."""
    own = datasets.upload_names()
    if not own or acting.mode() != "exhibit":
        return own
    shown = {run.config.data.dataset for run in runs.list_runs() if run.problem is None}
    return [name for name in own if name in shown]


def names() -> list[str]:
    """All datasets that are shown, in the order of the registry, then what people brought."""
    return [*datasets.REGISTRY, *own_names()]


def infos() -> list[DatasetInfo]:
    """Of all datasets that are shown, but for those whose description is damaged."""
    found = []
    for name in names():
        with suppress(MadeError):
            found.append(datasets.info(DataConfig(dataset=name)))
    return found


def title_of(name: str) -> str:
    """The title on screen; the name itself where the description of an upload is damaged."""
    try:
        return datasets.info(DataConfig(dataset=name)).title
    except MadeError:
        return name


def first_config(values: Mapping[str, str]) -> tuple[DataConfig, list[str]]:
    """Which data a link asks for, and one sentence for everything that was corrected."""
    wanted = {name: values[name] for name in DataConfig.model_fields if name in values}
    config, corrections = read_link(wanted)
    return config.data, corrections


def link_query(config: DataConfig) -> dict[str, str]:
    """What the address bar holds: the settings that are not the default."""
    return ExperimentConfig(data=config).to_query()


def size_facts(info: DatasetInfo) -> list[Fact]:
    """How many examples each split has, and what an example is."""
    shape = info.image_shape
    facts = [
        _count("Train", info.num_train, "Examples that a model is fitted to."),
        _count("Validation", info.num_validation, "Examples that choose the best epoch."),
        _count("Test", info.num_test, "Examples that nothing is chosen by."),
        _count("Variables D", info.num_variables, "Numbers in one example."),
        _count("Categories K", info.num_categories, "Every variable is one of 0 … K - 1."),
    ]
    if shape:
        facts.append(Fact("Image", f"{shape[0]} × {shape[1]}", "Height and width in pixels."))
    return facts


def seen_line(dataset: Dataset) -> str:
    """How many test rows a model was trained on; empty for 2-D joints, whose few states recur."""
    number = dataset.num_seen_test_rows
    if number is None:
        return ""
    if number == 0:
        return "No test example equals a training example."
    verb = "equals" if number == 1 else "equal"
    return (
        f"{number:,} of {len(dataset.test):,} test examples {verb} a training example: on these a "
        "model that memorises does well, too."
    )


def truth_facts(dataset: Dataset) -> list[Fact]:
    """The reference values of the NLL, exact, in nats per example; no entropy without a truth."""
    info = dataset.info
    uniform = info.num_variables * math.log(info.num_categories)
    power = "K²" if info.num_variables == 2 else "K^D"
    facts = [
        _nats(
            "Uniform",
            uniform,
            f"log {power}: the NLL, on any split, of a model that gives all states the same mass.",
        )
    ]
    if dataset.entropy is not None and dataset.independence is not None:
        gain = dataset.independence - dataset.entropy
        facts = [
            _nats("Entropy", dataset.entropy, "Of the true joint: no model has a lower mean NLL."),
            _nats(
                "Independence",
                dataset.independence,
                "H(x1) + H(x2): the mean NLL of the product of the true marginals.",
            ),
            *facts,
            _nats("Mutual information", gain, "Independence less entropy: what x1 tells of x2."),
        ]
    return facts


def _count(label: str, number: int | None, explanation: str) -> Fact:
    return Fact(label, whole(number), explanation)


def _nats(label: str, value: float, explanation: str) -> Fact:
    return Fact(label, f"{significant(value)} nats", explanation)


def joint_figure(dataset: Dataset, height: int) -> tuple[Any, str, str]:
    """The joint with its marginals: the figure, its description in a sentence, and its title.

    height: in pixels. Built once for all who look: nobody may change it.
    """

    def make() -> tuple[Any, str, str]:
        table, title = joint_table(dataset)
        figure = plots.dataset_marginals(table, height=height)
        return figure, plots.dataset_marginals_alt(table), title

    return _figures.get(("joint", ref(dataset), height), make)


def means_figure(dataset: Dataset, split: str, height: int) -> tuple[Any, str]:
    """The mean of every variable over a split: the figure and its description in a sentence.

    height: in pixels. Built once for all who look: nobody may change it.
    """

    def make() -> tuple[Any, str]:
        rows = getattr(dataset, split)
        figure = plots.variable_means(rows, dataset.num_categories, height=height)
        return figure, means_alt(dataset, split)

    return _figures.get(("means", ref(dataset), split, height), make)


# By a weak reference: a figure does not keep its data in memory, and other data are another key.
_figures: Shared[Any] = Shared(32)
_pictures: Shared[Any] = Shared(32)


def joint_table(dataset: Dataset) -> tuple[np.ndarray, str]:
    """The true joint (K, K), or where it is unknown the training split's; and which it is."""
    if dataset.joint is not None:
        return dataset.joint, "True joint, with its marginals"
    table = plots.joint_histogram(dataset.train, dataset.num_categories)
    number = f"{len(dataset.train):,}"
    return table, f"Relative frequencies of {number} training rows, with their marginals"


def sampled_picture(dataset: Dataset) -> Picture | None:
    """What was drawn for training, on the colour scale of the joint; None for rows of one's own."""
    joint = dataset.joint
    if joint is None:
        return None
    return _pictures.get(("sampled", ref(dataset)), lambda: _sampled_picture(dataset, joint))


def _sampled_picture(dataset: Dataset, joint: np.ndarray) -> Picture:
    number = f"{len(dataset.train):,} training samples"
    table = plots.joint_histogram(dataset.train, dataset.num_categories)
    both = [("True joint", joint), (number, table)]
    title, pixels = plots.density_pictures(both, pixels=600)[1]
    return Picture(f"{title}, same colour scale", pixels, plots.density_alt(both[1:]))


def examples(dataset: Dataset, split: str) -> Picture:
    """The first examples of a split, as a grid of images or one a row."""
    return _pictures.get(("examples", ref(dataset), split), lambda: _examples(dataset, split))


def _examples(dataset: Dataset, split: str) -> Picture:
    every = getattr(dataset, split)
    info = dataset.info
    rows = every[: NUM_EXAMPLES if info.image_shape else NUM_ROWS]
    title = f"The first {len(rows)} of {len(every):,} {SPLITS[split]} examples"
    return rows_as_picture(
        rows,
        info.image_shape,
        info.num_categories,
        one_a_row(title, info),
        columns=_grid_columns(len(rows), info.image_shape) if info.image_shape else None,
        width=PICTURE_WIDTH,
    )


def _grid_columns(number: int, image_shape: tuple[int, int]) -> int:
    height, width = image_shape
    return min(number, max(1, round(math.sqrt(number * ASPECT * height / width))))


def mean_example(dataset: Dataset, split: str) -> Picture:
    """The mean of a split of images."""
    return _pictures.get(("mean", ref(dataset), split), lambda: _mean_example(dataset, split))


def _mean_example(dataset: Dataset, split: str) -> Picture:
    rows, info = getattr(dataset, split), dataset.info
    assert info.image_shape is not None
    pixels = plots.mean_picture(rows, info.image_shape, info.num_categories, pixels=600)
    title = f"Mean of all {len(rows):,} {SPLITS[split]} examples"
    height, width = info.image_shape
    return Picture(title, pixels, f"{title}, {height} × {width} pixels, as one grey picture.")


def means_alt(dataset: Dataset, split: str) -> str:
    """The bars of the variables' means in a sentence."""
    means = getattr(dataset, split).mean(axis=0, dtype=np.float64)
    low, high = int(means.argmin()), int(means.argmax())
    return (
        f"Mean category of each of {means.size} variables over the {split} split: from "
        f"{significant(means[low])} (variable {low + 1}) to "
        f"{significant(means[high])} (variable {high + 1})."
    )


def download_share(done: int, total: int) -> tuple[float, str]:
    """How much of a download is there: in 0 … 1 for a bar, and in words."""
    if not total:
        return 0.0, f"{short_bytes(done)} so far"
    return min(done / total, 1.0), f"{short_bytes(done)} of {short_bytes(total)}"
