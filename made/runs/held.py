"""A held run: its worker stays alive with the weights in memory, and does what it is told."""

from __future__ import annotations

import time

from made.base.errors import MadeError
from made.people import acting
from made.runs import disk, jobs, words
from made.runs.folder import LIVING, Run
from made.runs.jobs import LOCAL, Launcher
from made.runs.queues import queue_of
from made.runs.words import Word
from made.setups.config import ExperimentConfig

LOOK_SECONDS = 0.01


def start(
    config: ExperimentConfig,
    label: str | None = None,
    *,
    id: str | None = None,
    launcher: Launcher = LOCAL,
) -> Run:
    """Start a run that is held before its first minibatch. Raises MadeError, as `jobs.start`."""
    require_one_device(config)
    return jobs.start(config, label, id=id, launcher=_After("hold", launcher))


def resume(run: Run, word: Word = "step", *, launcher: Launcher = LOCAL) -> Run:
    """Let a run at rest come back held, and do this much. Raises MadeError, as `jobs.resume`."""
    require_one_device(run.config)
    return jobs.resume(run, launcher=_After(word, launcher))


@disk.sentences()
def ask(run: Run, word: Word, patience: float = 0.0) -> None:
    """Tell a living run to hold, or what to do from where it is held; no effect on one at rest.

    "step" is one minibatch, "epoch" goes on to the end of the epoch, and both hold it then; "play"
    lets it go on. patience: how many seconds to wait at most until it has done so, an epoch until
    it has begun it. Raises MadeError for a run on several devices.
    """
    require_one_device(run.config)
    acting.require("play", run)
    if run.state not in LIVING:
        return
    path = words.put(run, word)
    until = time.monotonic() + patience
    while time.monotonic() < until and path.exists():
        time.sleep(LOOK_SECONDS)


def require_one_device(config: ExperimentConfig) -> None:
    """Raises MadeError for a run whose minibatches several processes share."""
    if config.training.num_devices > 1:
        raise MadeError("A run on several devices cannot be held: let it train on one.")


class _After:
    """A launcher that tells the run a word before its process is there to miss it."""

    def __init__(self, word: Word, launcher: Launcher) -> None:
        self.word, self.launcher = word, launcher
        self.queue = queue_of(launcher)

    def launch(self, run: Run) -> int | None:
        words.put(run, self.word)
        return self.launcher.launch(run)
