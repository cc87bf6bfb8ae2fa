"""A person's own data: checked, stored once under the hash of their content, and listed by name."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, get_args

import numpy as np

from made.base.errors import MadeError
from made.base.files import (
    Unreadable,
    pack_arrays,
    parse_object,
    read,
    read_or,
    write_atomically,
)
from made.base.places import runs_folder
from made.base.text import short_bytes
from made.datasets.arrays import MAX_BYTES, Source, read_npz
from made.datasets.base import (
    JOINT_SETTINGS,
    Dataset,
    DatasetInfo,
    Family,
    joint_dataset,
    joint_info,
    smallest_type,
)
from made.datasets.download import Progress
from made.datasets.given import SPLITS
from made.datasets.rows import picture_shape
from made.datasets.uploads.description import parse_description
from made.datasets.uploads.limits import MAX_UPLOAD_BYTES
from made.datasets.uploads.readers import read_joint, read_picture, read_rows
from made.people import acting
from made.people.persons import Owner, owner_of

if TYPE_CHECKING:
    from made.datasets.settings import DataConfig

MAX_LABEL = 80
MAX_DESCRIPTION = 1 << 16  # bytes
NAME = re.compile(r"upload-([0-9a-f]{16})")
SUFFIXES = {
    "joint": (".npy",),
    "rows": (".npy", ".npz", ".csv"),
    "picture": (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff"),
}
MENDS = {
    "joint": "save the table as plain numbers with numpy.save and upload it again",
    "rows": "save the rows as plain integers with numpy.save or numpy.savez and upload them again",
    "picture": "save the picture as PNG and upload it again",
}

Kind = Literal["joint", "rows", "picture"]
Mass = Literal["darkness", "brightness"]
MASSES: tuple[Mass, ...] = get_args(Mass)


def uploads_folder() -> Path:
    """Where uploads are kept, beside the runs."""
    return runs_folder() / "uploads"


def save_upload(
    filename: str,
    content: bytes | BinaryIO,
    *,
    kind: Kind,
    label: str | None = None,
    grid_size: int = 200,
    mass: Mass = "darkness",
    image_shape: tuple[int, int] | Literal["guess"] | None = "guess",
    seed: int = 0,
) -> str:
    """Check an upload and keep it; returns its dataset name. The same data give the same name.

    filename: used for its ending and in messages, never as a path. label: the title on screen.
    grid_size, mass: how a picture becomes a joint. image_shape: (height, width) of rows that are
    pictures, None for rows that are not. seed: deals rows that come without splits.
    Raises MadeError for everything that is not good data; nothing is stored then.
    """
    if kind not in SUFFIXES:
        raise MadeError(f"'{kind}' is not a kind of upload: choose one of {', '.join(SUFFIXES)}.")
    source = source_of(filename, kind)
    suffix = PurePosixPath(filename.lower()).suffix
    if suffix not in SUFFIXES[kind]:
        raise source.refuse(
            f"ends in '{_printable(suffix)}', which is not a kind of file for a {kind}"
            if suffix
            else f"has no ending that tells its kind, as a {kind} needs",
            f"bring one of {', '.join(SUFFIXES[kind])}",
        )
    content = _limited(content, source)
    if kind == "rows":
        splits, num_categories = read_rows(content, source, suffix, seed)
        return keep_rows_of_file(splits, num_categories, source, label, image_shape)
    if kind == "joint":
        joint = read_joint(content, source)
    else:
        joint = read_picture(content, source, grid_size=grid_size, bright=mass == "brightness")
    return keep_joint_of_file(joint, kind, source, label)


def kinds_of(filename: str) -> list[Kind]:
    """What a file of that ending can be read as."""
    ending = PurePosixPath(filename.lower()).suffix
    kinds: tuple[Kind, ...] = get_args(Kind)
    return [kind for kind in kinds if ending in SUFFIXES[kind]]


def source_of(filename: str, kind: Kind) -> Source:
    """What a person knows a file by, to be read as that kind."""
    shown = _printable(PurePosixPath(filename.replace("\\", "/")).name) or "the upload"
    return Source(shown, MENDS[kind])


def keep_rows_of_file(
    splits: Sequence[np.ndarray],
    num_categories: int,
    source: Source,
    label: str | None,
    image_shape: tuple[int, int] | Literal["guess"] | None,
) -> str:
    """Keep rows that were read from a file; arguments as in `save_upload` and `keep_rows`."""
    shape = picture_shape(image_shape, splits[0].shape[1], num_categories, source)
    label = _label(label, source)
    return keep_rows(splits, num_categories, image_shape=shape, label=label, file=source.name)


def keep_joint_of_file(joint: np.ndarray, kind: Kind, source: Source, label: str | None) -> str:
    """Keep a joint (K, K) that was read from a file of that kind; returns its dataset name."""
    metadata: dict[str, Any] = {"kind": kind, "file": source.name, "label": _label(label, source)}
    metadata |= {"image_shape": None, "num_variables": 2, "num_categories": len(joint)}
    return _store({"joint": joint}, metadata)


def _label(label: str | None, source: Source) -> str:
    """The title that a person gave, or else the file's name without its ending."""
    return _printable(label or "") or _printable(PurePosixPath(source.name).stem) or source.name


