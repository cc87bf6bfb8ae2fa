"""How much memory a training takes: each in a fresh process, which measures itself.

python -m made.bench.memory '{"config": …, "size": …, "device": "cpu"}'
"""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import psutil

from made.base import devices
from made.base.errors import MadeError
from made.base.places import PROJECT
from made.bench.rounds import Side, Size, synthetic
from made.setups.config import ExperimentConfig

STATUS = Path("/proc/self/status")


def mask_sets(config: ExperimentConfig, size: Size, device: str) -> tuple[Side, Side]:
    """Peak memory in MB with a single mask set, and with all that the configuration asks for.

    Memory does not depend on speed: two processes train at a time, before the first round.
    """
    one = config.replace(num_orderings=1, num_connectivities=1)
    measure = partial(peak_of_training, size=size, device=device)
    with ThreadPoolExecutor(max_workers=2) as pool:
        peaks = list(pool.map(measure, [one, config] * size.rounds))
    return iter(peaks[::2]).__next__, iter(peaks[1::2]).__next__


def peak_of_training(config: ExperimentConfig, size: Size, device: str) -> float:
    """MB that a fresh process takes at most for `size.num` steps and what measures the model.

    Raises MadeError where the process fails.
    """
    order = {
        "config": config.replace(epochs=1).flat(),
        "size": dataclasses.asdict(size),
        "device": device,
    }
    process = subprocess.run(
        [sys.executable, "-m", "made.bench.memory", json.dumps(order)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    if process.returncode:
        reason = (process.stderr.strip() or f"exit status {process.returncode}").splitlines()[-1]
        raise MadeError(f"The process whose memory is measured has failed: {reason}")
    return float(process.stdout)


def peak_memory(device: str) -> float:
    """MB of 10^6 bytes that this process has taken at most, on a GPU or on the host.

    Linux counts the parent's memory into ru_maxrss of a process that it starts, but not into VmHWM.
    """
    if device.startswith("cuda"):
        import torch

        return torch.cuda.max_memory_reserved(device) / 1e6
    if STATUS.exists():
        for line in STATUS.read_text("utf-8").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    if sys.platform == "win32":
        return psutil.Process().memory_info().peak_wset / 1e6
    import resource

    largest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return largest * (1 if sys.platform == "darwin" else 1024) / 1e6


def main(order: str) -> None:
    """Train one epoch to its end, and print the peak memory."""
    known = json.loads(order)
    device = devices.prepare_torch(known["device"], known["device"])
    config, size = ExperimentConfig.from_flat(known["config"]), Size(**known["size"])
    from made.training.trainer import Trainer

    # The same few rows over and over: to draw many takes more memory than to train on them.
    dataset = synthetic(size, config.training.batch_size)
    dataset = dataclasses.replace(dataset, train=np.tile(dataset.train, (size.num, 1)))
    for _ in Trainer(config, dataset, device).events():
        pass
    print(peak_memory(device))


if __name__ == "__main__":
    main(sys.argv[1])
