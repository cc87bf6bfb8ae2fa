"""A person's own data: checked, stored once under the hash of their content, and listed by name."""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Literal

import numpy as np

from made.base.errors import MadeError
from made.base.files import write_atomically
from made.base.places import runs_folder
from made.datasets.arrays import Source, read_npz
from made.datasets.base import (
    JOINT_SETTINGS,
    Dataset,
    DatasetInfo,
    Family,
    joint_dataset,
    joint_info,
)
from made.datasets.download import Progress
from made.datasets.uploads.readers import read_joint, read_picture, read_rows

if TYPE_CHECKING:
    from made.datasets.settings import DataConfig

MAX_UPLOAD_BYTES = 200 << 20
MAX_LABEL = 80
SPLITS = ("train", "validation", "test")
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
    mass: Literal["darkness", "brightness"] = "darkness",
    image_shape: tuple[int, int] | Literal["guess"] | None = "guess",
    seed: int = 0,
) -> str:
    """Check an upload and keep it; returns its dataset name. The same data give the same name.

    filename: used for its ending and in messages, never as a path. label: the title on screen.
    grid_size, mass: how a picture becomes a joint. image_shape: (height, width) of rows that are
    pictures, None for rows that are not. seed: deals rows that come without splits.
    Raises MadeError for everything that is not good data; nothing is stored then.
    """
    shown = _printable(PurePosixPath(filename.replace("\\", "/")).name) or "the upload"
    if kind not in SUFFIXES:
        raise MadeError(f"'{kind}' is not a kind of upload: choose one of {', '.join(SUFFIXES)}.")
    source = Source(shown, MENDS[kind])
    suffix = PurePosixPath(filename.lower()).suffix
    if suffix not in SUFFIXES[kind]:
        raise source.refuse(
            f"ends in '{_printable(suffix)}', which is not a kind of file for a {kind}"
            if suffix
            else f"has no ending that tells its kind, as a {kind} needs",
            f"bring one of {', '.join(SUFFIXES[kind])}",
        )
    content = _limited(content, source)
    metadata = {"kind": kind, "file": shown, "image_shape": None}
    if kind == "rows":
        splits, num_categories = read_rows(content, source, suffix, seed)
        arrays = dict(zip(SPLITS, splits, strict=True))
        num_variables = splits[0].shape[1]
        metadata["image_shape"] = _image_shape(image_shape, num_variables, num_categories, source)
        metadata["sizes"] = [len(split) for split in splits]
    else:
        joint = (
            read_joint(content, source)
            if kind == "joint"
            else read_picture(content, source, grid_size=grid_size, bright=mass == "brightness")
        )
        arrays, num_variables, num_categories = {"joint": joint}, 2, len(joint)
    metadata |= {"num_variables": num_variables, "num_categories": num_categories}
    metadata["hash"] = _hash(arrays, metadata["image_shape"])
    metadata["label"] = _printable(label or "") or _printable(PurePosixPath(shown).stem) or shown
    _store(arrays, metadata)
    return f"upload-{metadata['hash']}"


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


def delete_upload(name: str) -> None:
    """Forget an upload. Raises MadeError where there is none of that name."""
    metadata_path, arrays_path = _paths(name)
    if not metadata_path.is_file():
        raise _missing(name)
    metadata_path.unlink(missing_ok=True)
    arrays_path.unlink(missing_ok=True)


class Upload(Family):
    """One stored upload."""

    def __init__(self, name: str) -> None:
        metadata_path, self.path = _paths(name)
        self.name = name
        try:
            self.metadata = json.loads(metadata_path.read_text(encoding="utf-8"))
            self.settings = () if self.metadata["kind"] == "rows" else JOINT_SETTINGS
        except FileNotFoundError as error:
            raise _missing(name) from error
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise MadeError(
                f"'{name}' has a damaged description: delete it and upload the data again."
            ) from error

    def info(self, config: DataConfig) -> DatasetInfo:
        metadata = self.metadata
        num_categories = metadata["num_categories"]
        if metadata["kind"] != "rows":
            return joint_info(
                config,
                name=self.name,
                title=metadata["label"],
                description=f"Your own {num_categories} × {num_categories} joint, "
                f"from the {metadata['kind']} '{metadata['file']}'.",
                num_categories=num_categories,
            )
        num_train, num_validation, num_test = metadata["sizes"]
        shape = metadata["image_shape"]
        return DatasetInfo(
            name=self.name,
            title=metadata["label"],
            description=f"Your own rows, from '{metadata['file']}': "
            f"{metadata['num_variables']} variables of {num_categories} categories.",
            num_variables=metadata["num_variables"],
            num_categories=num_categories,
            image_shape=tuple(shape) if shape else None,
            is_joint=metadata["num_variables"] == 2,
            num_train=num_train,
            num_validation=num_validation,
            num_test=num_test,
        )

    def load(self, config: DataConfig, progress: Progress | None = None) -> Dataset:
        source = Source(str(self.path), "delete this dataset and upload the data again")
        keys = SPLITS if self.metadata["kind"] == "rows" else ("joint",)
        try:
            with self.path.open("rb") as stream:
                arrays = read_npz(stream, source, lambda names: [k for k in keys if k in names])
        except OSError as error:
            raise source.refuse(f"cannot be read ({error.strerror})") from error
        if _hash(arrays, self.metadata["image_shape"]) != self.metadata["hash"]:
            raise source.refuse("was changed after it was uploaded (its hash is wrong)")
        if "joint" in arrays:
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


def _image_shape(
    wish: tuple[int, int] | str | None, num_variables: int, num_categories: int, source: Source
) -> list[int] | None:
    if wish is None:
        return None
    if wish == "guess":
        side = math.isqrt(num_variables)
        is_picture = side * side == num_variables > 9 and num_categories <= 256
        return [side, side] if is_picture else None
    height, width = wish
    if height < 1 or height * width != num_variables:
        raise source.refuse(
            f"has {num_variables} columns, which do not make {height} × {width} pixels",
            "correct the picture's height and width, or leave them out",
        )
    return [int(height), int(width)]


def _printable(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable()).strip()[:MAX_LABEL]


def _hash(arrays: dict[str, np.ndarray], image_shape: list[int] | None) -> str:
    digest = hashlib.sha256(json.dumps(image_shape).encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(array)
    return digest.hexdigest()[:16]


def _paths(name: str) -> tuple[Path, Path]:
    """Paths of the description and the arrays, made of the hash alone."""
    match = NAME.fullmatch(name)
    if not match:
        raise _missing(name)
    return uploads_folder() / f"{match[1]}.json", uploads_folder() / f"{match[1]}.npz"


def _missing(name: str) -> MadeError:
    return MadeError(
        f"There is no upload '{_printable(name)}': it was deleted or lies in another folder of "
        "runs, so upload the data again or choose another dataset."
    )


def _store(arrays: dict[str, np.ndarray], metadata: dict) -> None:
    """Write the arrays and then the description, whose presence makes the upload exist."""
    metadata_path, arrays_path = _paths(f"upload-{metadata['hash']}")
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    try:
        arrays_path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(arrays_path, packed.getvalue())
        write_atomically(metadata_path, json.dumps(metadata, indent=1).encode())
    except OSError as error:
        raise MadeError(
            f"'{metadata['file']}' could not be stored in {arrays_path.parent} "
            f"({error.strerror}): free some space there and upload it again."
        ) from error
