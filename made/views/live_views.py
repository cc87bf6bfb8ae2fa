"""The living run as all who look at it see it: its curve and its pictures, made once a state."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from made.base.shared import Shared
from made.runs.folder import CHANGES, Run, samples_name
from made.views import run_views
from made.views.pictures import Picture

_CURVE_FILES = ("config.json", "losses.f32", "epochs.jsonl", CHANGES, "data.npz")


@dataclass(frozen=True)
class DrawnCurve:
    """option: what the live chart draws; alt: the same in a sentence. Nobody may change either."""

    option: dict[str, Any]
    alt: str


def curve(run: Run) -> DrawnCurve | None:
    """The curve of a run as far as it has come; None before its first minibatch."""
    return _curves.get(_state(run, _CURVE_FILES), lambda: _drawn(run))


def _drawn(run: Run) -> DrawnCurve | None:
    found = run_views.curve(run)
    if not len(found.losses) and not found.validation_nll:
        return None
    return DrawnCurve(found.option(), found.alt())


def pictures(run: Run) -> list[Picture]:
    """As `run_views.pictures` after the epoch that is shown."""
    epoch = run_views.shown_epoch(run)
    if epoch is None:
        return []
    key = _state(run, ("config.json", "data.npz", samples_name(epoch)))
    return _pictures.get((epoch, key), lambda: run_views.pictures(run, epoch))


_curves: Shared[DrawnCurve | None] = Shared(32)
_pictures: Shared[list[Picture]] = Shared(64)


def _state(run: Run, names: tuple[str, ...]) -> tuple[object, ...]:
    """What changes when one of these files does."""
    return (run.path, *(_stamp(run.path / name) for name in names))


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
