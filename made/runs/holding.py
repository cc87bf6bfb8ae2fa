"""The worker's side of a held run: what it does between two events."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Literal

from made.base.errors import MadeError
from made.runs import moments, words
from made.runs.folder import Run
from made.runs.recorder import Recorder
from made.training.events import EpochEnd, Event, Progress
from made.training.learner import Learner

POLL_SECONDS = 0.03
# A run that nobody plays with any more must not keep its device from the others for ever.
PATIENCE_SECONDS = 300.0
FORGOTTEN = "Held for long without a word, it was paused: Resume or Step goes on from here."


class Forgotten(Exception):
    """Nobody has told the held run anything for too long."""


class Holding:
    """Whether a run plays, stands, or goes on for one minibatch or to the end of its epoch.

    attend: what the worker looks after between two events; what it raises ends the run.
    """

    def __init__(self, run: Run, recorder: Recorder, learner: Learner, attend: Callable[[], None]):
        self.run, self.recorder, self.learner, self.attend = run, recorder, learner, attend
        self.mode: Literal["play", "held", "step", "epoch"] = "play"
        self.doing: Path | None = None
        self.heard = time.monotonic()

    def after(self, event: Event | None = None) -> None:
        """Return as soon as the run may go on. event: the one just recorded.

        Raises Forgotten, after a checkpoint, where nobody says a word any more.
        """
        if self.mode == "step":
            if not _is_whole(event):
                return
            self._stand()
        elif self.mode == "epoch" and isinstance(event, EpochEnd):
            self._stand()
        while True:
            said = words.oldest(self.run)
            if said is not None:
                self._take(*said)
            if self.mode != "held":
                return
            if said is None:
                self._wait()

    def _take(self, path: Path, word: words.Word) -> None:
        self.heard = time.monotonic()
        try:
            self.learner.step_by_step(word in ("hold", "step"))
        except MadeError as error:
            path.unlink(missing_ok=True)
            self.recorder.say(str(error))
            return
        if word == "hold":
            self.doing = path
            self._stand()
            return
        self.mode = word
        if word == "step":
            self.doing = path
            self.recorder.clock.start()
            return
        moments.remove(self.run)
        self.recorder.go_on()
        path.unlink(missing_ok=True)

    def _stand(self) -> None:
        """Be held here; the word that led here is done once the status tells of it."""
        self.mode, self.heard = "held", time.monotonic()
        self.recorder.hold()
        if self.doing is not None:
            self.doing.unlink(missing_ok=True)
            self.doing = None
        with suppress(MadeError):
            self.learner.step_by_step(True)

    def _wait(self) -> None:
        if time.monotonic() - self.heard >= PATIENCE_SECONDS:
            self.recorder.require_saved()
            raise Forgotten(FORGOTTEN)
        time.sleep(POLL_SECONDS)
        self.attend()


def _is_whole(event: Event | None) -> bool:
    """Whether a minibatch is done, and with the last one of an epoch its measurement."""
    return isinstance(event, EpochEnd) or (isinstance(event, Progress) and not event.ends_epoch)
