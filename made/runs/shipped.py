"""The runs that come with the project: how they are told from others, and where they lie."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from made.base import places


def shipped_homes() -> list[Path]:
    """The folders in which shipped runs lie: one for all, and one for each shipped study."""
    folder = places.shipped_folder()
    try:
        changed = (folder / places.STUDIES).stat().st_mtime_ns
    except OSError:
        return [folder]
    return [folder, *_study_homes(folder / places.STUDIES, changed)]


@lru_cache(maxsize=8)
def _study_homes(folder: Path, changed: int) -> list[Path]:
    """changed: when the folder was, so that another study in it is found."""
    return sorted(folder.glob("shipped-*"))


def is_shipped(id: str) -> bool:
    """Whether an id is that of a run that comes with the project."""
    return id.startswith("shipped-")
