"""What people upload, read with care: a joint, a picture, or rows. Every refusal is a MadeError.

Each reader takes the content of a file and a `Source`, which knows the name that the person gave
it; that name is used in messages only and never becomes part of a path.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from made.base.errors import MadeError
from made.datasets.arrays import Source, read_npy, read_npz
from made.datasets.base import smallest_type, split_rows
from made.datasets.download import Progress
from made.datasets.rows import check_shape, check_splits
from made.datasets.uploads.csv import read_csv
from made.datasets.uploads.limits import MAX_UPLOAD_BYTES

if TYPE_CHECKING:
    from PIL import Image

MIN_GRID, MAX_GRID = 2, 1000
MAX_PIXELS = 50_000_000
DARK_PAPER, BRIGHT_PAPER = 255, 0  # without mass where that is the darkness, or the brightness
PICTURE_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")  # none that runs a program
BROKEN_PICTURE = (
    OSError,
    SyntaxError,
    EOFError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    MemoryError,
    struct.error,
    zlib.error,
)

Splits = tuple[np.ndarray, np.ndarray, np.ndarray]


def read_joint(content: bytes, source: Source) -> np.ndarray:
    """A table of non-negative masses (K, K) from .npy, normalised to sum to 1 in float64."""

    def check(shape: tuple[int, ...]) -> None:
        if len(shape) != 2 or shape[0] != shape[1]:
            raise source.refuse(
                f"is an array of shape {shape}, not a square table",
                "save a K × K array, one row a value of x1 and one column a value of x2",
            )
        if not MIN_GRID <= shape[0] <= MAX_GRID:
            raise source.refuse(
                f"is a table of {shape[0]} × {shape[0]} cells",
                f"bring one of {MIN_GRID} × {MIN_GRID} to {MAX_GRID} × {MAX_GRID}",
            )

    table = read_npy(
        io.BytesIO(content),
        source,
        num_bytes=len(content),
        max_bytes=MAX_UPLOAD_BYTES,
        check=check,
    )
    with np.errstate(over="ignore"):
        table = table.astype(np.float64)
    if not np.isfinite(table).all():
        raise source.refuse(
            "holds a mass that is not finite (NaN or infinity)",
            "set such cells to 0 and save it again",
        )
    if table.min() < 0:
        raise source.refuse(
            f"holds a negative mass ({table.min():.4g})",
            "probabilities are 0 or more, so clip or shift the table and save it again",
        )
    return normalised(table, source, "give at least one cell a positive mass")


def read_picture(
    content: bytes, source: Source, *, grid_size: int = 200, bright: bool = False
) -> np.ndarray:
    """A joint (K, K) whose mass is the darkness of a picture's pixels, or their brightness.

    The largest square in the middle is taken, in grey, and averaged down to K × K with
    K = grid_size, or the square's side where that is smaller. Transparent parts have no mass.
    """
    _check_grid(grid_size, source)
    (grey,) = read_grey(content, source, papers=(BRIGHT_PAPER if bright else DARK_PAPER,))
    return joint_of_grey(grey, source, grid_size=grid_size, bright=bright)


def read_grey(
    content: bytes, source: Source, papers: tuple[int, ...] = (DARK_PAPER, BRIGHT_PAPER)
) -> list[np.ndarray]:
    """A picture in grey, uint8 (H, W), once on each paper: what shows where it is transparent."""
    from PIL import Image, ImageOps

    too_large = source.refuse(
        f"is a picture of more than {MAX_PIXELS // 1_000_000} million pixels",
        "make it smaller; a few hundred pixels a side are enough",
    )
    try:
        picture: Image.Image = Image.open(io.BytesIO(content), formats=PICTURE_FORMATS)
        if picture.width * picture.height > MAX_PIXELS:
            raise too_large
        picture = ImageOps.exif_transpose(picture)
        return [np.asarray(_grey(picture, paper)) for paper in papers]
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise too_large from error
    except MadeError:
        raise
    except BROKEN_PICTURE as error:
        raise source.refuse(
            "is not a readable picture (truncated, damaged or of another kind)",
            "open it in an image program and save it as PNG",
        ) from error


def joint_of_grey(
    levels: np.ndarray, source: Source, *, grid_size: int, bright: bool
) -> np.ndarray:
    """The joint (K, K) of a picture in grey, uint8 (H, W), on the paper that has no mass.

    bright: its mass is the brightness of the pixels, rather than their darkness.
    """
    from PIL import Image

    _check_grid(grid_size, source)
    grey = Image.fromarray(levels)
    side = min(grey.size)
    if side < MIN_GRID:
        raise source.refuse(
            f"is a picture of {grey.width} × {grey.height} pixels",
            f"bring one of at least {MIN_GRID} × {MIN_GRID} pixels",
        )
    left, top = (grey.width - side) / 2, (grey.height - side) / 2
    size = min(grid_size, side)
    square = grey.resize(
        (size, size), Image.Resampling.BOX, box=(left, top, left + side, top + side)
    )
    mass = np.asarray(square, dtype=np.float64)
    return normalised(
        mass if bright else 255 - mass,
        source,
        "let darkness be the mass, for it is all black"
        if bright
        else "let brightness be the mass, for it is all white",
    )


def _check_grid(grid_size: int, source: Source) -> None:
    if not MIN_GRID <= grid_size <= MAX_GRID:
        raise source.refuse(
            f"cannot become a grid of {grid_size} × {grid_size} cells",
            f"choose a grid size of {MIN_GRID} to {MAX_GRID}",
        )


def _grey(picture: Image.Image, paper: int) -> Image.Image:
    """The picture in 8-bit grey, laid on paper where it is transparent."""
    from PIL import Image

    if picture.mode.startswith(("I", "F")):
        levels = np.asarray(picture, dtype=np.float64)
        levels = np.nan_to_num(levels) - min(0.0, float(np.nanmin(levels)))
        scaled = levels * (255 / max(float(levels.max()), 1.0))
        return Image.fromarray(scaled.astype(np.uint8))
    picture = picture.convert("RGBA")
    background = Image.new("RGBA", picture.size, (paper, paper, paper, 255))
    return Image.alpha_composite(background, picture).convert("L")


def normalised(table: np.ndarray, source: Source, mend: str) -> np.ndarray:
    """The table over its sum; divided by its maximum first, so that no sum overflows."""
    largest = table.max()
    if largest <= 0:
        raise source.refuse("has no mass at all (every cell is 0)", mend)
    table = table / largest
    return table / table.sum()


def read_rows(
    content: bytes,
    source: Source,
    suffix: str,
    seed: int = 0,
    progress: Progress | None = None,
) -> tuple[Splits, int]:
    """Splits of integers (N, D) and their number of categories K, from .npy, .npz or .csv.

    A file without splits is dealt 80 / 10 / 10 at random by `seed`; one with splits keeps them.
    progress: hears of the bytes that are read, where reading takes long.
    """
    arrays = READERS[suffix](content, source, progress)
    num_categories = check_splits(arrays, source)
    small = [array.astype(smallest_type(num_categories)) for array in arrays.values()]
    splits = split_rows(small[0], seed) if len(small) == 1 else tuple(small)
    train, validation, test = (np.ascontiguousarray(split) for split in splits)
    return (train, validation, test), num_categories


SPLIT_NAMES = (
    ("train", "train_data", "x_train"),
    ("validation", "valid", "valid_data", "validation_data", "val", "x_validation", "x_valid"),
    ("test", "test_data", "x_test"),
)


def _from_npy(content: bytes, source: Source, progress: Progress | None) -> dict[str, np.ndarray]:
    rows = read_npy(
        io.BytesIO(content),
        source,
        num_bytes=len(content),
        max_bytes=MAX_UPLOAD_BYTES,
        check=lambda shape: check_shape(shape, source),
    )
    return {"rows": rows}


def _from_npz(content: bytes, source: Source, progress: Progress | None) -> dict[str, np.ndarray]:
    chosen: list[str] = []

    def select(names: list[str]) -> list[str]:
        firsts = [next((name for name in names if name in known), None) for known in SPLIT_NAMES]
        found = [name for name in firsts if name is not None]
        if len(found) == len(SPLIT_NAMES):
            chosen.extend(found)
        elif len(names) == 1:
            chosen.extend(names)
        else:
            listed = ", ".join(f"'{name[:40]}'" for name in names[:6])
            raise source.refuse(
                f"holds the arrays {listed}",
                "name three of them train, validation and test, or save a single array",
            )
        return chosen

    def check(name: str, shape: tuple[int, ...]) -> None:
        check_shape(shape, source, f" in '{name}'" if len(chosen) > 1 else "")

    arrays = read_npz(io.BytesIO(content), source, select, max_bytes=MAX_UPLOAD_BYTES, check=check)
    return {name: arrays[name] for name in chosen}


def _from_csv(content: bytes, source: Source, progress: Progress | None) -> dict[str, np.ndarray]:
    return {"rows": read_csv(content, source, progress)}


READERS: dict[str, Callable[[bytes, Source, Progress | None], dict[str, np.ndarray]]] = {
    ".npy": _from_npy,
    ".npz": _from_npz,
    ".csv": _from_csv,
}
