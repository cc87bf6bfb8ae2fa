"""export: a run as one zip file that another machine can read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from made.commands import output

if TYPE_CHECKING:
    from made.runs.folder import Run


def add(commands: output.Commands) -> None:
    parser = commands.add_parser(
        "export",
        help="write a run to a zip file",
        description="Write configuration, best weights, figures, curves and pictures to one zip "
        "file; made.load_run reads the unzipped folder.",
    )
    parser.add_argument("run", metavar="RUN", help="Id, its beginning, or name of the run.")
    parser.add_argument("file", metavar="FILE.zip", type=zip_path, help="A file in .zip.")
    output.add_json(parser)
    parser.set_defaults(execute=export_run)


def export_run(arguments: argparse.Namespace) -> int:
    from made.runs import loading

    run = loading.find_run(arguments.run)
    say(run.id, arguments.file, write_archive(run, arguments.file), arguments.json)
    return 0


def write_archive(run: Run, path: Path) -> list[str]:
    """Write a zip with one folder, the run's. Returns what of it was left out.

    Raises MadeError for a run that has neither weights nor, being finished, pictures.
    """
    from made.runs import exporting

    return write_zip(path, lambda archive: exporting.write_run(archive, run))


def write_zip(path: Path, fill: Callable[[ZipFile], list[str]]) -> list[str]:
    """Write a zip file whole or not at all; what filled it says what was left out."""
    left_out: list[str] = []

    def write(draft: Path) -> None:
        with ZipFile(draft, "w", ZIP_DEFLATED, compresslevel=1) as archive:
            left_out.extend(fill(archive))

    output.write_file(path, write)
    return left_out


def say(id: str, path: Path, left_out: Sequence[str], as_json: bool) -> None:
    """Where the file lies, and what it leaves out."""
    if as_json:
        output.print_json({"id": id, "path": str(path), "left_out": left_out})
        return
    print(path)
    for what in left_out:
        print(f"left out: {what}", file=sys.stderr)


def zip_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() != ".zip":
        raise argparse.ArgumentTypeError(f"a name in .zip is needed, not {text[:40]!r}")
    return path
