"""What lives in a Ray cluster: one keeper for each runs folder, and the task that executes a run.

The keeper is a detached actor, so the runs outlive whoever launched them. It owns their tasks and
answers for their handed. Ray starts it again where it is lost, and it hands the runs that have
tickets to Ray again: what is to be executed stands in the runs folder and nowhere else.
"""

from __future__ import annotations

import asyncio
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import ray
from filelock import Timeout

from made.base.errors import MadeError
from made.runs import handed
from made.runs.folder import ENDED, Run
from made.runs.recorder import Recorder
from made.runs.writer import RunWriter

# A node that goes is no fault of the run; a run that takes its process along is stopped by this.
MOST_TRIES = 10
# What a process leaves behind of many runs goes with it.
RUNS_A_PROCESS = 100
# Before a run is handed over again whose lock somebody holds.
REST_SECONDS = 5.0
LOCK_SECONDS = 5.0


@ray.remote(max_retries=MOST_TRIES, max_calls=RUNS_A_PROCESS)
def execute(id: str, environment: dict[str, str]) -> None:
    """The task of a run: see `ray_task.execute`."""
    from made.runs import ray_task

    try:
        ray_task.execute(id, node_name(), environment)
    except ray_task.Leaving:
        raise SystemExit(1) from None  # which Ray takes for a lost process


def node_name() -> str:
    """This node as people know it, and what tells it from another one of that name."""
    return f"{socket.gethostname()} {ray.get_runtime_context().get_node_id()[:6]}"


@ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)
class Keeper:
    """Hands the runs of one folder to Ray and follows each to its end."""

    async def __init__(self, folder: str) -> None:  # type: ignore[misc]  # Ray awaits it
        self.folder = Path(folder)
        self.followed: dict[str, asyncio.Task[None]] = {}
        self.beating = asyncio.get_running_loop().create_task(self._beat())
        await self.submit([(id, {}) for id in handed.ids(self.folder)])

    async def submit(self, orders: list[tuple[str, dict[str, str]]]) -> int:
        """Follow these runs, each with what it needs from outside; how many are followed now."""
        for id, environment in orders:
            if id not in self.followed:
                following = self._follow(id, environment)
                self.followed[id] = asyncio.get_running_loop().create_task(following)
            await asyncio.sleep(0)
        return len(self.followed)

    async def _beat(self) -> None:
        while True:
            # A full disk is no reason to fall silent for ever.
            with suppress(OSError):
                handed.beat(self.folder)
            await asyncio.sleep(handed.BEAT_SECONDS)

    async def _follow(self, id: str, environment: dict[str, str]) -> None:
        path = self.folder / id
        try:
            while ticket := handed.read(path):
                asked = execute.options(num_cpus=ticket.cpus, num_gpus=ticket.gpus)
                try:
                    await asked.remote(id, {**ticket.environment, **environment})
                except ray.exceptions.RayError as error:
                    self._give_up(id, error)
                    return
                if handed.is_there(path):
                    await asyncio.sleep(REST_SECONDS)
        finally:
            del self.followed[id]

    def _give_up(self, id: str, error: Any) -> None:
        """Record why Ray does not execute the run any more."""
        reason = str(getattr(error, "cause", None) or error).strip().partition("\n")[0]
        try:
            run = Run.open(id)
            with run.lock().acquire(timeout=LOCK_SECONDS):
                if run.recorded.state in ENDED:
                    raise MadeError("It has said its last word.")
                kept = Recorder(run).kept()
                message = f"Ray gave the run up: {reason} {kept}"
                RunWriter(run).update(
                    state="failed", message=message, cause=reason, ended=time.time()
                )
        except (MadeError, OSError, Timeout):
            pass  # without its ticket it counts as interrupted
        handed.leave(self.folder / id)
