"""The process through which this machine speaks to a Ray cluster.

    python -m made.runs.ray_door DESCRIPTOR

Ray ends the process that is connected to it when its node or its head is lost. Neither the
dashboard nor a notebook may go with it, so they keep this one, and start another when it is gone.
It ends with who keeps it; the runs go on.
"""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import sys
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

from made.base.places import PROJECT

NAMESPACE = "made"
CONNECT_SECONDS = 5.0
START_SECONDS = 60.0


class NoCluster(Exception):
    """Why no cluster can be spoken to, in a sentence."""


def serve(connection: Connection) -> None:
    """Answer until nobody is there. A request has "do", the reply "error" or what was asked for."""
    with suppress(OSError, EOFError):
        while True:
            request = connection.recv()
            try:
                connection.send(answer(request))
            except NoCluster as error:
                connection.send({"error": str(error)})
            except Exception as error:
                first = str(error).strip().partition("\n")[0]
                connection.send({"error": f"Ray says: {type(error).__name__}: {first}"})


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """nodes: what each living node has. submit: hand runs over; each is an id and environment."""
    connect(request["address"])
    import ray

    if request["do"] == "nodes":
        nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
        return {
            "nodes": [
                {"cpus": node.get("CPU", 0.0), "gpus": node.get("GPU", 0.0)} for node in nodes
            ]
        }
    keeper = keeper_of(request["folder"], request["environment"])
    count = ray.get(keeper.submit.remote(request["runs"]), timeout=START_SECONDS)
    return {"followed": count}


def connect(address: str) -> None:
    """Join the cluster, once. Raises NoCluster."""
    try:
        import ray
    except ImportError:
        raise NoCluster(
            'Ray is not installed here: `pip install ".[ray]"`, on this machine and on all nodes.'
        ) from None
    if ray.is_initialized():
        return
    require_listener(address)
    try:
        ray.init(
            address=address,
            namespace=NAMESPACE,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    except (ConnectionError, RuntimeError, ValueError) as error:
        first = str(error).strip().partition("\n")[0]
        raise NoCluster(
            f"No Ray cluster can be joined at '{address}' ({first}): start one with "
            "`ray start --head`, or name one by RAY_ADDRESS."
        ) from None


def require_listener(address: str) -> None:
    """Raises NoCluster where nobody listens at HOST:PORT, which Ray would try for a minute."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise NoCluster(
            f"No Ray cluster answers at '{address}' ({error}): start one with "
            "`ray start --head`, or name one by RAY_ADDRESS."
        ) from None


def keeper_of(folder: str, environment: dict[str, str]) -> Any:
    """The keeper of a runs folder, on this node as long as that lives, since it sees the folder."""
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    from made.runs.ray_service import Keeper

    here = ray.get_runtime_context().get_node_id()
    return Keeper.options(  # type: ignore[attr-defined]
        name=f"made-{hashlib.sha256(folder.encode()).hexdigest()[:16]}",
        namespace=NAMESPACE,
        lifetime="detached",
        get_if_exists=True,
        scheduling_strategy=NodeAffinitySchedulingStrategy(here, soft=True),
        runtime_env={"env_vars": environment},
    ).remote(folder)


def environment_of_nodes(folder: str) -> dict[str, str]:
    """What the processes on all nodes need: the folders, and where they find this project."""
    paths = [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
    found = {"MADE_RUNS_DIR": folder, "PYTHONPATH": os.pathsep.join(paths)}
    for name in ("MADE_DATA_DIR", "MADE_EXTENSIONS"):
        if value := os.environ.get(name):
            found[name] = value
    return found


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])))
