"""Words to a run that is held, or shall be: each a file of its own, `words/<time>-<word>`.

None is lost however fast they come. The worker takes the oldest away once it has done it, which
whoever has asked may wait for.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Literal, get_args

from made.runs.folder import Run

Word = Literal["hold", "step", "epoch", "play"]
WORDS: tuple[Word, ...] = get_args(Word)
FOLDER = "words"


def put(run: Run, word: Word) -> Path:
    """Say a word after all others; its file, which is gone once it is done."""
    folder = run.path / FOLDER
    folder.mkdir(exist_ok=True)
    path = folder / f"{time.time_ns():020}-{word}"
    path.touch()
    return path


def oldest(run: Run) -> tuple[Path, Word] | None:
    """The word that is to be done next, and its file."""
    try:
        paths = sorted((run.path / FOLDER).iterdir())
    except OSError:
        return None
    for path in paths:
        said = path.name.partition("-")[2]
        word = next((known for known in WORDS if known == said), None)
        if word is not None:
            return path, word
    return None


def withdraw(run: Run) -> None:
    """Forget all words."""
    with suppress(OSError):
        for path in (run.path / FOLDER).iterdir():
            path.unlink(missing_ok=True)
