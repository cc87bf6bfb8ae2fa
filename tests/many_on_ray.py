"""What a run costs on a Ray cluster, and how many tiny ones it brings to their end in a second.

PYTHONPATH=. python tests/many_on_ray.py --number 1000

The nodes are processes of this machine, with room for one run each, and share a new runs folder.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from statistics import median

import psutil
from ray.cluster_utils import Cluster

from made.base.places import PROJECT
from made.runs import jobs
from made.runs.folder import LIVING, Run
from made.runs.ray_launcher import RayLauncher
from made.setups.config import ExperimentConfig

TINY = {
    "dataset": "digits8",
    "hidden_sizes": (16,),
    "epochs": 1,
    "batch_size": 500,
    "device": "cpu",
}
MEMORY = 80 * 2**20  # of the object store, in bytes; nothing of a run goes through it
LOOK_SECONDS = 0.2


def measure(launcher: RayLauncher, number: int, num_nodes: int) -> bool:
    """Print the figures; whether all runs have finished."""
    configs = [ExperimentConfig.from_flat(TINY | {"seed": seed}) for seed in range(number)]
    # The first one of each node loads torch.
    _until_ended([jobs.start(config, launcher=launcher) for config in configs[:num_nodes]])
    begun = time.perf_counter()
    started = [jobs.start(config, launcher=launcher) for config in configs]
    handing = time.perf_counter() - begun
    _until_ended(started)
    wall = time.perf_counter() - begun
    seconds = [run.status().training_seconds for run in started]
    finished = sum(run.state == "finished" for run in started)
    print(f"{finished} of {number} tiny runs finished on {num_nodes} nodes of one core each")
    print(f"handing over {1000 * handing / number:.0f} ms a run")
    print(f"{number / wall:.1f} runs a second, {num_nodes * wall / number:.2f} s of a node each,")
    print(f"of which training (median) {median(seconds):.2f} s")
    for name, size in _memory().items():
        print(f"memory of {name}: {size / 1e6:.0f} MB")
    return finished == number


def _until_ended(started: list[Run]) -> None:
    """Each is looked at until it has come to rest, the oldest first, as Ray takes them."""
    for run in started:
        while run.recorded.state in LIVING:
            time.sleep(LOOK_SECONDS)


def _memory() -> dict[str, int]:
    """Bytes of the keeper of the folder, and of the process that speaks to Ray."""
    found = {}
    for process in psutil.process_iter(["cmdline", "memory_info"]):
        line = " ".join(process.info["cmdline"] or ())
        for name, word in (("the keeper", "ray::Keeper"), ("the door", "made.runs.ray_door")):
            if word in line:
                found[name] = process.info["memory_info"].rss
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--number", type=int, default=1000)
    parser.add_argument("--nodes", type=int, default=2)
    chosen = parser.parse_args()
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["PYTHONPATH"] = str(PROJECT)
    size = {"num_cpus": 1, "object_store_memory": MEMORY}
    cluster = Cluster(initialize_head=True, head_node_args=size)
    for _ in range(chosen.nodes - 1):
        cluster.add_node(**size)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"MADE_RUNS_DIR": folder, "RAY_ADDRESS": cluster.address}
        launcher = RayLauncher()
        try:
            is_whole = measure(launcher, chosen.number, chosen.nodes)
        finally:
            launcher.close()
            cluster.shutdown()
    return 0 if is_whole else 1


if __name__ == "__main__":
    sys.exit(main())
