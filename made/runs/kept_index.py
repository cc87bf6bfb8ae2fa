"""What was read of run folders, kept on disk as well: a command need not parse a thousand of them.

The file `.index/<name>.json` in the runs folder can be deleted at any time: it is made anew. What
it lacks, or has of other files than there are now, is read from the run folders.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any
from zlib import crc32

from made.base.files import parse_object, read_bytes, write_atomically
from made.base.places import runs_folder
from made.runs.folder import Run
from made.runs.index import Index

FOLDER = ".index"
LIMIT = 100_000_000  # bytes of the file

Row = dict[str, Any]


class KeptIndex(Index[Row]):
    """Rows that JSON can hold, by `read`; see `Index`.

    name: of the file. version: changes with what `read` makes of a folder.
    """

    def __init__(
        self,
        read: Callable[[Run], Row],
        is_settled: Callable[[Row], bool],
        *,
        name: str,
        version: int,
    ) -> None:
        super().__init__(read, is_settled)
        self.name, self.version = name, version

    def read(self, runs: Iterable[Run], key: object = None) -> list[Row]:
        """As in `Index`; what is read anew is kept for the next command."""
        mark = crc32(repr((self.version, key)).encode())
        path = runs_folder() / FOLDER / f"{self.name}.json"
        self._take(path, mark)
        before = dict(self._known)
        rows = super().read(runs, mark)
        if self._known != before:
            self._keep(path, mark)
        return rows

    def _take(self, path: Path, mark: int) -> None:
        """Know what the file knows, where it is of this version."""
        with suppress(OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
            if path.stat().st_size > LIMIT:
                return
            kept = parse_object(read_bytes(path, LIMIT))
            if kept.get("mark") != mark:
                return
            for id, (place, signature, row) in kept["rows"].items():
                if isinstance(row, dict) and row.get("id") == id:
                    found = tuple(tuple(entry) for entry in signature)
                    self._known.setdefault(id, ((Path(place), found, mark), row))

    def _keep(self, path: Path, mark: int) -> None:
        rows = {id: (str(seen[0]), seen[1], row) for id, (seen, row) in self._known.items()}
        # Where the folder cannot be written, the next command reads all again.
        with suppress(OSError, ValueError):
            path.parent.mkdir(parents=True, exist_ok=True)
            content = json.dumps({"mark": mark, "rows": rows}, allow_nan=False)
            write_atomically(path, content.encode(), durable=False)
