"""Text for people and JSON for programs. JSON is all that goes to stdout when it is asked for."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from made.base.errors import MadeError
from made.base.files import to_json, write_atomically
from made.base.text import shown, with_error
from made.density.figures import ERRORS, FIGURES, error_of


class Commands(Protocol):
    """What a command is added to, as `ArgumentParser.add_subparsers` returns it."""

    def add_parser(self, *arguments: Any, **options: Any) -> argparse.ArgumentParser: ...


def add_json(parser: argparse._ActionsContainer) -> None:
    parser.add_argument("--json", action="store_true", help="Print JSON instead of text.")


def add_option(parser: argparse.ArgumentParser, flag: str, *, old: str, **options: Any) -> None:
    """A flag named as in Python; its old name goes on working but is no longer shown."""
    target = flag.removeprefix("--").replace("-", "_")
    parser.add_argument(flag, dest=target, **options)
    quiet = {"dest": target, "default": argparse.SUPPRESS, "help": argparse.SUPPRESS}
    parser.add_argument(old, **(options | quiet))


def print_json(value: Any) -> None:
    print(to_json(value))


def print_figures(figures: Mapping[str, Any]) -> None:
    """One line a figure, its name and unit first, its standard error beside it."""
    measured = [name for name, error in ERRORS.items() if figures.keys() >= {name, error}]
    beside = {ERRORS[name] for name in measured}
    names = [name for name in figures if name not in beside]
    width = max((len(_title(name)) for name in names), default=0)
    for name in names:
        error = error_of(figures, name)
        said = shown(figures[name]) if error is None else with_error(figures[name], error)
        print(f"{_title(name):<{width}}  {said}")


def _title(name: str) -> str:
    return FIGURES[name].label if name in FIGURES else name.replace("_", " ")


def print_table(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Columns as wide as their widest cell; columns of numbers to the right."""
    cells = [list(headers), *([shown(value) for value in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    numeric = [
        any(isinstance(value, int | float) for value in column)
        for column in (zip(*rows, strict=True) if rows else [()] * len(headers))
    ]
    for line in cells:
        padded = (
            cell.rjust(width) if is_number else cell.ljust(width)
            for cell, width, is_number in zip(line, widths, numeric, strict=True)
        )
        print("  ".join(padded).rstrip())


def require_folder(path: Path) -> None:
    """Raises MadeError where a file cannot be put, before any work is done for it."""
    if path.is_dir():
        raise MadeError(f"'{path}' is a folder: name a file.")
    if not path.parent.is_dir():
        raise MadeError(f"There is no folder '{path.parent}' for {path.name}: make it first.")


def fill_file(path: Path, content: str, place: str) -> None:
    """Write content between the two markers of a place in a text file. Raises MadeError."""
    from made.studies import result_tables

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise MadeError(f"'{path}' cannot be read: {reason}.") from None
    write_file(path, result_tables.fill(text, content, place).encode())


def write_file(path: Path, content: bytes | Callable[[Path], object]) -> None:
    """Write a file whole or not at all. Raises MadeError where that fails."""
    require_folder(path)
    try:
        write_atomically(path, content)
    except OSError as error:
        raise MadeError(f"'{path}' cannot be written: {error.strerror}.") from None
