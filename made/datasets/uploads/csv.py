"""A table of numbers from a .csv file, with or without a header, and with clear complaints."""

from __future__ import annotations

import csv
import io

import numpy as np

from made.datasets.arrays import MAX_BYTES, Source

DELIMITERS = (",", ";", "\t")


def read_csv(content: bytes, source: Source) -> np.ndarray:
    """The numbers of the file as float64 (N, D), without the header if there is one.

    A header is a first line without any number, or one that counts the columns 0, 1, 2, … to
    more than any later value. Commas, semicolons and tabs separate; empty lines are skipped;
    the text must be UTF-8.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise source.refuse(
            f"is not text in UTF-8 (byte {error.start})", "save it again as 'CSV UTF-8'"
        ) from error
    if "\0" in text:
        raise source.refuse("is not a text file (it holds zero bytes)", "save it as 'CSV UTF-8'")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    first = next((line for line in io.StringIO(text) if line.strip()), None)
    if first is None:
        raise source.refuse("is empty", "bring one line of numbers for each example")
    delimiter = max(DELIMITERS, key=first.count)
    cells = _cells(first, delimiter)
    has_header = not any(_is_number(cell) for cell in cells) or (
        not cells[0].strip() and _counts(cells, start=1)
    )
    num_lines = text.count("\n") + 1
    if num_lines * len(cells) * 8 > MAX_BYTES:
        raise source.refuse(
            f"is too long (about {num_lines:,} lines of {len(cells):,} numbers)",
            "bring fewer rows, or save them as .npy in a small type such as uint8",
        )
    body = io.StringIO(text.split(first, 1)[1] if has_header else text)
    if has_header and not any(line.strip() for line in body):
        raise source.refuse("has no row of numbers", "bring one line of numbers for each example")
    body.seek(0)
    try:
        table = np.loadtxt(body, delimiter=delimiter, comments=None, quotechar='"', ndmin=2)
    except (ValueError, OverflowError) as error:
        raise source.refuse(*_complaint(text, delimiter, len(cells), has_header)) from error
    if _counts(cells) and not has_header and len(table) > 1 and table[1:].max() < len(cells) - 1:
        return table[1:]
    if has_header and not cells[0].strip() and np.array_equal(table[:, 0], np.arange(len(table))):
        raise source.refuse(
            "begins with a nameless column that only counts the rows", "save it without the index"
        )
    return table


def _complaint(text: str, delimiter: str, width: int, has_header: bool) -> tuple[str, str]:
    """The problem and the mend of the first line that is no row of `width` numbers."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        return "has a cell too long to be a number", "bring a table of plain numbers"
    for line, row in rows[has_header:]:
        if len(row) != width:
            return (
                f"has {len(row)} cells in line {line} instead of {width}",
                "give every line the same number of cells",
            )
        if bad := [cell for cell in row if not _is_number(cell)]:
            return (
                f"has a cell that is not a number in line {line} ({bad[0].strip()[:30]!r})",
                "replace text and empty cells by categories numbered from 0",
            )
    return "is not a table of numbers", "bring one line of numbers for each example"


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except (csv.Error, StopIteration):
        return [line]


def _counts(cells: list[str], start: int = 0) -> bool:
    """Whether the cells number the columns, as a table saved without column names does."""
    return len(cells) > 2 and cells[start:] == [str(i) for i in range(len(cells) - start)]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
