"""The tickets of those in line: each is a file `.line/<device>/<time>_<id>` in the runs folder."""

from __future__ import annotations

import os
from pathlib import Path

FOLDER = ".line"


def file_name(device: str) -> str:
    """A device as a part of the name of a file."""
    return device.replace(":", "-")


def folder(runs_folder: Path, device: str) -> Path:
    return runs_folder / FOLDER / file_name(device)


def ids(runs_folder: Path, device: str) -> list[str]:
    """Whose tickets lie there, the oldest first; whether they still wait is not looked at."""
    return [name.partition("_")[2] for name in names(runs_folder, device)]


def names(runs_folder: Path, device: str) -> list[str]:
    """The names of the tickets of a device, the oldest first."""
    try:
        with os.scandir(folder(runs_folder, device)) as entries:
            return sorted(entry.name for entry in entries if "_" in entry.name)
    except OSError:
        return []