def keep_joint(joint: np.ndarray, *, label: str, description: str) -> str:
    """Keep a joint (K, K) that is no file's; returns its dataset name. Raises MadeError.

    description: what it is, in a sentence.
    """
    metadata = {
        "kind": "joint",
        "file": "",
        "label": _printable(label) or "Own data",
        "description": description,
        "image_shape": None,
        "num_variables": 2,
        "num_categories": len(joint),
    }
    return _store({"joint": joint}, metadata)


def keep_rows(
    splits: Sequence[np.ndarray],
    num_categories: int,
    *,
    label: str,
    image_shape: tuple[int, int] | None = None,
    joint: np.ndarray | None = None,
    file: str = "",
    description: str = "",
) -> str:
    """Keep checked rows; returns their dataset name. The same data give the same name.

    splits: train, validation and test, integers (N, D) in the smallest unsigned type. label: the
    title on screen. joint: the truth (K, K), where it is known. file: whose content they are,
    if any; rows with neither that nor a description of their own leave an upload of the same
    content as it is. Raises MadeError.
    """
    arrays = dict(zip(SPLITS, splits, strict=True))
    if joint is not None:
        arrays["joint"] = joint
    num_bytes = sum(array.nbytes for array in arrays.values())
    if num_bytes > MAX_BYTES:
        raise MadeError(
            f"'{_printable(label)}' has {short_bytes(num_bytes)} of rows, more than the "
            f"{short_bytes(MAX_BYTES)} that are kept: train on a part of them."
        )
    metadata = {
        "kind": "rows",
        "file": file,
        "label": _printable(label) or "Own data",
        "image_shape": list(image_shape) if image_shape else None,
        "sizes": [len(split) for split in splits],
        "num_variables": splits[0].shape[1],
        "num_categories": num_categories,
        "has_truth": joint is not None,
        "description": description,
    }
    # Rows may leave out their last categories: what is more than they tell belongs to the hash.
    if num_categories != max(2, 1 + max(int(split.max()) for split in splits)):
        metadata["declared_categories"] = num_categories
    return _store(arrays, metadata, is_replaced=bool(file or description))


def keep(dataset: Dataset) -> str:
    """Keep a dataset that is in memory; returns its name in the registry. Raises MadeError."""
    small = smallest_type(dataset.num_categories)
    splits = [getattr(dataset, name).astype(small) for name in SPLITS]
    if any(len(split) == 0 for split in splits):
        raise MadeError("'data' has a split without rows: give each of the three some rows.")
    return keep_rows(
        splits,
        dataset.num_categories,
        label=dataset.info.title,
        image_shape=dataset.image_shape,
        joint=dataset.joint,
    )


def upload_names() -> list[str]:
    """The names of all uploads, oldest first."""
    try:
        found = [
            (path.stat().st_mtime, f"upload-{path.stem}")
            for path in uploads_folder().glob("*.json")
            if NAME.fullmatch(f"upload-{path.stem}")
        ]
    except OSError:
        return []
    return [name for _, name in sorted(found)]


class Belonging:
    """To whom an upload belongs, in a class.

    path: of its description, by default where uploads are kept.
    """

    def __init__(self, name: str, path: Path | None = None) -> None:
        self.path = path or paths_of(name)[0]

    @property
    def owner(self) -> Owner | None:
        found = read_or(self.path, parse_object, {}, limit=MAX_DESCRIPTION)
        key = found.get("owner")
        return owner_of({"key": key, "name": found.get("owner_name", "its owner")})


