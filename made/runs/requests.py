"""What a person asks a run to do, by a file in its folder that the run's worker looks for."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from made.base.files import bytes_or_none

FILE = "request"
Request = Literal["pause", "stop"]
REQUESTS: tuple[Request, ...] = get_args(Request)


def requested(run_path: Path) -> Request | None:
    """What the run has been asked to do and has not done yet."""
    word = (bytes_or_none(run_path / FILE, limit=16) or b"").decode(errors="replace")
    return next((request for request in REQUESTS if request == word), None)
