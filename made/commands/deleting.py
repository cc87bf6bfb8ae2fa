"""delete and restore: runs go into the bin for a day, and come back."""

from __future__ import annotations

import argparse
import time

from made.base.errors import MadeError
from made.base.text import clock, counted
from made.commands import output


def add(commands: output.Commands) -> None:
    """The two commands."""
    what = "delete runs; for a day they can be restored"
    delete = commands.add_parser("delete", help=what, description=f"{what.capitalize()}.")
    delete.add_argument(
        "runs", nargs="+", metavar="RUN", help="Id, its beginning or its name, of runs at rest."
    )
    delete.set_defaults(execute=delete_runs)

    what = "take deleted runs, studies or datasets back; without one, list them"
    restore = commands.add_parser("restore", help=what, description=f"{what.capitalize()}.")
    restore.add_argument("ids", nargs="*", metavar="ID", help="The whole id.")
    restore.add_argument(
        "--empty", action="store_true", help="Remove for good all that was deleted."
    )
    output.add_json(restore)
    restore.set_defaults(execute=restore_runs)


def delete_runs(arguments: argparse.Namespace) -> int:
    """Delete each of the runs. Raises MadeError at the first that cannot be."""
    from made import runs
    from made.runs import loading

    for found in [loading.find_run(reference) for reference in arguments.runs]:
        runs.delete(found)
        print(f"Deleted '{found.label}'; `python -m made restore {found.id}` takes it back.")
    return 0


def restore_runs(arguments: argparse.Namespace) -> int:
    """Restore what was deleted, list what can be restored, or empty the bins."""
    from made.datasets.uploads import bin as uploads_bin
    from made.runs import bin
    from made.studies import bin as study_bin

    if arguments.empty and arguments.ids:
        raise MadeError("Name what is to come back, or empty the bin: not both.")
    if arguments.empty:
        study_bin.empty()
        uploads_bin.empty()
        print(f"Removed {counted(bin.empty(), 'run')} for good.")
        return 0
    if not arguments.ids:
        return _list(arguments)
    studies = {one.study.id for one in study_bin.deleted_studies()}
    for id in arguments.ids:
        if id in studies:
            back = study_bin.restore(id).title
        elif id.startswith("upload-"):
            back = uploads_bin.restore(id).label
        else:
            back = bin.restore(id).label
        print(f"Restored '{back}' ({id}).")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from made.datasets.uploads import bin as uploads_bin
    from made.runs import bin
    from made.studies import bin as study_bin

    rows = [
        *((one.study.id, one.study.title, "study", one.at) for one in study_bin.deleted_studies()),
        *((one.run.id, one.run.label, "run", one.at) for one in bin.deleted_runs()),
        *((one.name, one.label, "dataset", one.at) for one in uploads_bin.deleted_uploads()),
    ]
    if arguments.json:
        names = ("id", "name", "kind", "deleted")
        output.print_json([dict(zip(names, row, strict=True)) for row in rows])
    elif not rows:
        print("Nothing was deleted within the last day.")
    else:
        now = time.time()
        lines = [(id, name, kind, f"{clock(now - at)} ago") for id, name, kind, at in rows]
        output.print_table(("id", "name", "", "deleted"), lines)
    return 0
