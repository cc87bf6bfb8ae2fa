"""The launchers by their names, and which one is used where nobody says."""

from __future__ import annotations

import os
from contextlib import suppress

from made.base.errors import MadeError
from made.base.registry import Registry
from made.runs.jobs import LOCAL, Launcher
from made.runs.ray_launcher import ADDRESS, RAY

VARIABLE = "MADE_LAUNCHER"
LAUNCHERS: Registry[Launcher] = Registry("launcher", {"local": LOCAL, "ray": RAY})


def chosen_name(name: str | None = None) -> str:
    """What was asked for, else what MADE_LAUNCHER says, else Ray where RAY_ADDRESS names a cluster.

    Raises MadeError for a name that no launcher has.
    """
    default = "ray" if os.environ.get(ADDRESS) else "local"
    found = name or os.environ.get(VARIABLE) or default
    if found not in LAUNCHERS:
        raise MadeError(f"There is no launcher {found[:60]!r}: choose {' or '.join(LAUNCHERS)}.")
    return found


def prepare() -> None:
    """Begin to speak to the cluster that is used where nobody says, if any; it takes seconds."""
    with suppress(MadeError):
        if chosen_name() == "ray":
            RAY.queue.nodes()


def elsewhere() -> str:
    """Where runs are executed where nobody says, in a few words; empty on this machine."""
    try:
        found = chosen_name()
    except MadeError:
        return ""
    address = os.environ.get(ADDRESS, "")
    known = {"local": "", "ray": f"on the Ray cluster {address}".rstrip()}
    return known.get(found, f"by the launcher {found}")


def chosen(name: str | None = None, *, local: Launcher = LOCAL) -> Launcher:
    """The launcher of that name, or as above. local: in which way runs are launched here.

    Raises MadeError for a name that no launcher has.
    """
    found = chosen_name(name)
    return local if found == "local" else LAUNCHERS[found]
