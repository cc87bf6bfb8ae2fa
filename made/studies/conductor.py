"""The process that conducts a study: it keeps the line for the devices filled until all is done.

    python -m made.studies.conductor STUDY_ID [LAUNCHER]

Each run is a run like any other, in a process of its own. Only so many are in line at a time as
train side by side, and the next one: a run that waits is a process that waits. An engine that
queues by itself gets all of them at once. What a study has started is recorded before it is
launched, so whoever conducts it next, even after a kill, takes what is there and goes on with the
rest.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from typing import Literal

from filelock import Timeout

from made.base import devices
from made.base.errors import MadeError
from made.base.places import runs_folder
from made.people import acting
from made.runs import handed, jobs, launchers
from made.runs.folder import LIVING, Run
from made.runs.jobs import LOCAL, LOCK_SECONDS, Launcher
from made.runs.queues import queue_of
from made.runs.requests import Request
from made.runs.store import new_id
from made.setups import cores, extensions
from made.setups.config import ExperimentConfig
from made.studies.folder import Status, StoredStudy, readable
from made.studies.plan import Plan, Wanted, plan
from made.studies.study import comparable

POLL_SECONDS = 0.5
# The most of its time that a conductor of very many runs spends on looking at them.
LOOKING_SHARE = 0.2
Ending = Literal["ended", "paused", "stopped"]


class Conductor:
    """Conducts one study; it holds the study's lock.

    begun: what has been started or resumed, each at most once: a run that fails again, or that a
    person pauses meanwhile, is left as it is. places: how many runs may be in line, with the one
    that comes next among them.
    """

    def __init__(self, stored: StoredStudy, launcher: Launcher) -> None:
        self.stored = stored
        self.launcher = launcher
        self.begun: set[ExperimentConfig] = set()
        self.runs: dict[str, Run] = {}
        self.is_done = False
        self.places = 1

    def step(self) -> bool:
        """Fill the line as far as it is empty. Returns whether anything is still to come."""
        living = self._living()
        if queue_of(self.launcher).is_endless:
            return self._hand_over(len(living))
        while not self.is_done and len(living) < self.places:
            waiting = [one for one in self._look() if comparable(one.config) not in self.begun]
            living = self._living()
            self.is_done = not waiting
            if waiting:
                self.places = places_in_line(waiting[0].config)
                if len(living) < self.places:
                    living.append(self._begin(waiting[0]))
        return bool(living) or not self.is_done

    def _living(self) -> list[Run]:
        """What of the study lives; what an engine has, lives also while its cluster is silent."""
        return [
            run for run in self.runs.values() if run.state in LIVING or handed.is_there(run.path)
        ]

    def _hand_over(self, num_living: int) -> bool:
        """Start all that waits, at one look, until nothing does and nothing lives any more."""
        if self.is_done:
            return num_living > 0
        waiting = [one for one in self._look() if comparable(one.config) not in self.begun]
        self.is_done = not waiting
        new = {comparable(one.config): new_id() for one in waiting if one.run is None}
        record = self.stored.record
        self.stored.write(taken=record.taken, started=(*record.started, *new.values()))
        for one in waiting:
            if self.stored.requested:
                break
            self._begin(one, new.get(comparable(one.config)))
        return True

    def _look(self) -> tuple[Wanted, ...]:
        """What waits now; what is there already is recorded as belonging to the study."""
        found = self.plan()
        self.runs |= {run.id: run for run in found.found}
        # One that cannot be read just now is the study's still; one that was deleted is not.
        started = [id for id in self.stored.record.started if (runs_folder() / id).is_dir()]
        taken = [run.id for run in found.found if run.id not in started]
        self.stored.write(taken=taken, started=started)
        return found.waiting

    def plan(self) -> Plan:
        return plan(self.stored.study, own=self.stored.run_ids, owner=self.stored.owner)

    def _begin(self, one: Wanted, id: str | None = None) -> Run:
        """id: of a run that is recorded already."""
        self.begun.add(comparable(one.config))
        if one.run is not None:
            return jobs.resume(one.run, launcher=self.launcher)
        if id is None:
            record, id = self.stored.record, new_id()
            self.stored.write(taken=record.taken, started=(*record.started, id))
        with acting.on_behalf(self.stored.owner):
            run = jobs.start(one.config, one.label, id=id, launcher=self.launcher)
        self.runs[run.id] = run
        return run

    def ask_runs(self, word: Request) -> None:
        """Pass a word on to the runs that this study has started or resumed."""
        resumed = {run.id for run in self.runs.values() if comparable(run.config) in self.begun}
        ask_runs(self.stored, word, also=resumed)


def places_in_line(config: ExperimentConfig) -> int:
    """How many runs like this one are in line at once: as many as train side by side, and the next.

    Raises MadeError where its device is not there.
    """
    if devices.resolve(config.training.device) == "cpu":
        return cores.side_by_side(config) + 1
    return sum(device.name.startswith("cuda:") for device in devices.list_devices()) + 1


def ask_runs(stored: StoredStudy, word: Request, also: Iterable[str] = ()) -> None:
    """Pass a word on to the living runs that a study has started. also: ids of others."""
    ask = {"pause": jobs.pause, "stop": jobs.stop}[word]
    for run in readable({*stored.record.started, *also}):
        ask(run)


def conduct(
    stored: StoredStudy,
    *,
    launcher: Launcher = LOCAL,
    on_look: Callable[[], None] | None = None,
) -> Ending:
    """Bring a study to its end in this process, and return how it ended.

    "ended": all runs have come to an end, whatever that is; "paused" or "stopped": it was asked to.
    on_look: called after each look at the runs. KeyboardInterrupt stops the runs, then goes on.
    Raises MadeError where another process conducts the study or a run cannot be started.
    """
    try:
        hold = stored.lock().acquire(timeout=LOCK_SECONDS)
    except Timeout:
        raise MadeError(f"The study {stored.title!r} is conducted by another process.") from None
    with hold:
        conductor = Conductor(stored, launcher)
        stored.say(Status(state="conducting", launched=time.time()))
        try:
            ending = _until_done(conductor, on_look or (lambda: None))
        except KeyboardInterrupt:
            conductor.ask_runs("stop")
            stored.say(Status(state="stopped"))
            raise
        except Exception as error:
            stored.say(Status(state="failed", message=str(error) or type(error).__name__))
            raise
        stored.say(Status(state=ending))
        stored.withdraw()
        return ending


def _until_done(conductor: Conductor, on_look: Callable[[], None]) -> Ending:
    while True:
        if word := conductor.stored.requested:
            conductor.ask_runs(word)
            return "paused" if word == "pause" else "stopped"
        begin = time.monotonic()
        goes_on = conductor.step()
        on_look()
        if not goes_on:
            return "ended"
        time.sleep(max(POLL_SECONDS, (time.monotonic() - begin) / LOOKING_SHARE))


def main(arguments: list[str] | None = None) -> int:
    """The entry of a launched process."""
    id, *name = arguments or sys.argv[1:]
    extensions.load()
    stored = StoredStudy.open(id)
    conduct(stored, launcher=launchers.chosen(*name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
