"""study report: a study as the HTML file that the Compare page makes of it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from made.base.errors import MadeError
from made.commands import output

if TYPE_CHECKING:
    from made.studies.folder import StoredStudy

WHAT = "write it as one HTML file: verdict, pictures, figures, curves, commands"
SUFFIXES = (".html", ".htm")


def add_to(parser: argparse.ArgumentParser) -> None:
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

    study, runs = stored.study, stored.runs()
    if not runs:
        raise MadeError(
            f"The study '{study.title}' has no runs yet: `python -m made study resume {stored.id}` "
            "trains them."
        )
    story = tell(runs, study.fields)
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
