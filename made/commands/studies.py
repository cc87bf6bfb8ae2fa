"""study: runs that differ in one or two settings and in seeds, from the first look to the table."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from made.base.errors import MadeError
from made.base.text import counted, duration, short_bytes
from made.commands import output, settings, study_files
from made.commands.training import add_launcher

if TYPE_CHECKING:
    from made.studies.folder import StoredStudy
    from made.studies.plan import Plan
    from made.studies.study import Study

EPILOG = """\
examples:
  python -m made study new encodings --dataset rings --grid-size 50 --seeds 3 --dry-run
  python -m made study new --vary encoding raw one-hot --vary num-samples 10000 100000 --seeds 3
  python -m made study show STUDY --csv"""
SEED_OF = ("weights", "data", "both")
EXIT_CODES = {"ended": 0, "stopped": 130, "paused": 143}


def add(commands: output.Commands) -> None:
    """The commands about studies, behind one word."""
    study = commands.add_parser(
        "study",
        help="train and compare runs that differ in one or two settings and in seeds",
        description="Studies: runs that differ in one or two settings and in their seeds.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parts = study.add_subparsers(required=True, metavar="WHAT", title="what")
    _add_new(parts)
    for name, what, execute in (
        ("ready", "list the ready-made studies", list_ready),
        ("list", "list the studies, newest first", list_studies),
    ):
        parser = parts.add_parser(name, help=what, description=f"{what.capitalize()}.")
        output.add_json(parser)
        parser.set_defaults(execute=execute)
    show = _add_named(
        parts, "show", "its figures, mean ± standard error over the seeds", show_study
    )
    forms = show.add_mutually_exclusive_group()
    forms.add_argument("--csv", action="store_true", help="Print one row a run, full precision.")
    forms.add_argument("--markdown", action="store_true", help="Print a table with its command.")
    forms.add_argument(
        "--readme",
        nargs=2,
        metavar=("FILE.md", "PLACE"),
        help="Write that table between the markers PLACE:start and PLACE:end of a file.",
    )
    output.add_json(forms)
    report = _add_named(parts, "report", study_files.REPORT, study_files.write_report)
    study_files.add_report(report)
    export = _add_named(parts, "export", study_files.EXPORT, study_files.export_study)
    study_files.add_export(export)
    resume = _add_named(
        parts, "resume", "go on where it was paused, stopped or killed", resume_study
    )
    _add_detach(resume)
    _add_named(parts, "pause", "let its runs write a checkpoint and rest", _asking("pause"))
    _add_named(parts, "stop", "as pause; its runs count as stopped", _asking("stop"))
    _add_named(parts, "delete", "remove it and the runs that it has started", delete_study)


def _add_new(parts: output.Commands) -> None:
    new = parts.add_parser(
        "new",
        help="train a ready-made study, or one of your own",
        usage="python -m made study new [READY | --vary SETTING VALUE ...] [--seeds N] "
        "[SETTING ...] [--dry-run | --detach]",
        description="Train runs that differ in one or two settings and in their seeds. Runs that "
        "are there already are taken. Ctrl-C stops them; the same command goes on.",
    )
    new.add_argument("ready", metavar="READY", nargs="?", help="As `study ready` lists them.")
    new.add_argument(
        "--vary",
        action="append",
        nargs="+",
        default=[],
        metavar=("SETTING", "VALUE"),
        help="A setting and its values, such as --vary encoding raw one-hot; once or twice.",
    )
    new.add_argument(
        "--along",
        action="append",
        nargs="+",
        default=[],
        metavar=("VARIED", "SETTING"),
        help="A setting that follows a varied one, with a value for each of its values, such as "
        "--along num-samples batch-size 100 1000.",
    )
    new.add_argument(
        "--seeds",
        type=_seeds,
        default=(0,),
        metavar="N",
        help="How many seeds, or the seeds themselves, such as 0,7,8 or 7,. Default: 1.",
    )
    new.add_argument(
        "--seed-of", choices=SEED_OF, default="both", help="What a seed draws. Default: both."
    )
    new.add_argument("--title", metavar="TITLE", help="Default: what is varied.")
    new.add_argument("--dry-run", action="store_true", help="Only show what it would cost.")
    _add_detach(new)
    output.add_json(new)
    settings.add_bases(new)
    settings.add_settings(new)
    new.set_defaults(execute=new_study)


def _add_detach(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--detach", action="store_true", help="Train in the background; print the study's id."
    )
    add_launcher(parser)


def _add_named(
    parts: output.Commands, name: str, what: str, execute: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    parser = parts.add_parser(name, help=what, description=f"{what.capitalize()}.")
    parser.add_argument("study", metavar="STUDY", help="Its id, the beginning of it, or its title.")
    parser.set_defaults(execute=execute)
    return parser


def _seeds(text: str) -> tuple[int, ...]:
    try:
        numbers = tuple(int(part) for part in text.removesuffix(",").split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no number of seeds") from None
    if "," in text:
        return numbers
    if numbers[0] < 1:
        raise argparse.ArgumentTypeError("a study has one seed at least")
    return tuple(range(numbers[0]))


def new_study(arguments: argparse.Namespace) -> int:
    from made.studies import control

    study = _asked(arguments)
    if arguments.dry_run:
        return _show_cost(study, arguments.json)
    stored = control.same_or_new(study)
    return _go_on(stored, arguments, arguments.json)


def resume_study(arguments: argparse.Namespace) -> int:
    from made.studies import folder

    return _go_on(folder.find_study(arguments.study), arguments, False)


def _asked(arguments: argparse.Namespace) -> Study:
    """The study that the flags describe. Raises MadeError."""
    from made.studies import ready
    from made.studies.study import Study

    base = settings.configuration(arguments)
    if (arguments.ready is None) == (not arguments.vary):
        known = ", ".join(ready.READY)
        raise MadeError(f"Name one of the ready-made studies ({known}), or vary settings.")
    if arguments.ready is not None:
        study = ready.find(arguments.ready)(base, arguments.seeds, arguments.seed_of)
    else:
        vary = {name.replace("-", "_"): values for name, *values in arguments.vary}
        along = _along(arguments.along)
        study = Study.make(None, base, vary, arguments.seeds, arguments.seed_of, along)
    return study if arguments.title is None else study.titled(arguments.title)


def _along(asked: Sequence[Sequence[str]]) -> dict[str, dict[str, list[str]]]:
    """Which settings follow which varied one. Raises MadeError for a flag that names just one."""
    found: dict[str, dict[str, list[str]]] = {}
    for words in asked:
        if len(words) < 2:
            raise MadeError(
                f"--along {words[0][:60]} names one setting: give the varied one, the one that "
                "follows it, and its values."
            )
        varied, follower, *values = words
        found.setdefault(varied.replace("-", "_"), {})[follower.replace("-", "_")] = values
    return found


def _show_cost(study: Study, as_json: bool) -> int:
    from made.studies.plan import plan

    if problem := study.problem():
        raise MadeError(problem)
    found = plan(study)
    if as_json:
        output.print_json(_cost(found))
        return 0
    there = len(found.wanted) - len(found.waiting)
    print(f"{counted(len(found.wanted), 'run')}, {there} of them there already")
    if found.waiting:
        print(f"{duration(found.seconds)} at most, {short_bytes(found.memory_bytes)} of memory")
    for one in found.wanted:
        print(f"  {one.label}{f': {one.state}, {one.run.id}' if one.run else ''}")
    for left in found.left_out:
        print(f"left out: {', '.join(map(str, left.values))}: {left.reason}")
    return 0


def _cost(found: Plan) -> dict[str, Any]:
    return {
        "runs": [
            {"label": one.label, "id": one.run and one.run.id, "status": one.state or None}
            for one in found.wanted
        ],
        "left_out": [{"values": left.values, "reason": left.reason} for left in found.left_out],
        "seconds": found.seconds,
        "memory_bytes": found.memory_bytes,
    }


def _go_on(stored: StoredStudy, arguments: argparse.Namespace, as_json: bool) -> int:
    """Train what a study lacks, here with a bar or in the background."""
    from made.studies import control
    from made.views.progress_bar import StudyBar

    if arguments.detach:
        control.start(stored, launcher=control.LocalLauncher(arguments.launcher))
        output.print_json(_describe(stored)) if as_json else print(stored.id)
        return 0
    with StudyBar(stored) as bar:
        ended = control.conduct_here(stored, bar.look, arguments.launcher)
    _show(stored, as_json, False)
    if ended != "ended":
        print(f"The study was {ended}: python -m made study resume {stored.id}", file=sys.stderr)
    return EXIT_CODES[ended]


def list_ready(arguments: argparse.Namespace) -> int:
    from made.studies.ready import READY

    if arguments.json:
        output.print_json({name: ready.question for name, ready in READY.items()})
    else:
        rows = [(name, ready.title, ready.question) for name, ready in READY.items()]
        output.print_table(("name", "title", "question"), rows)
    return 0


def list_studies(arguments: argparse.Namespace) -> int:
    from made.studies import folder

    rows = [_describe(stored) for stored in folder.list_studies()]
    if arguments.json:
        output.print_json(rows)
    elif not rows:
        print("There are no studies yet: `python -m made study new encodings` makes one.")
    else:
        names = ("id", "title", "status", "finished", "number", "varied")
        headers = ("id", "title", "status", "finished", "of", "varied")
        output.print_table(headers, [[row.get(name) for name in names] for row in rows])
    return 0


def _describe(stored: StoredStudy) -> dict[str, Any]:
    from made.studies.progress import progress

    known = {"id": stored.id, "title": stored.title, "path": str(stored.path)}
    if stored.problem:
        return known | {"status": "broken", "problem": stored.problem}
    found, study = progress(stored), stored.study
    return known | {
        "status": found.state,
        "number": found.number,
        "finished": found.finished,
        "failed": found.failed,
        "seconds_left": found.seconds_left,
        "varied": ", ".join(study.fields),
        "seeds": study.seeds,
        "seed_of": study.seed_of,
        "message": found.message,
    }


def show_study(arguments: argparse.Namespace) -> int:
    from made.studies import folder, result_tables, results

    stored = folder.find_study(arguments.study)
    if not arguments.markdown and not arguments.readme:
        return _show(stored, arguments.json, arguments.csv)
    text = result_tables.to_study(stored.study, results.read_results(stored.runs()))
    if arguments.markdown:
        print(text)
    else:
        file, place = arguments.readme
        output.fill_file(Path(file), text, place)
    return 0


def _show(stored: StoredStudy, as_json: bool, as_csv: bool) -> int:
    from made.studies.frames import Results, table

    results = Results(stored)
    if as_csv:
        print(results.runs.to_csv(index=False), end="")
    elif as_json:
        frames = {"runs": results.runs, "summary": results.summary}
        rows = {name: frame.to_dict("records") for name, frame in frames.items()}
        output.print_json(_describe(stored) | rows)
    else:
        print(f"{stored.title} ({stored.id})")
        output.print_table(*table(stored.study, results.summary))
    return 0


def _asking(word: str) -> Callable[[argparse.Namespace], int]:
    def execute(arguments: argparse.Namespace) -> int:
        from made.studies import control, folder

        ask = {"pause": control.pause, "stop": control.stop}[word]
        ask(folder.find_study(arguments.study))
        return 0

    return execute


def delete_study(arguments: argparse.Namespace) -> int:
    from made.studies import control, folder

    control.delete(folder.find_study(arguments.study))
    return 0
