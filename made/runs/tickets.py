"""The tickets of those in line: each is a file `.line/<device>/<time>_<id>` in the runs folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

FOLDER = ".line"
DEVICE = re.compile(r"cpu|mps|cuda-\d{1,4}", re.ASCII)


def file_name(device: str) -> str:
    """A device as a part of the name of a file."""
    return device.replace(":", "-")


def devices(runs_folder: Path) -> list[str]:
    """The devices that have a folder, also those that are there no more."""
    try:
        with os.scandir(runs_folder / FOLDER) as entries:
            found = sorted(entry.name for entry in entries if DEVICE.fullmatch(entry.name))
    except OSError:
        return []
    return [name.replace("-", ":") for name in found]


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
