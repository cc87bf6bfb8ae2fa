"""import: a run or a study that was exported elsewhere, as one of this folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from made.commands import output


def add(commands: output.Commands) -> None:
    parser = commands.add_parser(
        "import",
        help="take in a run or a study from a zip file",
        description="Take in what `export` or `study export` has written; it then shows beside "
        "the others.",
    )
    parser.add_argument("file", metavar="FILE.zip", type=Path, help="What `export` has written.")
    output.add_json(parser)
    parser.set_defaults(execute=import_run)


def import_run(arguments: argparse.Namespace) -> int:
    from made.base.errors import MadeError
    from made.studies import archive

    if not arguments.file.is_file():
        raise MadeError(f"There is no file '{arguments.file}': name what `export` has written.")
    found = archive.take_in(arguments.file)
    if arguments.json:
        output.print_json({"id": found.id, "label": found.label})
    else:
        print(f"{found.label} ({found.id})")
    return 0
