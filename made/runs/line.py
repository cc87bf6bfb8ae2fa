"""The line for a device: one ticket for each run that waits.

Where tickets lie says `made/runs/tickets.py`, who starts processes `made/runs/calls.py`. A device
has slots, each of them a lock: a GPU has one, and the CPU as many as `made/setups/cores.py` says.
The run with the oldest ticket takes the slots that it needs when their holders let go, which the
system sees to even if a holder is killed. Nobody behind it takes any before, so a run that needs
all of them gets them.
"""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from itertools import islice
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from made.base.devices import group, list_devices
from made.base.errors import MadeError
from made.base.files import is_locked
from made.base.places import runs_folder
from made.runs import handed, tickets
from made.runs.folder import LIVING, Run
from made.runs.writer import RunWriter
from made.setups import cores
from made.setups.config import ExperimentConfig

# So many at the head of a line have a process, the first and the one that moves up behind it.
AHEAD = 2


def queue_place(run: Run) -> int | None:
    """How many waiting runs come before this one: 0 if it runs or is next.

    None at rest, and where it does not wait here but for an engine.
    """
    if run.state not in LIVING or handed.is_there(run.path):
        return None
    ticket = _ticket(run)
    return 0 if ticket is None else _index(run, waiting(ticket.parent.name))


def waiting(device: str) -> list[str]:
    """Ids of the living runs that wait for a device, the next one first."""
    return list(_waiting(device))


def _waiting(device: str) -> Iterator[str]:
    """The same one by one; tickets of runs that do not wait any more are cleared away."""
    for name in tickets.names(runs_folder(), device):
        id = name.partition("_")[2]
        waits = _waits(id)
        if waits:
            yield id
        elif waits is False:
            # A disk that cannot be written keeps it, and it counts as little.
            with suppress(OSError):
                (tickets.folder(runs_folder(), device) / name).unlink(missing_ok=True)


def is_next(run: Run, device: str) -> bool:
    return next(_waiting(device), run.id) == run.id


def called(device: str) -> list[Run]:
    """The runs at the head of a line, which are to have a process."""
    runs = []
    for id in islice(_waiting(device), AHEAD):
        # A run may be deleted at any moment.
        with suppress(MadeError):
            runs.append(Run.open(id))
    return runs


def devices() -> list[str]:
    """The devices for which somebody may wait."""
    return [name for name in tickets.devices(runs_folder()) if tickets.names(runs_folder(), name)]


def waits_uncalled(run: Run) -> bool:
    """Whether the run is too far from its turn to have a process; then it is recorded as queued.

    The caller does not hold the run's lock.
    """
    device = run.recorded.device
    if run.id in (one.id for one in called(device)):
        return False
    with suppress(Timeout), run.lock().acquire(blocking=False):
        if in_line(run) and run.recorded.state == "starting":
            RunWriter(run).update(state="queued", message="", pid=None)
    return run.is_uncalled


def in_line(run: Run) -> bool:
    return _ticket(run) is not None


def enter(run: Run, device: str | None = None, writer: RunWriter | None = None) -> str:
    """Take a ticket for the run's device and record it; the caller holds the run's lock.

    device: by default the one that the configuration asks for. Returns it. writer: of who has
    written to the run before and will again. A run that begins gets its number of threads with it.
    """
    device = device or resolve_device(run.config)
    leave(run)
    threads = cores.num_threads(run.config) if device == "cpu" else 0
    record_waiting(run, device, threads, writer)
    line = tickets.folder(runs_folder(), device)
    line.mkdir(parents=True, exist_ok=True)
    (line / f"{time.time_ns():020}_{run.id}").touch()
    return device


def record_waiting(
    run: Run, device: str, threads: int, writer: RunWriter | None = None, state: str = "starting"
) -> None:
    """Record that a run waits for a device from now on, to begin or to go on.

    threads: of one that begins. The caller holds the run's lock.
    """
    (run.path / "launch.json").unlink(missing_ok=True)
    at_start: dict[str, Any] = {
        "message": "",
        "cause": "",
        "ended": None,
        "pid": None,
        "node": "",
        "seconds_left": None,
    }
    if not run.recorded.threads and "last" not in run.checkpoints():
        at_start["threads"] = threads
    (writer or RunWriter(run)).update(
        durable=True, state=state, device=device, launched=time.time(), **at_start
    )


def leave(run: Run) -> None:
    """Give the ticket back, if there is one."""
    for ticket in (runs_folder() / tickets.FOLDER).glob(f"*/*_{run.id}"):
        ticket.unlink(missing_ok=True)


def take(device: str, count: int) -> ExitStack | None:
    """Hold so many slots of a device until the stack is closed, or none where fewer are free.

    Who held a part of what it needs could wait for ever for who holds the rest.
    """
    with ExitStack() as taken:
        for path in _slots(device):
            path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(Timeout):
                taken.enter_context(FileLock(path).acquire(blocking=False))
                count -= 1
            if count == 0:
                return taken.pop_all()
    return None


def resolve_device(config: ExperimentConfig) -> str:
    """The device of a configuration, or its first; "auto" prefers one that nobody uses."""
    occupants: Counter[str] = Counter()
    for device in list_devices():
        if device.name.startswith("cuda:"):
            taken = sum(map(is_locked, _slots(device.name)))
            occupants[device.name] = len(waiting(device.name)) + taken
    settings = config.training
    return group(settings.device, settings.num_devices, occupants)[0]


def _slots(device: str) -> list[Path]:
    """The lock files of a device: the first has its name, the others a number as well."""
    others = range(1, cores.num_slots() if device == "cpu" else 1)
    name = tickets.file_name(device)
    names = [name, *(f"{name}-{number}" for number in others)]
    return [runs_folder() / ".locks" / f"{name}.lock" for name in names]


def _ticket(run: Run) -> Path | None:
    return next((runs_folder() / tickets.FOLDER).glob(f"*/*_{run.id}"), None)


def _waits(id: str) -> bool | None:
    """Whether a run waits; None where that cannot be told just now."""
    path = runs_folder() / id
    try:
        # What cannot be read for a moment looks as if it had never been written.
        for name in ("config.json", "status.json"):
            with suppress(FileNotFoundError):
                (path / name).open("rb").close()
        return Run.open(id).state in ("starting", "queued")
    except MadeError:
        return False
    except OSError:
        return None


def _index(run: Run, ids: list[str]) -> int:
    return ids.index(run.id) if run.id in ids else 0