class Upload(Family):
    """One stored upload."""

    def __init__(self, name: str) -> None:
        metadata_path, self.path = paths_of(name)
        self.name = name
        if not metadata_path.exists():
            raise missing(name)
        try:
            self.metadata = read(metadata_path, parse_description, limit=MAX_DESCRIPTION)
        except Unreadable as error:
            raise MadeError(
                f"'{name}' has a damaged description: delete it and upload the data again."
            ) from error
        self.settings = () if self.metadata["kind"] == "rows" else JOINT_SETTINGS

    def info(self, config: DataConfig) -> DatasetInfo:
        metadata = self.metadata
        num_categories = metadata["num_categories"]
        if metadata["kind"] != "rows":
            return joint_info(
                config,
                name=self.name,
                title=metadata["label"],
                description=metadata.get("description")
                or f"Your own {num_categories} × {num_categories} joint, "
                f"from the {metadata['kind']} '{metadata['file']}'.",
                num_categories=num_categories,
            )
        num_train, num_validation, num_test = metadata["sizes"]
        shape = metadata["image_shape"]
        return DatasetInfo(
            name=self.name,
            title=metadata["label"],
            description=metadata.get("description")
            or f"Your own rows, {_origin(metadata['file'])}: "
            f"{metadata['num_variables']} variables of {num_categories} categories.",
            num_variables=metadata["num_variables"],
            num_categories=num_categories,
            image_shape=tuple(shape) if shape else None,
            is_joint=metadata["num_variables"] == 2,
            has_truth=metadata.get("has_truth", False),
            num_train=num_train,
            num_validation=num_validation,
            num_test=num_test,
        )

    def load(self, config: DataConfig, progress: Progress | None = None) -> Dataset:
        source = Source(str(self.path), "delete this dataset and upload the data again")
        keys = ("joint",) if self.metadata["kind"] != "rows" else (*SPLITS, "joint")
        try:
            with self.path.open("rb") as stream:
                arrays = read_npz(stream, source, lambda names: [k for k in keys if k in names])
        except OSError as error:
            raise source.refuse(f"cannot be read ({error.strerror})") from error
        if _hash(arrays, self.metadata) != self.metadata["hash"]:
            raise source.refuse("was changed after it was uploaded (its hash is wrong)")
        if self.metadata["kind"] != "rows":
            return joint_dataset(self.info(config), arrays["joint"], config)
        return Dataset(info=self.info(config), **arrays)


def _limited(content: bytes | BinaryIO, source: Source) -> bytes:
    if not isinstance(content, bytes | bytearray | memoryview):
        content = content.read(MAX_UPLOAD_BYTES + 1)
    if len(content) > MAX_UPLOAD_BYTES:
        raise source.refuse(
            f"is larger than {MAX_UPLOAD_BYTES >> 20} MB", "bring fewer rows or a smaller type"
        )
    if not content:
        raise source.refuse("is empty (0 bytes)", "choose the file again once it is written")
    return bytes(content)


def _printable(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable()).strip()[:MAX_LABEL]


def _origin(file: str) -> str:
    return f"from '{file}'" if file else "given as arrays"


def _hash(arrays: dict[str, np.ndarray], metadata: dict[str, Any]) -> str:
    """The hash of the content: the arrays, and what of the description changes the model."""
    head = [metadata["image_shape"]]
    if "declared_categories" in metadata:
        head.append(metadata["declared_categories"])
    digest = hashlib.sha256(json.dumps(head if len(head) > 1 else head[0]).encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(array.data)
    return digest.hexdigest()[:16]


def paths_of(name: str) -> tuple[Path, Path]:
    """Paths of the description and the arrays, made of the hash alone."""
    match = NAME.fullmatch(name)
    if not match:
        raise missing(name)
    return uploads_folder() / f"{match[1]}.json", uploads_folder() / f"{match[1]}.npz"


def missing(name: str) -> MadeError:
    """The sentence on an upload that is not there."""
    return MadeError(
        f"There is no upload '{_printable(name)}': it was deleted or lies in another folder of "
        "runs, so upload the data again or choose another dataset."
    )


def _store(
    arrays: dict[str, np.ndarray], metadata: dict[str, Any], *, is_replaced: bool = True
) -> str:
    """Write the arrays and then the description, whose presence makes the upload exist.

    is_replaced: also where the same content is there already, whose label then changes.
    """
    metadata["hash"] = _hash(arrays, metadata)
    name = f"upload-{metadata['hash']}"
    metadata_path, arrays_path = paths_of(name)
    acting.require("upload")
    is_here = metadata_path.is_file() and arrays_path.is_file()
    if is_here and not (is_replaced and acting.refusal("change", Belonging(name)) is None):
        return name
    if owner := Belonging(name).owner or acting.owner():
        metadata |= {"owner": owner.key, "owner_name": owner.name}
    try:
        arrays_path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(arrays_path, pack_arrays(arrays))
        write_atomically(metadata_path, json.dumps(metadata, indent=1).encode())
    except OSError as error:
        raise MadeError(
            f"'{metadata['file'] or metadata['label']}' could not be stored in "
            f"{arrays_path.parent} ({error.strerror}): free some space there and try again."
        ) from error
    return name
