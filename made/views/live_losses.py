"""The losses of runs that are looked at again and again, each time reading only what is new."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from made import plots
from made.runs.folder import Run

# So many of the losses known already are read again: where a run has gone back to a checkpoint and
# on from there, they are others.
COMPARED = 256
_MOST_KEPT = 32
_PART = 1 << 22  # losses that are read at once


@dataclass(frozen=True)
class _Look:
    """What a look at a run has found: which file, its losses, and the last of them as bytes."""

    file: int
    thinned: plots.Thinned
    ending: bytes


_last_looks: dict[Path, _Look] = {}


def thinned(run: Run) -> plots.Thinned:
    """All losses of a run so far."""
    look = _gone_on(run, _last_looks.get(run.path)) or _whole(run)
    if run.path not in _last_looks and len(_last_looks) >= _MOST_KEPT:
        _last_looks.clear()
    _last_looks[run.path] = look
    return look.thinned


def _whole(run: Run) -> _Look:
    # The file first: were it replaced meanwhile, the next look would find another one.
    file, count = _file(run), run.num_losses
    parts = (run.losses(first, min(_PART, count - first)) for first in range(0, count, _PART))
    thinned = plots.thin_parts(count, parts)
    return _Look(file, thinned, run.losses(max(len(thinned) - COMPARED, 0), COMPARED).tobytes())


def _gone_on(run: Run, before: _Look | None) -> _Look | None:
    """The next look, where the same file has only grown; None where all must be read again."""
    if before is None or before.file != _file(run):
        return None
    again, count = len(before.ending) // 4, run.num_losses
    # What has grown out of all proportion is read part by part.
    if not before.thinned.has_room(count):
        return None
    first = len(before.thinned) - again
    losses = run.losses(first, count - first)
    new = losses[again:]
    if losses[:again].tobytes() != before.ending:
        return None
    return _Look(before.file, before.thinned.extended(new), losses[-COMPARED:].tobytes())


def _file(run: Run) -> int:
    """Which file the losses are in: a run that goes back writes a new one."""
    try:
        return (run.path / "losses.f32").stat().st_ino
    except OSError:
        return 0
