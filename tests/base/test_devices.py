"""CUDA devices are counted as torch counts them, and auto takes the best one."""

from made.base import devices


def test_cuda_devices_are_numbered_as_torch_numbers_them():
    answer = (
        "0, GPU-aa, NVIDIA H200, 143000\n1, GPU-bb, NVIDIA A10, 22000\n2, GPU-cc, GB10, [N/A]\n"
    )
    every = devices.parse_graphics(answer)
    assert [device.name for device in every] == ["cuda:0", "cuda:1", "cuda:2"]
    assert every[0].title == "NVIDIA H200, 150 GB free"
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
