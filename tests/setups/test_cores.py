"""Which runs are small, how many slots the CPU has, and how long a line takes."""

from __future__ import annotations

from collections import namedtuple

import pytest
from worker_process import BIG, settings

from made.setups import cores
from made.setups.config import ExperimentConfig

pytestmark = pytest.mark.usefixtures("two_cores")
TURING = {"dataset": "turing-joint", "batch_size": 1000}
MNIST = {"dataset": "binarized-mnist", "encoding": "raw", "batch_size": 128}


@pytest.mark.parametrize(
    ("is_small", "values"),
    [
        (True, {"dataset": "rings", "hidden_sizes": (200,), "batch_size": 128}),
        (True, {**TURING, "hidden_sizes": (128, 128)}),
        (True, {**TURING, "hidden_sizes": (128, 128), "batch_size": 10_000}),
        (True, {"dataset": "digits8", "hidden_sizes": (512, 512), "batch_size": 100}),
        (False, {**TURING, "hidden_sizes": (512, 512)}),
        (False, {**TURING, "hidden_sizes": (128, 128), "batch_size": 10_000, "dropout": 0.1}),
        (False, {**MNIST, "hidden_sizes": (500,)}),
        (False, {**MNIST, "hidden_sizes": (2000,)}),
    ],
)
def test_small_is_what_was_measured_to_lose_nothing_with_one_thread(is_small, values) -> None:
    config = ExperimentConfig.from_flat(values)
    assert cores.is_small(config) == is_small
    assert cores.num_threads(config) == (1 if is_small else 2)


def test_what_cannot_be_judged_has_all_cores() -> None:
    assert not cores.is_small(settings(dataset="upload-0123456789abcdef"))
    assert not cores.is_small(settings(model="naive"))


@pytest.mark.parametrize(
    ("num_cores", "gigabytes", "expected"),
    [(1, 64, 1), (2, 64, 2), (8, 3.5, 3), (8, 0.5, 1), (128, 512, cores.MOST_SLOTS)],
)
def test_slots_are_as_many_as_cores_as_far_as_the_memory_goes(
    num_cores, gigabytes, expected, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = namedtuple("Memory", "total")(gigabytes * 1e9)
    monkeypatch.setattr(cores, "num_cores", lambda: num_cores)
    monkeypatch.setattr(cores.psutil, "virtual_memory", lambda: memory)
    assert cores.num_slots() == expected


def test_a_run_takes_a_slot_for_each_thread_of_its_processes() -> None:
    assert cores.slots_taken(settings(), 1) == 1
    assert cores.slots_taken(settings(num_devices=2), 1) == 2
    assert cores.slots_taken(settings(num_devices=5), 1) == 2
    assert cores.num_threads(settings(num_devices=2, **BIG)) == 1
    assert (cores.side_by_side(settings()), cores.side_by_side(settings(**BIG))) == (2, 1)


def test_a_run_keeps_its_number_of_threads_where_there_are_so_many_cores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert cores.recorded_threads(settings(), 1) == 1
    assert cores.recorded_threads(settings(), 0) == 2, "a run of an older version has all"
    assert cores.recorded_threads(settings(), 64) == 2
    monkeypatch.setattr(cores, "num_cores", lambda: 8)
    assert cores.recorded_threads(settings(), 2) == 2


def test_a_line_takes_as_long_as_its_slots_let_it() -> None:
    assert cores.seconds_of_all([]) == 0
    assert cores.seconds_of_all([(3, 1), (2, 1), (2, 1)]) == 4
    assert cores.seconds_of_all([(3, 2), (2, 2)]) == 5
    assert cores.seconds_of_all([(5, 1), (1, 2), (1, 1), (1, 1)]) == 7, "nobody overtakes"
