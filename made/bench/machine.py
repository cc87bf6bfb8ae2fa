"""What the bench measures on: the names of the parts, and what they can do."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch

CPU_INFORMATION = Path("/proc/cpuinfo")
# As Linux names them: the first two of x86, the last one of ARM.
BFLOAT16_UNITS = ("amx_bf16", "avx512_bf16", "bf16")


def machine(device: str) -> dict[str, Any]:
    """What was measured on, and when."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "processor": _processor_name(),
        "cores": torch.get_num_threads(),
        "device": torch.cuda.get_device_name(device) if _is_cuda(device) else "cpu",
        "bfloat16_units": _names(bfloat16_units(device)),
        "torch": torch.__version__,
        "python": platform.python_version(),
        "load_average": load,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def bfloat16_units(device: str) -> tuple[str, ...] | None:
    """What multiplies bfloat16 on a device; empty for nothing, None where it cannot be known."""
    if _is_cuda(device):
        with torch.cuda.device(device):
            has_units = torch.cuda.is_bf16_supported(including_emulation=False)
        return ("CUDA",) if has_units else ()
    flags = _cpu_field("flags", "Features")
    if flags is None:
        return None
    return tuple(unit for unit in BFLOAT16_UNITS if unit in flags.split())


def bfloat16_remark(device: str) -> str:
    """Whether a device has what makes bfloat16 fast."""
    units = bfloat16_units(device)
    if units is None:
        return "not known whether the processor has bfloat16 units"
    if not units:
        return "slow: the processor has no bfloat16 units"
    return f"bfloat16 units: {_names(units)}"


def _names(units: tuple[str, ...] | None) -> str | None:
    return units if units is None else ", ".join(units) or "none"


def _is_cuda(device: str) -> bool:
    return device.startswith("cuda")


def _processor_name() -> str:
    return _cpu_field("model name") or platform.processor() or platform.machine()


def _cpu_field(*names: str) -> str | None:
    """What Linux says about the first core under one of these names."""
    if not CPU_INFORMATION.exists():
        return None
    for line in CPU_INFORMATION.read_text("utf-8").splitlines():
        name, _, value = line.partition(":")
        if name.strip() in names:
            return value.strip()
    return None
