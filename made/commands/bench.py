"""bench: how fast and how small the engine is beside the textbook, on this machine."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from made.commands import output

# Seconds are shown as what they are in most cases.
SHOWN_UNITS = {"s": ("ms", 1e3), "MB": ("MB", 1.0)}


def add(commands: output.Commands) -> None:
    """The command that measures speed."""
    parser = commands.add_parser(
        "bench",
        help="measure the engine against the textbook",
        description="Measure the plain textbook MADE and the engine in turns, on data from a fixed "
        "seed; medians over several rounds.",
    )
    parser.add_argument(
        "--device", default="cpu", metavar="NAME", help="cpu, cuda:N or auto. Default: cpu."
    )
    parser.add_argument(
        "--quick", action="store_true", help="Tiny networks: shows that it works, not how fast."
    )
    parser.add_argument(
        "--only", nargs="+", metavar="NAME", help="Measure only these; --list says which there are."
    )
    parser.add_argument("--list", action="store_true", help="List what is measured, and stop.")
    output.add_json(parser)
    parser.set_defaults(execute=bench)


def bench(arguments: argparse.Namespace) -> int:
    from made.base import devices

    # The same threads as in the process of a run, set before anything loads torch.
    device = devices.prepare_torch(arguments.device, devices.resolve(arguments.device))
    from made.bench import cases as bench
    from made.bench import machine as bench_machine

    if arguments.list:
        return _list({name: case.describe() for name, case in bench.CASES.items()}, arguments.json)
    names = arguments.only or bench.default_names(device)
    machine = bench_machine.machine(device)
    results = list(bench.run_all(names, device, is_quick=arguments.quick, on_start=_announce))
    if arguments.json:
        output.print_json({"machine": machine, "is_quick": arguments.quick, "results": results})
    else:
        _print_results(results)
        output.print_figures(machine)
    return 0


def _announce(name: str) -> None:
    """A line for whoever waits, and nothing for a program."""
    if sys.stderr.isatty():
        print(f"measuring {name}", file=sys.stderr)


def _list(titles: dict[str, str], as_json: bool) -> int:
    if as_json:
        output.print_json(titles)
    else:
        output.print_table(("name", "what"), list(titles.items()))
    return 0


def _print_results(results: list[dict[str, Any]]) -> None:
    from made.bench.rounds import TEXTBOOK

    headers = ("name", "what", "network", "of", "unit", "reference", "engine", "ratio")
    output.print_table(headers, [_row(result) for result in results])
    print("\nMedians of rounds in turns; ratio = reference / engine; data from a fixed seed.")
    for result in results:
        if result["baseline"] != TEXTBOOK:
            print(f"{result['name']}: the reference is {result['baseline']}.")
        if result["reference_share"] < 1:
            share = f"{result['reference_share']:.0%}"
            print(f"{result['name']}: the reference does {share} of it, its time is scaled up.")


def _row(result: dict[str, Any]) -> tuple[Any, ...]:
    unit, factor = SHOWN_UNITS[result["unit"]]
    what = result["title"]
    if result["remark"]:
        what += f" ({result['remark']})"
    figures = (result["reference"] * factor, result["engine"] * factor, result["ratio"])
    return result["name"], what, result["network"], result["per"], unit, *figures
