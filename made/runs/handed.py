"""Runs that an engine such as Ray executes: one ticket for each, and the heartbeat of who answers.

| file in the runs folder | content |
|---|---|
| .ray/<run id> | what the run asks for, and the node that has it |
| .ray/heartbeat | touched as long as the engine answers for all tickets |

A ticket is there from the launch of a run until it is at rest, through every loss of a node. As
long as there is also a heartbeat, the run lives, whatever its lock says: between two nodes nobody
holds it, and not every shared file system shows one node the locks of another. Whether a node still
executes it tells the run's own sign of life (`made/runs/heartbeat.py`). Reading this needs no
engine, so any page, notebook or command tells of runs that train anywhere.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from made.base.files import parse_object, read_or, to_json, write_atomically
from made.runs import heartbeat

FOLDER = ".ray"
HEARTBEAT = "heartbeat"
BEAT_SECONDS = 3.0
# The clocks of nodes differ, and a shared file system shows what is new only after some seconds.
SILENT_SECONDS = 45.0
MAX_BYTES = 100_000
MAX_NAME = 200
MOST = 1e6

NO_ANSWER = (
    "The cluster that was to train this run does not answer: its head is gone or out of reach. "
    "Start it, then Resume goes on from the last checkpoint."
)
WAITS = "Waits until the cluster has room."
LOST = "The node {node} that trained it does not answer: it goes on elsewhere from its checkpoint."


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """What a run asks for.

    node, tries: where it is executed, and for which time. environment: what its configuration
    needs from outside, as `extensions.environment` says.
    """

    cpus: float = 1.0
    gpus: float = 0.0
    node: str = ""
    tries: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)


def enter(run_path: Path, ticket: Ticket) -> None:
    """Hand a run to the engine; the caller holds its lock."""
    path = _path(run_path)
    path.parent.mkdir(exist_ok=True)
    write_atomically(path, to_json(asdict(ticket)).encode())


def leave(run_path: Path) -> None:
    """The engine has no more to do with a run."""
    _path(run_path).unlink(missing_ok=True)


def is_there(run_path: Path) -> bool:
    return _path(run_path).exists()


def read(run_path: Path) -> Ticket | None:
    """The ticket of a run, or None; what makes no sense in it has its default."""
    path = _path(run_path)
    return read_or(path, _parse, Ticket(), limit=MAX_BYTES) if path.is_file() else None


def begin(run_path: Path, node: str) -> Ticket:
    """A node takes the run. Returns the ticket as it was before."""
    before = read(run_path) or Ticket()
    enter(run_path, replace(before, node=node, tries=before.tries + 1))
    return before


def beat(runs_folder: Path) -> None:
    """The engine answers for all tickets of a folder."""
    path = runs_folder / FOLDER / HEARTBEAT
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def ids(runs_folder: Path) -> Iterator[str]:
    """The runs that have a ticket, the oldest first."""
    with suppress(OSError):
        yield from sorted(entry.name for entry in os.scandir(runs_folder / FOLDER) if _is_id(entry))


def executed(run_path: Path) -> bool:
    """Whether some node has shown within the last seconds that it executes the run."""
    ticket = read(run_path)
    return ticket is not None and bool(ticket.node) and _silence(run_path) < SILENT_SECONDS


def news(run_path: Path) -> dict[str, Any] | None:
    """What to change in the status of a run whose lock nobody holds; None where it has no ticket.

    The keys are fields of `Status`.
    """
    ticket = read(run_path)
    if ticket is None:
        return None
    silence = _silence(run_path)
    if min(silence, _age(_path(run_path).with_name(HEARTBEAT))) >= SILENT_SECONDS:
        return {"state": "interrupted", "message": NO_ANSWER, "seconds_left": None}
    if not ticket.node:
        return {"state": "queued", "message": WAITS}
    if silence < SILENT_SECONDS:
        return {}
    return {"state": "queued", "message": LOST.format(node=ticket.node), "seconds_left": None}


def _path(run_path: Path) -> Path:
    return run_path.parent / FOLDER / run_path.name


def _silence(run_path: Path) -> float:
    """Seconds since a node has begun with the run or has shown that it has it."""
    return min(_age(_path(run_path)), _age(run_path / heartbeat.FILE))


def _is_id(entry: os.DirEntry[str]) -> bool:
    return entry.name != HEARTBEAT and not entry.name.startswith(".") and entry.is_file()


def _age(path: Path) -> float:
    """Seconds since a file was touched; one from a clock that is ahead is new."""
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return float("inf")


def _parse(content: bytes) -> Ticket:
    found = parse_object(content)
    node, tries = found.get("node"), found.get("tries")
    return Ticket(
        cpus=_amount(found.get("cpus"), 1.0),
        gpus=_amount(found.get("gpus"), 0.0),
        node=node[:MAX_NAME] if isinstance(node, str) and node.isprintable() else "",
        tries=tries if isinstance(tries, int) and 0 <= tries <= MOST else 0,
        environment=_texts(found.get("environment")),
    )


def _texts(value: object) -> dict[str, str]:
    pairs = value.items() if isinstance(value, dict) else ()
    return {name: text for name, text in pairs if isinstance(text, str)}


def _amount(value: object, default: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST:
        return default
    return float(value)
