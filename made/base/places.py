"""Where things live on this machine: the project, the runs, and what ships with the project."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import platformdirs

PACKAGE = Path(__file__).resolve().parents[1]
# The folder above the package: a checkout of the project, or where packages are installed.
PROJECT = PACKAGE.parent
# The folder of the studies, in the runs folder and in what ships with the project.
STUDIES = "studies"


def is_checkout() -> bool:
    """Whether this is the project's own folder, rather than an installed package."""
    return _is_checkout(PROJECT)


@lru_cache
def _is_checkout(folder: Path) -> bool:
    return (folder / "app.py").is_file() and (folder / "pyproject.toml").is_file()


def runs_folder() -> Path:
    """Where runs live: `MADE_RUNS_DIR`, else `checkpoints/` of a checkout, else the user's data.

    Absolute; it need not exist yet.
    """
    if folder := os.environ.get("MADE_RUNS_DIR"):
        path = Path(folder).expanduser()
        return _resolved(path) if path.is_absolute() else path.resolve()
    if is_checkout():
        return PROJECT / "checkpoints"
    return Path(platformdirs.user_data_dir("made")) / "runs"


# Every look at a run asks for it, and each folder on the way costs a call of the system.
@lru_cache
def _resolved(folder: Path) -> Path:
    return folder.resolve()


def shipped_folder() -> Path:
    """Where the runs lie that come with the project."""
    return PROJECT / "checkpoints" if is_checkout() else PACKAGE / "shipped"


def dashboard_folder() -> Path:
    """Where `app.py` and the pages lie."""
    return PROJECT if is_checkout() else PACKAGE / "dashboard"
