"""The bench knows whether a machine has bfloat16 units."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from made.bench import machine as bench_machine
from made.commands import main

pytestmark = pytest.mark.usefixtures("same_threads")
X86 = "model name\t: Chip 7\nflags\t\t: fpu avx512f{}\n\nmodel name\t: Chip 7\n"
PROCESSORS = {
    X86.format(" avx512_bf16 amx_bf16"): "bfloat16 units: amx_bf16, avx512_bf16",
    X86.format(" avx512_bf16"): "bfloat16 units: avx512_bf16",
    X86.format(""): "slow: the processor has no bfloat16 units",
    "Features\t: fp asimd bf16\n": "bfloat16 units: bf16",
    "": "not known whether the processor has bfloat16 units",
}


@pytest.mark.parametrize("text", PROCESSORS)
def test_the_line_says_whether_there_are_bfloat16_units(
    text: str, tmp_path: Path, monkeypatch, capsys
) -> None:
    information = tmp_path / "cpuinfo"
    information.write_text(text, "utf-8")
    monkeypatch.setattr(bench_machine, "CPU_INFORMATION", information)
    assert main(["bench", "--quick", "--only", "train-bfloat16", "train"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert f"({PROCESSORS[text]})" in lines[1]
    assert "bfloat16" not in lines[2]
    named = PROCESSORS[text].partition("units: ")[2]
    shown = named or ("none" if "slow" in PROCESSORS[text] else "–")
    assert next(line for line in lines if line.startswith("bfloat16 units")).endswith(f" {shown}")


@pytest.mark.parametrize(("has_units", "remark"), [(True, "units: CUDA"), (False, "slow")])
def test_a_gpu_that_only_emulates_bfloat16_has_no_units(has_units, remark, monkeypatch) -> None:
    asked = []

    class Place:
        def __init__(self, device: str) -> None:
            asked.append(device)

        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

    monkeypatch.setattr(torch.cuda, "device", Place)
    monkeypatch.setattr(
        torch.cuda,
        "is_bf16_supported",
        lambda including_emulation: including_emulation or has_units,
    )
    assert remark in bench_machine.bfloat16_remark("cuda:3")
    assert asked == ["cuda:3"]
