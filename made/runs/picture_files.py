"""The pictures of a run's epochs and its note of the data, as they travel from store to store.

The same bounds hold where they are written into an archive and where they are read from one: what
leaves may always enter.
"""

from __future__ import annotations

import re
from pathlib import Path

from made.base.errors import MadeError
from made.base.text import counted, short_bytes
from made.datasets import DatasetInfo
from made.datasets.arrays import Source, read_npz
from made.runs import film_epochs
from made.runs.folder import Run, samples_name
from made.runs.records import fits, known_arrays

DATA = "data.npz"
MAX_FILES = 1000  # pictures of a run
MAX_BYTES = 2 * film_epochs.MAX_BYTES  # of all its pictures, and of its note of the data
MAX_UNPACKED = 2**30  # bytes of all their arrays

_NAME = re.compile(r"samples/epoch-(\d{5,18})\.npz", re.ASCII)
_MEND = "export the run again where it was trained"


def is_picture(name: str) -> bool:
    """Whether this is the name of an epoch's pictures, from the run's folder on.

    >>> [is_picture(f"samples/epoch-{text}.npz") for text in ("00012", "000012", "12", "../00012")]
    [True, False, False, False]
    """
    found = _NAME.fullmatch(name)
    return found is not None and name == samples_name(int(found[1]))


def require_sound(path: Path, info: DatasetInfo, most: int = MAX_UNPACKED) -> int:
    """The unpacked bytes of a file that holds arrays of just these data, and nothing else.

    Pickles are refused; sizes and headers are checked before an array is read. most: bytes that its
    arrays may have. Raises MadeError.
    """
    source = Source(path.name, _MEND)
    with path.open("rb") as stream:
        arrays = read_npz(stream, source, lambda names: names, max_bytes=most)
    for name, array in arrays.items():
        if not known_arrays({name: array}) or not fits(name, array, info):
            raise source.refuse(f"holds '{name[:40]}', which is no picture of these data")
    return sum(array.nbytes for array in arrays.values())


def require_all_sound(run: Run, info: DatasetInfo) -> None:
    """Raises MadeError unless all pictures and the note of the data in a folder may be shown."""
    left = MAX_UNPACKED
    for path in (run.path / DATA, *(run.path / samples_name(one) for one in run.sample_epochs())):
        if path.is_file():
            left -= require_sound(path, info, left)


def to_export(run: Run, info: DatasetInfo) -> tuple[dict[str, Path], list[str]]:
    """The files that an archive takes, by the names they have in it, and what it leaves out.

    The note of the data and the pictures of the best, the last and the first epoch come first; then
    the others as long as there is room.
    """
    files: dict[str, Path] = {}
    left_out: list[str] = []
    too_large, room, unpacked = 0, MAX_BYTES, MAX_UNPACKED
    for name, path in _wanted(run):
        try:
            size = path.stat().st_size
            if size > room or len(files) >= MAX_FILES:
                too_large += 1
                continue
            unpacked -= require_sound(path, info, unpacked)
        except FileNotFoundError:  # a worker that lives thins its pictures out
            continue
        except MadeError as error:
            left_out.append(str(error))
            continue
        room -= size
        files[name] = path
    if too_large:
        left_out.append(
            f"the pictures of {counted(too_large, 'epoch')}: all together may have "
            f"{short_bytes(MAX_BYTES)}"
        )
    return files, left_out


def _wanted(run: Run) -> list[tuple[str, Path]]:
    notes = (run.path / DATA, run.shared_data)
    found = [path for path in notes if path is not None and path.is_file()]
    names = map(samples_name, _by_importance(run))
    pictures = [(name, run.path / name) for name in names]
    return [(DATA, path) for path in found[:1]] + [each for each in pictures if each[1].is_file()]


def _by_importance(run: Run) -> list[int]:
    kept = run.sample_epochs()
    best = (run.best_epoch or {}).get("epoch")
    first = [epoch for epoch in (best, *kept[-1:], *kept[:1]) if epoch in kept]
    series = [epoch for epoch in kept if film_epochs.is_in_series(epoch)]
    return list(dict.fromkeys([*first, *series, *kept]))
