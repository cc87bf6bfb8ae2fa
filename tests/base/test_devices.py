"""CUDA devices are counted as torch counts them, and auto takes the best one, or several."""

from __future__ import annotations

import pytest

import made
from made.base import devices
from made.base.devices import Device
from made.base.errors import MadeError


def test_cuda_devices_are_numbered_as_torch_numbers_them():
    answer = (
        "0, GPU-aa, NVIDIA H200, 143000\n1, GPU-bb, NVIDIA A10, 22000\n2, GPU-cc, GB10, [N/A]\n"
    )
    every = devices.parse_graphics(answer)
    assert [device.name for device in every] == ["cuda:0", "cuda:1", "cuda:2"]
    assert (every[0].title, every[0].described) == ("NVIDIA H200", "NVIDIA H200, 150 GB free")
    assert every[2].free_bytes > 0
    for visible in ("1,0", "GPU-bb, GPU-aa", "1,0,7,2"):
        chosen = devices.parse_graphics(answer, visible)
        assert [device.title[:10] for device in chosen] == ["NVIDIA A10", "NVIDIA H20"]
        assert [device.name for device in chosen] == ["cuda:0", "cuda:1"]
    assert devices.parse_graphics(answer, "") == devices.parse_graphics(answer, "-1") == []
    assert devices.parse_graphics("No devices were found\n") == []


def test_auto_takes_the_shortest_line_then_the_most_memory(monkeypatch):
    graphics = [devices.Device("cuda:0", "a", 10), devices.Device("cuda:1", "b", 20)]
    monkeypatch.setattr(devices, "_cache", None)
    monkeypatch.setattr(devices, "_find_graphics", lambda: graphics)
    assert [device.name for device in devices.list_devices()] == ["auto", "cpu", "cuda:0", "cuda:1"]
    assert devices.resolve("auto") == "cuda:1"
    assert devices.resolve("auto", {"cuda:1": 1}) == "cuda:0"
    assert devices.resolve("auto", {"cuda:1": 1, "cuda:0": 1}) == "cuda:1"
    assert devices.resolve("cpu") == "cpu"
    monkeypatch.setattr(devices, "_find_graphics", list)
    monkeypatch.setattr(devices, "_cache", None)
    assert devices.resolve("auto") == "cpu"
    monkeypatch.setattr(devices, "_cache", None)


def test_several_gpus_are_those_from_the_named_one_on(monkeypatch) -> None:
    assert devices.group("cpu", 3) == ["cpu"] * 3
    graphics = [Device(f"cuda:{index}", "GPU", 10 + index) for index in range(3)]
    monkeypatch.setattr(devices, "_find_graphics", lambda: graphics)
    monkeypatch.setattr(devices, "_cache", None)
    assert devices.group("auto", 1) == ["cuda:2"]
    assert devices.group("auto", 2) == ["cuda:0", "cuda:1"]
    assert devices.group("cuda:1", 2) == ["cuda:1", "cuda:2"]
    for name, count in [("auto", 4), ("cuda:2", 2)]:
        with pytest.raises(MadeError, match=rf"wants {count} GPUs, .*choose fewer"):
            devices.group(name, count)
    with pytest.raises(MadeError, match="wants 4 GPUs"):
        made.train("digits8", num_devices=4)
    monkeypatch.setattr(devices, "_cache", None)
