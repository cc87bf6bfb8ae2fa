"""quarantine: runs that cannot be read, moved out of the way."""

from __future__ import annotations

import argparse

from made.commands import output


def add(commands: output.Commands) -> None:
    parser = commands.add_parser(
        "quarantine",
        help="move runs that cannot be read out of the way",
        description="Move the folders of runs that cannot be read into .quarantine/ of the runs "
        "folder. Nothing is deleted: moved back, a folder is a run again once it can be read.",
    )
    parser.add_argument("runs", metavar="RUN", nargs="+", help="Id, its beginning, or name.")
    output.add_json(parser)
    parser.set_defaults(execute=quarantine_runs)


def quarantine_runs(arguments: argparse.Namespace) -> int:
    from made.runs import loading
    from made.runs.quarantine import quarantine

    found = [loading.find_run(reference) for reference in arguments.runs]
    moved = [{"id": run.id, "path": str(quarantine(run))} for run in found]
    if arguments.json:
        output.print_json(moved)
    else:
        for one in moved:
            print(one["path"])
    return 0
