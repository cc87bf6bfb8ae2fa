"""study report and study export: a study as a file to read, and as one for another machine."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from made.commands import export, output

if TYPE_CHECKING:
    from made.studies.folder import StoredStudy

REPORT = "write it as one HTML file: verdict, pictures, figures, curves, commands"
EXPORT = "write it with its runs to one zip file, which `import` takes in"
SUFFIXES = (".html", ".htm")


def add_report(parser: argparse.ArgumentParser) -> None:
    """The flags of `study report`."""
    parser.add_argument(
        "--out", metavar="FILE.html", type=_html_path, help="Default: STUDY.html, by the id."
    )
    parser.add_argument(
        "--at",
        metavar="EPOCH",
        default="best",
        help="Of which epoch the pictures are: best, last, or a number. Default: best.",
    )
    output.add_json(parser)


def add_export(parser: argparse.ArgumentParser) -> None:
    """The flags of `study export`."""
    parser.add_argument("file", metavar="FILE.zip", type=export.zip_path, help="A file in .zip.")
    output.add_json(parser)


def export_study(arguments: argparse.Namespace) -> int:
    from made.studies import archive, folder

    stored = folder.find_study(arguments.study)
    left_out = export.write_zip(arguments.file, lambda file: archive.write_study(file, stored))
    export.say(stored.id, arguments.file, left_out, arguments.json)
    return 0


def write_report(arguments: argparse.Namespace) -> int:
    from made.studies import folder

    stored = folder.find_study(arguments.study)
    path = arguments.out or Path(f"{stored.id}.html")
    output.require_folder(path)
    output.write_file(path, _report(stored, arguments.at).encode())
    if arguments.json:
        output.print_json({"id": stored.id, "path": str(path)})
    else:
        print(path)
    return 0


def _report(stored: StoredStudy, at: str) -> str:
    """The file, with the cells as the page opens. Raises MadeError."""
    from datetime import datetime

    from made.views import report
    from made.views.moment import find_moment
    from made.views.story import tell

    study = stored.study
    story = tell(stored.some_runs(), study.fields)
    return report.report(
        story,
        report.first_look(story, find_moment(at, story.grid)),
        when=datetime.now().astimezone(),
        title=study.title,
        command=study.to_command(),
    )


def _html_path(text: str) -> Path:
    path = Path(text)
    if path.suffix.lower() not in SUFFIXES:
        raise argparse.ArgumentTypeError(f"a name in .html is needed, not {text[:40]!r}")
    return path
