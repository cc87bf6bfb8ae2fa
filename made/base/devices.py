"""The devices that a run can be trained on, found without importing torch."""

import csv
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata

import psutil

from made.base.errors import MadeError
from made.base.text import short_bytes
from made.base.threads import prepare_waiting

CACHE_SECONDS = 10.0
QUERY = ("nvidia-smi", "--query-gpu=index,uuid,name,memory.free", "--format=csv,noheader,nounits")
QUERY_SECONDS = 3.0

_cache: tuple[float, list["Device"]] | None = None


@dataclass(frozen=True)
class Device:
    """name: "auto", "cpu" or "cuda:N" as torch counts them; free_bytes: memory free now.

    title: the same as long as the device is there, whatever its memory.
    """

    name: str
    title: str
    free_bytes: int

    @property
    def described(self) -> str:
        """The title, and how much memory is free now."""
        return f"{self.title}, {short_bytes(self.free_bytes)} free"


def list_devices() -> list[Device]:
    """Automatic, the CPU, then each CUDA device; looked up at most every ten seconds."""
    global _cache
    if _cache is None or time.monotonic() - _cache[0] > CACHE_SECONDS:
        _cache = (time.monotonic(), _find_devices())
    return _cache[1]


def resolve(name: str, occupants: Mapping[str, int] | None = None) -> str:
    """The device that "auto" means now: the CUDA device with the shortest line, then with most
    free memory; the CPU where there is none. Other names stand for themselves.

    occupants: jobs at or in line for each device. Raises MadeError for a device that is not there.
    """
    devices = {device.name: device for device in list_devices()}
    if name not in devices:
        known = ", ".join(devices)
        raise MadeError(f"There is no device {name!r} on this machine: choose one of {known}.")
    if name != "auto":
        return name
    graphics = [device for device in devices.values() if device.name.startswith("cuda:")]
    if not graphics:
        return "cpu"
    jobs = occupants or {}
    return min(graphics, key=lambda device: (jobs.get(device.name, 0), -device.free_bytes)).name


def group(name: str, count: int, occupants: Mapping[str, int] | None = None) -> list[str]:
    """The devices of a run that wants `count` of them, one for each of its processes.

    Several GPUs are those from the named one on, or from the first one on for "auto"; several
    processes may share the CPU. Raises MadeError where there are fewer GPUs.
    """
    chosen = resolve(name, occupants)
    if count > 1 and os.name == "nt":
        raise MadeError("Several devices for one run need Linux or macOS: choose one device.")
    if count == 1 or chosen == "cpu":
        return following(chosen, count)
    first = "cuda:0" if name == "auto" else chosen
    there = [device.name for device in list_devices() if device.name.startswith("cuda:")]
    wanted = following(first, count)
    if not set(wanted) <= set(there):
        raise MadeError(
            f"The run wants {count} GPUs, {wanted[0]} to {wanted[-1]}, and this machine has "
            f"{', '.join(there)}: choose fewer devices, or 'cpu'."
        )
    return wanted


def following(device: str, count: int) -> list[str]:
    """`count` GPUs from one on, or the CPU so many times."""
    if device == "cpu":
        return ["cpu"] * count
    first = int(device.partition(":")[2] or 0)
    return [f"cuda:{index}" for index in range(first, first + count)]


def free_bytes(name: str) -> int:
    """Memory free now on a device, "auto" included."""
    return next(device.free_bytes for device in list_devices() if device.name == resolve(name))


def described(name: str) -> str:
    """What a name stands for now, and its free memory; empty for a device that is not here."""
    try:
        chosen = resolve(name)
    except MadeError:
        return ""
    return next(device.described for device in list_devices() if device.name == chosen)


def _find_devices() -> list[Device]:
    memory = psutil.virtual_memory().available
    cpu = Device("cpu", f"CPU, {os.cpu_count()} cores", memory)
    graphics = _find_graphics()
    chosen = max(graphics, key=lambda device: device.free_bytes, default=cpu)
    return [Device("auto", "Automatic", chosen.free_bytes), cpu, *graphics]


def _find_graphics() -> list[Device]:
    if shutil.which(QUERY[0]) is None or not _torch_has_cuda():
        return []
    try:
        answer = subprocess.run(
            QUERY, capture_output=True, text=True, timeout=QUERY_SECONDS, check=True
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return parse_graphics(answer, os.environ.get("CUDA_VISIBLE_DEVICES"))


def parse_graphics(answer: str, visible: str | None = None) -> list[Device]:
    """CUDA devices from lines of "index, uuid, name, free MiB", numbered as torch will number them.

    visible: the value of CUDA_VISIBLE_DEVICES, which selects and reorders by index or uuid.
    """
    rows = [
        [cell.strip() for cell in row] for row in csv.reader(answer.splitlines()) if len(row) == 4
    ]
    if visible is not None:
        chosen = []
        for wanted in filter(None, (part.strip() for part in visible.split(","))):
            match = [row for row in rows if row[0] == wanted or row[1].startswith(wanted)]
            # CUDA itself ignores everything from the first entry that it does not know.
            if not match:
                break
            chosen.append(match[0])
        rows = chosen
    devices = []
    for index, (_, _, title, free) in enumerate(rows):
        # A device that shares the memory of the machine reports none of its own.
        memory = int(free) * 2**20 if free.isdigit() else psutil.virtual_memory().available
        devices.append(Device(f"cuda:{index}", title, memory))
    return devices


def _torch_has_cuda() -> bool:
    """Whether the installed PyTorch may drive a CUDA device, by the name of its build."""
    try:
        return "+cpu" not in metadata.version("torch")
    except metadata.PackageNotFoundError:
        return False


def num_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def prepare_torch(wanted: str, device: str) -> str:
    """Let torch use this process's cores, and check that it can use the device.

    wanted: the configured name. Returns the device to use: the CPU where "auto" found a device
    that this torch cannot drive. Raises MadeError for one that was asked for by name.
    """
    prepare_waiting()
    # nvidia-smi counts devices by bus; torch has to count in the same way.
    os.environ.setdefault("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    import torch

    torch.set_num_threads(num_cores())
    if not device.startswith("cuda"):
        return device
    index = int(device.partition(":")[2] or 0)
    if torch.cuda.is_available() and index < torch.cuda.device_count():
        return device
    if wanted == "auto":
        return "cpu"
    raise MadeError(
        f"The installed PyTorch cannot use {device!r}: choose 'auto' or 'cpu', or install a build "
        "of PyTorch for this machine's CUDA driver."
    )
