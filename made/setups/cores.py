"""How many threads a run trains with on the CPU, and how many runs train there side by side.

A minibatch of a small network is a hundred operations of a few microseconds. Two threads share each
of them and then wait for each other, longer than they compute; a second run beside the first, each
with one thread, waits for nobody. So the CPU has **slots**, a run takes as many as it has threads,
and a run is *small*, with one thread, where

    inputs to the network in a minibatch x weights that are kept < SMALL.

Every other run has all cores, and so all slots. Two runs on two cores of an AMD EPYC that had other
work too (27 November 2026, torch 2.13): wall time one after the other with two threads, over that
of both at once with one thread each; median of five turns, and their range:

| network | minibatch | multiplications | ratio |
|---|--:|--:|--:|
| rings, K = 50, one-hot, 200 | 128 | 1.5 million | 2.8 (1.5 … 4.4) |
| Turing portrait, one-hot, 128-128 | 1,000 | 14 million | 2.1 (1.6 … 3.0) |
| the same | 10,000 | 14 million | 1.9 (1.7 … 2.9) |
| digits8, 512-512 | 100 | 29 million | 2.0 (1.2 … 3.3) |
| binarized MNIST, 500 | 128 | 68 million | 1.8 (1.7 … 2.4) |
| Turing portrait, one-hot, 512-512 | 512 | 94 million | 1.5 (1.4 … 2.0) |
| binarized MNIST, 1000 | 128 | 125 million | 1.4 (1.3 … 1.4) |
| binarized MNIST, 2000 | 128 | 238 million | 1.5 (1.5 … 1.5) |

Other work slows two threads that wait for each other more than two runs that do not, which makes
the upper ends. At a ratio of 2 a run is as fast with one thread as with two: below `SMALL` hardly
anybody waits longer for it, however few runs there are. Above it two at once would still win by a
third and more, but whoever trains a single run would wait for it up to 1.5 times as long.
"""

from __future__ import annotations

from collections.abc import Iterable

import psutil

from made import datasets
from made.base.devices import num_cores, resolve
from made.base.errors import MadeError
from made.setups.checks import misfit
from made.setups.config import ExperimentConfig
from made.setups.size import num_inputs, size_of_setup

SMALL = 50e6
# What a process with torch, a small network and its data takes with room to spare: a slot that has
# no memory of its own would only be a run that fails.
SLOT_BYTES = 1e9
# Beyond it nothing is measured, and every run in line is a process that reads its folder.
MOST_SLOTS = 16


def is_small(config: ExperimentConfig) -> bool:
    """Whether the run computes best with one thread; not where nothing tells, as without data."""
    try:
        info = datasets.info(config.data)
    except MadeError:
        return False
    if misfit(config, info):
        return False
    return num_inputs(config, info) * size_of_setup(config, info).num_kept < SMALL


def num_threads(config: ExperimentConfig) -> int:
    """Threads of each process of a run that begins here on the CPU."""
    return 1 if is_small(config) else _share(config)


def recorded_threads(config: ExperimentConfig, recorded: int) -> int:
    """Threads of each process of a run that has begun with so many, 0 for all that there are.

    Sums depend on how many threads share them, so a run keeps its number as long as it lives; on a
    machine with fewer cores, where other sums differ as well, it has those.
    """
    return min(recorded or _share(config), _share(config))


def _share(config: ExperimentConfig) -> int:
    """What each process gets where a run has the whole CPU."""
    return max(num_cores() // config.training.num_devices, 1)


def num_slots() -> int:
    """How many runs of one thread may train side by side: one a core, as far as memory goes."""
    memory = psutil.virtual_memory().total
    return max(min(num_cores(), int(memory / SLOT_BYTES), MOST_SLOTS), 1)


def slots_taken(config: ExperimentConfig, num_threads: int) -> int:
    """The slots of a run: one for each thread of each of its processes, at most all."""
    return min(num_threads * config.training.num_devices, num_slots())


def slots_wanted(config: ExperimentConfig) -> int:
    """The slots of a run that begins now; all of them where it has a GPU to itself.

    Raises MadeError where its device is not there.
    """
    if resolve(config.training.device) != "cpu":
        return num_slots()
    return slots_taken(config, num_threads(config))


def side_by_side(config: ExperimentConfig) -> int:
    """How many runs like this one train at once on a device. Raises MadeError as above."""
    return num_slots() // slots_wanted(config)


def seconds_of_all(each: Iterable[tuple[float, int]]) -> float:
    """How long runs take that stand in a line in this order.

    each: the seconds of a run and the slots that it takes.
    """
    free, begin = [0.0] * num_slots(), 0.0
    for seconds, count in each:
        free.sort()
        # Nobody overtakes: what comes later begins no earlier.
        begin = max(begin, free[count - 1])
        free[:count] = [begin + seconds] * count
    return max(free)
