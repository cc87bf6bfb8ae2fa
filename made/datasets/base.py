"""What a dataset is: integers (N, D), three splits that never leak, and the truth where known."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from made.base.errors import MadeError
from made.datasets.download import Progress, is_present
from made.datasets.given import SOURCE, SPLITS, arrays_of
from made.datasets.repeats import num_seen
from made.datasets.rows import check_splits, picture_shape

if TYPE_CHECKING:
    from made.datasets.download import RemoteFile
    from made.datasets.settings import DataConfig

DRAWS_AT_ONCE = 1_000_000  # bounds the memory of sampling: 8 MB of uniforms at a time


@dataclass(frozen=True, kw_only=True)
class DatasetInfo:
    """What can be said of a dataset before it is loaded.

    num_variables: D. num_categories: K, every value lies in 0 … K-1.
    image_shape: (height, width) with height × width = D, or None.
    is_joint: D = 2 and every state can be drawn as a K × K picture.
    has_truth: the true joint is known. needs_download: no local copy was found.
    settings: the fields of `DataConfig`, beside the name, that change these data.
    """

    name: str
    title: str
    description: str
    num_variables: int
    num_categories: int
    image_shape: tuple[int, int] | None = None
    is_joint: bool = False
    has_truth: bool = False
    num_train: int | None = None
    num_validation: int | None = None
    num_test: int | None = None
    needs_download: bool = False
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """Three read-only arrays of integers (N, D) in the smallest unsigned type, and the truth.

    joint: float64 (K, K), joint[a, b] = p(x_1 = a, x_2 = b), or None where it is unknown.
    made_by: the settings from which the registry makes exactly these data, where it made them.
    Raises MadeError where an array is not what `info` says.
    """

    info: DatasetInfo
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    joint: np.ndarray | None = None
    # Not an argument, so that data of which something was replaced no longer claim to be these.
    made_by: DataConfig | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        for name in SPLITS:
            _check_split(name, getattr(self, name), self.info)
        if self.joint is not None:
            _check_joint(self.joint, self.info)
        for array in (self.train, self.validation, self.test, self.joint):
            if array is not None:
                array.setflags(write=False)

    @classmethod
    def from_arrays(
        cls,
        train: Any,
        validation: Any = None,
        test: Any = None,
        *,
        num_categories: int | None = None,
        image_shape: tuple[int, int] | Literal["guess"] | None = "guess",
        label: str = "Own data",
        joint: np.ndarray | None = None,
        seed: int = 0,
    ) -> Dataset:
        """Data that are in memory: whole numbers 0 … K-1, one row an example.

        train: an array (N, D) or pictures (N, height, width), a tensor, a pandas DataFrame, or a
        torch `Dataset` with a length, of whose items (x, label) the first is taken. Without the
        other two splits it is dealt 80 / 10 / 10 at random by `seed`; it may also be a tuple of
        all three, or {"train": …, "validation": …, "test": …}. num_categories: K, by default the
        largest value plus one. image_shape: (height, width) of rows that are pictures, None for
        rows that are not. joint: the true p(x_1, x_2), (K, K), where it is known.
        Raises MadeError for everything that is not good data.

        >>> data = Dataset.from_arrays(np.arange(40).reshape(20, 2) % 5, label="Fives")
        >>> data.train.shape, data.validation.shape, data.num_categories
        ((16, 2), (2, 2), 5)
        """
        if validation is not None or test is not None:
            train = {"train": train, "validation": validation, "test": test}
        given = arrays_of(train)
        found = check_splits(given.arrays, SOURCE, given.names)
        if joint is not None:
            joint = np.array(joint, np.float64)
            num_categories = num_categories or len(joint)
        num_categories = num_categories or found
        if found > num_categories:
            raise SOURCE.refuse(
                f"holds the value {found - 1}, but has {num_categories} categories",
                f"say num_categories={found}, or number them 0 … {num_categories - 1}",
            )
        small = [array.astype(smallest_type(num_categories)) for array in given.arrays.values()]
        splits = split_rows(small[0], seed) if len(small) == 1 else small
        rows = {name: np.ascontiguousarray(rows) for name, rows in zip(SPLITS, splits, strict=True)}
        num_variables = small[0].shape[1]
        wish = given.image_shape if image_shape == "guess" and given.image_shape else image_shape
        info = DatasetInfo(
            name="own",
            title=label,
            description=f"Own rows: {num_variables} variables of {num_categories} categories.",
            num_variables=num_variables,
            num_categories=num_categories,
            image_shape=picture_shape(wish, num_variables, num_categories, SOURCE),
            is_joint=num_variables == 2,
            has_truth=joint is not None,
            num_train=len(rows["train"]),
            num_validation=len(rows["validation"]),
            num_test=len(rows["test"]),
        )
        return cls(info=info, joint=joint, **rows)

    @property
    def name(self) -> str:
        return self.info.name

    @property
    def num_variables(self) -> int:
        return self.info.num_variables

    @property
    def num_categories(self) -> int:
        return self.info.num_categories

    @property
    def image_shape(self) -> tuple[int, int] | None:
        return self.info.image_shape

    @property
    def num_bytes(self) -> int:
        joint = 0 if self.joint is None else self.joint.nbytes
        return self.train.nbytes + self.validation.nbytes + self.test.nbytes + joint

    @cached_property
    def entropy(self) -> float | None:
        """H(x) of the true joint in nats: no model has a lower expected NLL."""
        return None if self.joint is None else entropy(self.joint)

    @cached_property
    def independence(self) -> float | None:
        """Cross-entropy of the product of the true marginals, H(x_1) + H(x_2), in nats."""
        if self.joint is None:
            return None
        return entropy(self.joint.sum(axis=1)) + entropy(self.joint.sum(axis=0))

    @cached_property
    def num_seen_test_rows(self) -> int | None:
        """How many test rows equal a training row; None for 2-D joints, whose few states recur."""
        return None if self.info.is_joint else num_seen(self.test, self.train)


def _check_split(name: str, rows: np.ndarray, info: DatasetInfo) -> None:
    """Raises MadeError unless the rows are integers (N, D) within 0 … K-1."""
    problem = ""
    if not isinstance(rows, np.ndarray) or rows.dtype.kind not in "iu":
        problem = f"is of type {getattr(rows, 'dtype', type(rows).__name__)}, not of integers"
    elif rows.ndim != 2 or rows.shape[1] != info.num_variables:
        problem = f"has the shape {rows.shape}, not (N, {info.num_variables})"
    elif rows.size and (rows.max() >= info.num_categories or rows.min() < 0):
        wrong = rows.max() if rows.max() >= info.num_categories else rows.min()
        problem = f"holds the value {wrong}, not only 0 … {info.num_categories - 1}"
    if problem:
        raise MadeError(
            f"The split '{name}' of '{info.name}' {problem}: made.Dataset.from_arrays makes a "
            "dataset of arrays and checks them."
        )


def _check_joint(joint: np.ndarray, info: DatasetInfo) -> None:
    """Raises MadeError unless it is the joint (K, K) of two variables, normalised."""
    shape = (info.num_categories,) * 2
    problem = ""
    if info.num_variables != 2:
        problem = f"is for 2 variables, not {info.num_variables}"
    elif joint.shape != shape:
        problem = f"has the shape {joint.shape}, not {shape}"
    elif not (joint >= 0).all() or abs(float(joint.sum()) - 1) > 1e-6:
        problem = "must have no negative mass and sum to 1"
    if problem:
        raise MadeError(f"The joint of '{info.name}' {problem}: correct it or leave it out.")


class Family(ABC):
    """One way to make a dataset; an instance a name stands in the registry.

    settings: the fields of `DataConfig` that change the data; the others have no effect.
    file: what must be at hand or downloaded, or None.
    """

    settings: tuple[str, ...] = ()
    file: RemoteFile | None = None

    @abstractmethod
    def info(self, config: DataConfig) -> DatasetInfo:
        """Describe the data without reading them."""

    @abstractmethod
    def load(self, config: DataConfig, progress: Progress | None = None) -> Dataset:
        """Read, draw or download the data. Raises MadeError."""

    def is_available(self) -> bool:
        """Whether `load` works without a download."""
        return self.file is None or is_present(self.file)


def entropy(probabilities: np.ndarray) -> float:
    """H = -sum p log p in nats, with 0 log 0 = 0."""
    positive = probabilities[probabilities > 0]
    return float(-(positive * np.log(positive)).sum())


def histogram(points: np.ndarray, num_categories: int) -> np.ndarray:
    """Counts of 2-D points. points: integers (N, 2). Returns uint32 (K, K)."""
    cells = points[:, 0].astype(np.int64) * num_categories + points[:, 1]
    counts = np.bincount(cells, minlength=num_categories**2)
    return counts.reshape(num_categories, num_categories).astype(np.uint32)


def smallest_type(num_categories: int) -> np.dtype:
    """The smallest unsigned integer type that holds 0 … K-1."""
    return np.min_scalar_type(num_categories - 1)


def split_sizes(num_rows: int, train: float = 0.8) -> tuple[int, int, int]:
    """Rows of train, validation and test; the last two are equal and share what train leaves."""
    held_out = int(num_rows * (1 - train) / 2 + 1e-9)
    return num_rows - 2 * held_out, held_out, held_out


def split_rows(
    rows: np.ndarray, seed: int, train: float = 0.8
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Deal the rows (N, D) at random into train, validation and test: each row goes to one."""
    shuffled = np.random.default_rng(seed).permutation(len(rows))
    num_train, num_validation, _ = split_sizes(len(rows), train)
    parts = np.split(shuffled, [num_train, num_train + num_validation])
    first, second, third = (np.ascontiguousarray(rows[part]) for part in parts)
    return first, second, third


