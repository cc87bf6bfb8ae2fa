"""The command line: one file for what writes runs, one for what reads them, one for export.

A command is a module-level `add` of its arguments and a function of the parsed arguments that
returns the exit code. What needs torch imports it when it runs, so that help and lists are quick.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from made.base.errors import MadeError
from made.commands import (
    bench,
    dashboard,
    deleting,
    export,
    importing,
    presets,
    quarantine,
    reading,
    results,
    studies,
    training,
)
from made.setups import extensions

USAGE, FAILURE, STOPPED = 2, 1, 130

DESCRIPTION = """\
Train and measure MADE, the masked autoencoder for distribution estimation.
Runs started here show live in the dashboard, and the other way round."""

EPILOG = """\
RUN is the id of a run, the beginning of one, its exact name, or the folder of an exported run.

examples:
  python -m made train --dataset digits8 --encoding one-hot --epochs 20
  python -m made evaluate RUN --split test --json
  python -m made sample RUN --num-samples 64 --out digits.png"""


class Parser(argparse.ArgumentParser):
    """Wrong usage is one sentence on stderr, not the list of all flags."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}; --help says more.\n")


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    parser = Parser(
        prog="python -m made",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for add in (
        reading.add_lists,
        presets.add,
        training.add,
        studies.add,
        reading.add_questions,
        results.add,
        export.add,
        importing.add,
        quarantine.add,
        deleting.add,
        bench.add,
        dashboard.add,
    ):
        add(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Execute a command line. Returns 0, 1 for a failure, 2 for wrong usage, 130 for Ctrl-C."""
    try:
        extensions.load()
        chosen = build_parser().parse_args(arguments)
        code = chosen.execute(chosen)
        sys.stdout.flush()
        return code
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else FAILURE
    except BrokenPipeError:
        # The reader has gone: what is still buffered must go nowhere at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILURE
    except KeyboardInterrupt:
        return STOPPED
    except MadeError as error:
        print(f"python -m made: {error}", file=sys.stderr)
        return FAILURE
    except OSError as error:
        what = f"'{error.filename}': " if error.filename else ""
        print(f"python -m made: {what}{error.strerror or error}.", file=sys.stderr)
        return FAILURE
