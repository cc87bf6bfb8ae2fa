"""What a person in a class may still begin: so many of their runs live, and so many are kept."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from made import datasets
from made.base.errors import MadeError
from made.base.text import counted
from made.people import acting
from made.people.house import Limits
from made.runs import store
from made.runs.folder import LIVING, Run
from made.runs.requests import requested
from made.setups import allowed
from made.setups.config import ExperimentConfig

# Two clicks at once, in two tabs, must not both find the last place free.
_turn = threading.Lock()


@contextmanager
def admission(config: ExperimentConfig) -> Iterator[None]:
    """What begins a run of this set-up does so in here. Raises MadeError where it may not."""
    with _turn:
        if reason := refusal(config):
            raise MadeError(reason)
        yield


def place() -> AbstractContextManager[None]:
    """What lets a run at rest go on does so in here. Raises MadeError where it may not."""
    return _within(_too_many)


def room() -> AbstractContextManager[None]:
    """What adds a run at rest does so in here. Raises MadeError where no more may be kept."""
    return _within(_too_many_kept)


@contextmanager
def _within(exceeded: Callable[[Limits], str | None]) -> Iterator[None]:
    with _turn:
        if (limits := acting.limits()) and (reason := exceeded(limits)):
            raise MadeError(reason)
        yield


def refusal(config: ExperimentConfig) -> str | None:
    """Why who acts now may not train this set-up now, in a sentence; None where they may."""
    if reason := acting.refusal("train"):
        return reason
    limits = acting.limits()
    if limits is None:
        return None
    return too_large(config) or _too_many(limits, is_new=True)


def too_large(config: ExperimentConfig) -> str | None:
    """Why a set-up is more than who acts now may have, whatever else they have begun."""
    limits = acting.limits()
    if limits is None:
        return None
    return allowed.too_large(config, datasets.info(config.data), limits)


def own_runs() -> list[Run]:
    """The runs of who acts now, newest first."""
    someone = acting.owner()
    if someone is None:
        return []
    return [run for run in store.list_runs() if run.owner and run.owner.key == someone.key]


def _too_many(limits: Limits, *, is_new: bool = False) -> str | None:
    own = own_runs()
    # One that was told to stop is on its way out.
    living = sum(run.state in LIVING and requested(run.path) != "stop" for run in own)
    if living >= limits.runs:
        return (
            f"You have {counted(living, 'run')} that wait or train, as many as one may have here "
            "at once: stop one, or wait for its end."
        )
    return _too_many_kept(limits) if is_new else None


def _too_many_kept(limits: Limits) -> str | None:
    number = len(own_runs())
    if number >= limits.kept_runs:
        return f"You have {counted(number, 'run')}, as many as one may keep here: delete some."
    return None
