"""How large a set-up is and how long it will take, before anything is built and without torch."""

import math
import time
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import psutil

from made.base import devices
from made.base.errors import MadeError
from made.base.text import short_bytes
from made.datasets import DatasetInfo
from made.model.masks import mask_bank
from made.model.shapes import Size
from made.setups.checks import misfit
from made.setups.config import ExperimentConfig
from made.setups.cores import num_threads
from made.setups.repeats import counts_pairs
from made.setups.size import size_of_setup

USABLE_SHARE = 0.9
BYTES = 4  # float32
# Weights, their gradients and two moments of the optimiser; the best weights, and a copy while they
# are written; and where masks change, the mask of a minibatch and the weights that it leaves.
KEPT_COPIES, WHOLE_COPIES, MASKED_COPIES = 4, 2, 2
SECONDS_PER_STEP = 1.5e-3
MEMORY_BYTES_PER_SECOND = 10e9
OPTIMIZER_PASSES = 10  # reads and writes of all weights in an optimiser step
MASK_PASSES = 8  # the same for making and applying masks that change
ACCELERATOR_FLOPS = 10e12
ACCELERATOR_SPEED_OF_MEMORY = 100  # times that of the CPU
MEASURED_SIZE = 64
MEASURED_SECONDS = 0.02
LARGE_PRODUCT_GAIN = 1.15
THIN_BATCH = 10
SECONDS_PER_COUNTED = 5e-8  # fetching an example and counting it among its like
# What torch itself takes on a CPU and on a CUDA device before any model is there.
BASE_BYTES = {"cpu": 400e6, "cuda": 600e6}


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """seconds: of the whole training at most, None where the number of examples is unknown.

    memory_bytes: at the peak, on the device; reason: one sentence where it does not fit or cannot
    be built, else empty.
    """

    num_parameters: int
    seconds: float | None
    seconds_per_epoch: float | None
    memory_bytes: int
    fits: bool
    reason: str = ""


def estimate(config: ExperimentConfig, info: DatasetInfo, num_train: int | None = None) -> Estimate:
    """Parameters, time and memory of a set-up on its device.

    num_train: examples in the training split, by default what `info` says.
    """
    problem = misfit(config, info)
    if problem:
        return _refused(problem)
    try:
        device = devices.resolve(config.training.device)
        free = devices.free_bytes(device)
    except MadeError as error:
        return _refused(str(error))
    size = size_of_setup(config, info)
    num_train = info.num_train if num_train is None else num_train
    memory = _memory_bytes(config, info, size, num_train or 0, device)
    per_epoch = None if num_train is None else _epoch_seconds(config, info, size, num_train, device)
    fits = memory <= USABLE_SHARE * free
    reason = (
        f"This needs about {short_bytes(memory)} on {device}, where {short_bytes(free)} are free: "
        "choose smaller hidden layers or a smaller batch."
    )
    return Estimate(
        num_parameters=size.num_parameters,
        seconds=None if per_epoch is None else per_epoch * config.training.epochs,
        seconds_per_epoch=per_epoch,
        memory_bytes=memory,
        fits=fits,
        reason="" if fits else reason,
    )


def _refused(reason: str) -> Estimate:
    return Estimate(
        num_parameters=0,
        seconds=None,
        seconds_per_epoch=None,
        memory_bytes=0,
        fits=False,
        reason=reason,
    )


def _memory_bytes(
    config: ExperimentConfig, info: DatasetInfo, size: Size, num_train: int, device: str
) -> int:
    weights = BYTES * (KEPT_COPIES * size.num_kept + WHOLE_COPIES * size.num_parameters)
    if size.has_changing_masks:
        weights += BYTES * MASKED_COPIES * size.num_parameters
    batch = min(config.training.batch_size, num_train or config.training.batch_size)
    activations = BYTES * batch * size.num_activations
    rows = num_train + (info.num_validation or 0) + (info.num_test or 0)
    # A row is kept in its own small type, and its batch as 64-bit integers.
    data = rows * info.num_variables * np.min_scalar_type(info.num_categories - 1).itemsize
    data += 8 * batch * info.num_variables
    return int(BASE_BYTES[device.partition(":")[0]] + weights + activations + data)


def _epoch_seconds(
    config: ExperimentConfig, info: DatasetInfo, size: Size, num_train: int, device: str
) -> float:
    """Steps with forward and backward pass, then one forward pass over the validation split."""
    batch = min(config.training.batch_size, num_train)
    steps = math.ceil(num_train / batch)
    is_cpu = device == "cpu"
    flops = _cpu_flops(config, batch) if is_cpu else ACCELERATOR_FLOPS
    bandwidth = MEMORY_BYTES_PER_SECOND * (1 if is_cpu else ACCELERATOR_SPEED_OF_MEMORY)
    passes = OPTIMIZER_PASSES + MASK_PASSES * size.has_changing_masks
    num_measured = info.num_validation or num_train // 8
    if is_cpu and counts_pairs(config, info.num_variables, info.num_categories):
        num_inputs, num_measured = steps * info.num_categories, info.num_categories
        other = SECONDS_PER_COUNTED * num_train
    else:
        num_inputs, other = num_train, 0.0
    traffic = BYTES * (passes * size.num_kept * steps + 3 * size.num_activations * num_inputs)
    bank = mask_bank(config.model, config.masks, info.num_variables)
    products = 6 * num_inputs + 2 * num_measured * len(bank.evaluation_indices())
    other += steps * SECONDS_PER_STEP + traffic / bandwidth
    return other + products * size.num_kept / flops


def _cpu_flops(config: ExperimentConfig, batch: int) -> float:
    """Floating-point operations a second of a layer's product at a batch size, on a run's cores.

    Thin products wait for the memory: at a batch of THIN_BATCH half of the rate is left.
    """
    threads = num_threads(config) * config.training.num_devices
    # A core that runs two threads is no faster than one that runs one.
    cores = (psutil.cpu_count(logical=False) or 1) * min(threads / devices.num_cores(), 1.0)
    return LARGE_PRODUCT_GAIN * cores * _core_flops() * batch / (batch + THIN_BATCH)


@lru_cache(maxsize=1)
def _core_flops() -> float:
    """Floating-point operations a second of one core, measured once within about 20 ms.

    The product is so small that it is not split over threads, and the shortest time counts: a
    machine that is busy just now does not slow it, where a larger product would wait for the core
    that is taken.
    """
    square = np.ones((MEASURED_SIZE, MEASURED_SIZE), np.float32)
    out = square @ square
    shortest = math.inf
    end = time.perf_counter() + MEASURED_SECONDS
    while time.perf_counter() < end:
        begin = time.perf_counter()
        np.matmul(square, square, out=out)
        shortest = min(shortest, time.perf_counter() - begin)
    return 2 * MEASURED_SIZE**3 / shortest
