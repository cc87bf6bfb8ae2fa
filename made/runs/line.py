"""The line for a device: one ticket for each run that waits.

A ticket is a file `.line/<device>/<time>_<id>` in the runs folder. A device has slots, each of them
a lock: a GPU has one, and the CPU as many as `made/setups/cores.py` says. The run with the oldest
ticket takes the slots that it needs when their holders let go, which the system sees to even if a
holder is killed. Nobody behind it takes any before, so a run that needs all of them gets them.
"""

import time
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from made.base import devices
from made.base.errors import MadeError
from made.base.files import is_locked
from made.base.places import runs_folder
from made.runs.folder import LIVING, Run
from made.runs.writer import RunWriter
from made.setups import cores
from made.setups.config import ExperimentConfig


def queue_place(run: Run) -> int | None:
    """How many waiting runs come before this one: 0 if it runs or is next, None at rest."""
    if run.state not in LIVING:
        return None
    ticket = _ticket(run)
    return 0 if ticket is None else _index(run, waiting(ticket.parent.name))


def waiting(device: str) -> list[str]:
    """Ids of the living runs that wait for a device, the next one first."""
    ids = []
    for ticket in sorted(_line(device).glob("*_*")):
        id = ticket.name.partition("_")[2]
        if _waits(id):
            ids.append(id)
        else:
            ticket.unlink(missing_ok=True)
    return ids


def is_next(run: Run, device: str) -> bool:
    return _index(run, waiting(device)) == 0


def in_line(run: Run) -> bool:
    return _ticket(run) is not None


def enter(run: Run, device: str | None = None, writer: RunWriter | None = None) -> str:
    """Take a ticket for the run's device and record it; the caller holds the run's lock.

    device: by default the one that the configuration asks for. Returns it. writer: of who has
    written to the run before and will again. A run that begins gets its number of threads with it.
    """
    device = device or resolve_device(run.config)
    leave(run)
    (run.path / "launch.json").unlink(missing_ok=True)
    at_start: dict[str, Any] = {
        "message": "",
        "cause": "",
        "ended": None,
        "pid": None,
        "seconds_left": None,
    }
    if not run.recorded.threads and "last" not in run.checkpoints():
        at_start["threads"] = cores.num_threads(run.config) if device == "cpu" else 0
    (writer or RunWriter(run)).update(
        durable=True, state="starting", device=device, launched=time.time(), **at_start
    )
    line = _line(device)
    line.mkdir(parents=True, exist_ok=True)
    (line / f"{time.time_ns():020}_{run.id}").touch()
    return device


def leave(run: Run) -> None:
    """Give the ticket back, if there is one."""
    for ticket in (runs_folder() / ".line").glob(f"*/*_{run.id}"):
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
    for device in devices.list_devices():
        if device.name.startswith("cuda:"):
            taken = sum(map(is_locked, _slots(device.name)))
            occupants[device.name] = len(waiting(device.name)) + taken
    settings = config.training
    return devices.group(settings.device, settings.num_devices, occupants)[0]


def _file_name(device: str) -> str:
    return device.replace(":", "-")


def _slots(device: str) -> list[Path]:
    """The lock files of a device: the first has its name, the others a number as well."""
    others = range(1, cores.num_slots() if device == "cpu" else 1)
    names = [_file_name(device), *(f"{_file_name(device)}-{number}" for number in others)]
    return [runs_folder() / ".locks" / f"{name}.lock" for name in names]


def _line(device: str) -> Path:
    return runs_folder() / ".line" / _file_name(device)


def _ticket(run: Run) -> Path | None:
    return next((runs_folder() / ".line").glob(f"*/*_{run.id}"), None)


def _waits(id: str) -> bool:
    try:
        return Run.open(id).state in ("starting", "queued")
    except MadeError:
        return False


def _index(run: Run, ids: list[str]) -> int:
    return ids.index(run.id) if run.id in ids else 0
