"""Runs that a Ray cluster executes: as many at once, and where, as Ray finds room for.

The runs folder lies on a file system that all nodes share, under one path. Ray itself is imported
only by the process at the door.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace
from multiprocessing import Pipe
from typing import Any

from made.base.errors import MadeError
from made.base.places import PROJECT
from made.runs import handed, line, ray_door
from made.runs.folder import Run
from made.runs.handed import Ticket
from made.setups import cores, extensions
from made.setups.config import ExperimentConfig

ADDRESS = "RAY_ADDRESS"
# To tell what nodes there are, which a first connection comes before, and to take a run.
REPLY_SECONDS = {"nodes": 40.0, "submit": 90.0}
NODES_SECONDS = 10.0
# More threads wait for each other longer than they compute, and such a run waits for a whole node.
MOST_THREADS = 8


class Door:
    """This machine's end of the process that speaks to Ray; it is started when it is needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Any = None

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer of the cluster. Raises OSError, with a sentence, where there is none."""
        request = request | {"address": os.environ.get(ADDRESS) or "auto"}
        with self._lock:
            for is_last in (False, True):
                try:
                    reply = self._ask(request)
                    break
                except TimeoutError:
                    self._drop()
                    raise OSError("the Ray cluster does not answer") from None
                except (OSError, EOFError):
                    # Ray has ended it, with a cluster that is gone; a new one may be there.
                    self._drop()
                    if is_last:
                        raise OSError("the Ray cluster does not answer") from None
        if "error" in reply:
            self.close()
            raise OSError(reply["error"])
        return reply

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._process is None or self._process.poll() is not None:
            self._drop()
            self._start()
        self._connection.send(request)
        if not self._connection.poll(REPLY_SECONDS[request["do"]]):
            raise TimeoutError
        reply: dict[str, Any] = self._connection.recv()
        return reply

    def _start(self) -> None:
        self._connection, theirs = Pipe()
        descriptor = theirs.fileno()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "made.runs.ray_door", str(descriptor)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=PROJECT,
            pass_fds=(descriptor,),
            start_new_session=True,
        )
        theirs.close()
        threading.Thread(target=self._process.wait, daemon=True).start()

    def process_id(self) -> int | None:
        return None if self._process is None else self._process.pid

    def close(self) -> None:
        """Let the process end; the runs go on."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            # It may hang in a call of Ray; the runs are the keeper's.
            self._process.kill()
        self._connection = self._process = None


class RayQueue:
    """Ray's own: what waits in it is a ticket and a task that Ray has not placed yet."""

    is_endless = True

    def __init__(self, door: Door) -> None:
        self.door = door
        self._nodes: tuple[float, list[dict[str, float]]] | None = None

    def require_place(self, config: ExperimentConfig) -> None:
        """Raises MadeError where there is no cluster, or no node of it is large enough."""
        self._device_and_ticket(config, 0)

    def enter(self, run: Run) -> None:
        recorded = run.recorded.threads if "last" in run.checkpoints() else 0
        device, threads, ticket = self._device_and_ticket(run.config, recorded)
        line.leave(run)
        line.record_waiting(run, device, threads, state="queued")
        handed.enter(run.path, replace(ticket, environment=extensions.environment(run.config)))

    def leave(self, run: Run) -> None:
        handed.leave(run.path)

    def nodes(self) -> list[dict[str, float]]:
        """What each node has, "cpus" and "gpus"; asked at most every ten seconds. MadeError."""
        if self._nodes is None or time.monotonic() - self._nodes[0] > NODES_SECONDS:
            try:
                found = self.door.ask({"do": "nodes"})["nodes"]
            except OSError as error:
                raise MadeError(sentence(error)) from error
            self._nodes = (time.monotonic(), found)
        return self._nodes[1]

    def forget_nodes(self) -> None:
        """Ask anew when they are needed next."""
        self._nodes = None

    def _device_and_ticket(
        self, config: ExperimentConfig, recorded: int
    ) -> tuple[str, int, Ticket]:
        """Where the run trains, with how many threads a process, and what it asks Ray for.

        recorded: the threads of a run that goes on. Raises MadeError.
        """
        nodes, count = self.nodes(), config.training.num_devices
        wanted = config.training.device
        gpus = int(max((node["gpus"] for node in nodes), default=0))
        if wanted != "cpu" and (wanted != "auto" or gpus >= count):
            if gpus < count:
                raise MadeError(
                    f"The run wants {count} GPU{'s' * (count > 1)} on one node, and no node of the "
                    f"Ray cluster has more than {gpus}: choose the device 'cpu', or fewer devices."
                )
            return "cuda:0", 0, Ticket(cpus=min(count, self._most_cpus(nodes)), gpus=count)
        most = self._most_cpus(nodes)
        share = max(min(int(most) // count, MOST_THREADS), 1)
        threads = min(recorded, share) or (1 if cores.is_small(config) else share)
        if threads * count > most:
            raise MadeError(
                f"The run has {count} processes, and no node of the Ray cluster has more than "
                f"{most:g} CPUs: choose fewer devices."
            )
        return "cpu", threads, Ticket(cpus=threads * count)

    def _most_cpus(self, nodes: list[dict[str, float]]) -> float:
        return max((node["cpus"] for node in nodes), default=0.0)


class RayLauncher:
    """A task of a Ray cluster, the one that RAY_ADDRESS names or that this machine belongs to."""

    def __init__(self) -> None:
        self.door = Door()
        self.queue = RayQueue(self.door)

    def launch(self, run: Run) -> None:
        folder = str(run.path.parent)
        self.door.ask(
            {
                "do": "submit",
                "folder": folder,
                "environment": ray_door.environment_of_nodes(folder),
                "runs": [(run.id, extensions.environment(run.config))],
            }
        )

    def close(self) -> None:
        """Speak to the cluster no longer; the runs go on."""
        self.door.close()
        self.queue.forget_nodes()


RAY = RayLauncher()


def sentence(error: OSError) -> str:
    """What the door says, as a sentence of its own."""
    text = str(error)
    return text if text.endswith(".") else f"Ray: {text}."
