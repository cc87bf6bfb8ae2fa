"""import: a run that was exported elsewhere, as a run of this folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from made.commands import output


def add(commands: output.Commands) -> None:
    parser = commands.add_parser(
        "import",
        help="take in a run from a zip file",
        description="Take in a run that `export` has written; it then shows beside the others.",
    )
    parser.add_argument("file", metavar="FILE.zip", type=Path, help="What `export` has written.")
    output.add_json(parser)
    parser.set_defaults(execute=import_run)


def import_run(arguments: argparse.Namespace) -> int:
    from made.base.errors import MadeError
    from made.runs import archive

    if not arguments.file.is_file():
        raise MadeError(f"There is no file '{arguments.file}': name what `export` has written.")
    run = archive.import_archive(arguments.file)
    if arguments.json:
        output.print_json({"id": run.id, "label": run.label})
    else:
        print(f"{run.label} ({run.id})")
    return 0