def sample_joint(joint: np.ndarray, num_samples: int, seed: int | list[int]) -> np.ndarray:
    """Draw independent states of a joint (K, K) by inverting its cumulative distribution.

    Returns (num_samples, 2) in the smallest unsigned type. The same seed with more samples
    begins with the same samples. States of zero mass are never drawn.
    """
    cumulative = np.cumsum(joint, dtype=np.float64)
    cumulative /= cumulative[-1]
    generator = np.random.default_rng(seed)
    samples = np.empty((num_samples, 2), smallest_type(len(joint)))
    for start in range(0, num_samples, DRAWS_AT_ONCE):
        part = samples[start : start + DRAWS_AT_ONCE]
        states = np.searchsorted(cumulative, generator.random(len(part)), side="right")
        part[:, 0], part[:, 1] = np.divmod(states, joint.shape[1])
    return samples


JOINT_SETTINGS = ("num_samples", "data_seed")


def joint_info(
    config: DataConfig,
    *,
    name: str,
    title: str,
    description: str,
    num_categories: int,
    needs_download: bool = False,
) -> DatasetInfo:
    """The description of samples drawn from a known 2-D joint."""
    num_train, num_validation, num_test = split_sizes(config.num_samples)
    return DatasetInfo(
        name=name,
        title=title,
        description=description,
        num_variables=2,
        num_categories=num_categories,
        is_joint=True,
        has_truth=True,
        num_train=num_train,
        num_validation=num_validation,
        num_test=num_test,
        needs_download=needs_download,
    )


def joint_dataset(info: DatasetInfo, joint: np.ndarray, config: DataConfig) -> Dataset:
    """Draw the three splits of a joint (K, K) from three independent random streams.

    Streams of their own keep the splits independent whatever their sizes: a run on more
    samples of the same seed never trains on what a run on fewer is tested on.
    """
    train, validation, test = (
        sample_joint(joint, size, [config.data_seed, stream])
        for stream, size in enumerate(split_sizes(config.num_samples))
    )
    return Dataset(info=info, train=train, validation=validation, test=test, joint=joint)
