"""A table of numbers from a .csv file, with or without a header, and with clear complaints."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from made.datasets.arrays import MAX_BYTES, Source
from made.datasets.download import Progress
from made.datasets.rows import MAX_VARIABLES, check_shape

DELIMITERS = (",", ";", "\t")
BLOCK_BYTES = 1 << 22
COMPACT = np.dtype(np.uint16)  # holds every category, and the number of every column


def read_csv(content: bytes, source: Source, progress: Progress | None = None) -> np.ndarray:
    """The numbers of the file (N, D), without the header if there is one.

    A header is a first line without any number, or one that counts the columns 0, 1, 2, … to
    more than any later value. Commas, semicolons and tabs separate; empty lines are skipped;
    the text must be UTF-8.

    Blocks of lines are read one after another and kept as uint16. With the first one that holds
    anything but small whole numbers the reading ends, and the numbers so far are given as float64:
    rows of categories they are not, whatever follows.

    progress: hears of the bytes that are read.
    """
    head: _Head | None = None
    parts: list[np.ndarray] = []
    line = 0  # lines before the block
    for end, block in _blocks(content, source):
        text = block
        if head is None:
            head = _head(block, content, source)
            if head is not None and head.is_header:
                blank, text = block.split(head.line, 1)
                line += blank.count("\n")
        if head is not None and text.strip():
            numbers = _numbers(text, head, line, source)
            parts.append(_compact(numbers))
            if parts[-1].dtype != COMPACT:
                break
        line += text.count("\n")
        if progress is not None:
            progress(end, len(content))
    if head is None:
        raise source.refuse("is empty", "bring one line of numbers for each example")
    if not parts:
        raise source.refuse("has no row of numbers", "bring one line of numbers for each example")
    table = np.concatenate(parts)
    counts = _counts(head.cells) and not head.is_header
    if counts and len(table) > 1 and table[1:].max() < len(head.cells) - 1:
        return table[1:]
    is_index = head.is_header and not head.cells[0].strip()
    if is_index and np.array_equal(table[:, 0], np.arange(len(table))):
        raise source.refuse(
            "begins with a nameless column that only counts the rows", "save it without the index"
        )
    return table


class _Head(NamedTuple):
    """The first line that is not empty, and what it says of the others."""

    line: str
    delimiter: str
    cells: list[str]
    is_header: bool


def _head(block: str, content: bytes, source: Source) -> _Head | None:
    """The first line with anything in it, judged by its width before it is taken apart."""
    first = next((line for line in block.split("\n") if line.strip()), None)
    if first is None:
        return None
    delimiter = max(DELIMITERS, key=first.count)
    width = first.count(delimiter) + 1
    num_lines = content.count(b"\n") + 1
    if width > MAX_VARIABLES:
        check_shape((num_lines, width), source)
    cells = _cells(first, delimiter)
    if num_lines * len(cells) * COMPACT.itemsize > MAX_BYTES:
        raise source.refuse(
            f"is too long (about {num_lines:,} lines of {len(cells):,} numbers)",
            "bring fewer rows, or save them as .npy in a small type such as uint8",
        )
    is_header = not any(_is_number(cell) for cell in cells) or (
        not cells[0].strip() and _counts(cells, start=1)
    )
    return _Head(first, delimiter, cells, is_header)


def _blocks(content: bytes, source: Source) -> Iterator[tuple[int, str]]:
    """Whole lines, some BLOCK_BYTES of them at a time, each time with the bytes read so far."""
    start = len(codecs.BOM_UTF8) if content.startswith(codecs.BOM_UTF8) else 0
    sign = b"\n" if b"\n" in content else b"\r"
    while start < len(content):
        place = content.find(sign, start + BLOCK_BYTES)
        end = place + 1 if place >= 0 else len(content)
        try:
            text = content[start:end].decode()
        except UnicodeDecodeError as error:
            raise source.refuse(
                f"is not text in UTF-8 (byte {start + error.start})", "save it again as 'CSV UTF-8'"
            ) from error
        if "\0" in text:
            raise source.refuse(
                "is not a text file (it holds zero bytes)", "save it as 'CSV UTF-8'"
            )
        yield end, text.replace("\r\n", "\n").replace("\r", "\n")
        start = end


def _numbers(text: str, head: _Head, line: int, source: Source) -> np.ndarray:
    """The numbers of some lines, float64 (n, D); `line` lines stand before them."""
    try:
        table = np.loadtxt(
            io.StringIO(text), delimiter=head.delimiter, comments=None, quotechar='"', ndmin=2
        )
    except (ValueError, OverflowError) as error:
        raise source.refuse(*_complaint(text, head, line)) from error
    if table.shape[1] != len(head.cells):
        raise source.refuse(*_complaint(text, head, line))
    return table


def _compact(table: np.ndarray) -> np.ndarray:
    """The same numbers as COMPACT, where that can hold them."""
    with np.errstate(invalid="ignore"):
        small = table.astype(COMPACT)
    return small if np.array_equal(small, table) else table


def _complaint(text: str, head: _Head, line: int) -> tuple[str, str]:
    """The problem and the mend of the first line that is no row of as many numbers as the head."""
    width = len(head.cells)
    reader = csv.reader(io.StringIO(text), delimiter=head.delimiter)
    try:
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != width:
                return (
                    f"has {len(row)} cells in line {line + reader.line_num} instead of {width}",
                    "give every line the same number of cells",
                )
            if bad := [cell for cell in row if not _is_number(cell)]:
                return (
                    f"has a cell that is not a number in line {line + reader.line_num} "
                    f"({bad[0].strip()[:30]!r})",
                    "replace text and empty cells by categories numbered from 0",
                )
    except csv.Error:
        return "has a cell too long to be a number", "bring a table of plain numbers"
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
