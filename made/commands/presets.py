"""presets: the named set-ups, what they reach and how long that takes."""

from __future__ import annotations

import argparse

from made.commands import output
from made.setups import presets


def add(commands: output.Commands) -> None:
    what = "list the named set-ups"
    parser = commands.add_parser("presets", help=what, description=f"{what.capitalize()}.")
    output.add_json(parser)
    parser.set_defaults(execute=list_presets)


def list_presets(arguments: argparse.Namespace) -> int:
    known = presets.load_presets().values()
    if arguments.json:
        output.print_json([preset.model_dump(mode="json") for preset in known])
        return 0
    headers = ("name", "what", "expected", "time", "measured on", "the paper")
    output.print_table(
        headers,
        [
            (
                preset.name,
                preset.title,
                preset.expected and preset.expected.text,
                preset.duration or None,
                preset.hardware or None,
                preset.published and preset.published.text,
            )
            for preset in known
        ],
    )
    return 0
