"""The line for a device: one ticket for each run that waits.

A ticket is a file `.line/<device>/<time>_<id>` in the runs folder. The oldest ticket of a living
run takes the device's lock when its holder lets go, which the system sees to even if the holder is
killed.
"""

import time
from collections import Counter
from pathlib import Path

from filelock import FileLock

from made.base import devices
from made.base.errors import MadeError
from made.base.files import is_locked
from made.base.places import runs_folder
from made.runs.folder import LIVING, Run
from made.runs.writer import RunWriter
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
    written to the run before and will again.
    """
    device = device or resolve_device(run.config)
    leave(run)
    (run.path / "launch.json").unlink(missing_ok=True)
    at_start = {"message": "", "cause": "", "ended": None, "pid": None, "seconds_left": None}
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


def device_lock(device: str) -> FileLock:
    """The lock whose holder has the device to itself."""
    path = runs_folder() / ".locks" / f"{_file_name(device)}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path)


def resolve_device(config: ExperimentConfig) -> str:
    """The device of a configuration, or its first; "auto" prefers one that nobody uses."""
    occupants: Counter[str] = Counter()
    for device in devices.list_devices():
        if device.name.startswith("cuda:"):
            lock = runs_folder() / ".locks" / f"{_file_name(device.name)}.lock"
            occupants[device.name] = len(waiting(device.name)) + is_locked(lock)
    settings = config.training
    return devices.group(settings.device, settings.num_devices, occupants)[0]


def _file_name(device: str) -> str:
    return device.replace(":", "-")


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
