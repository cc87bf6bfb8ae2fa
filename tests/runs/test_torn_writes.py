"""The power fails in the middle of any write: nothing is read wrongly, and a run loses nothing.

All that a run writes goes through a few doors. At each passage of one, half of the bytes arrive and
nothing is written from then on.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from worker_process import assert_same_outcome, settings, undisturbed

from made import runs
from made.base import files
from made.runs import recorder, worker
from made.runs.folder import Run
from made.views import comparison

pytestmark = pytest.mark.usefixtures("folder", "in_process")


class PowerFailure(BaseException):
    """What no code of ours catches."""


class Power:
    """Fails after so many writes. at: the file and the door where it did."""

    def __init__(self, number: int) -> None:
        self.left, self.at = number, ""

    def write(self, path: Path, content: bytes, write: Callable[[bytes], Any]) -> None:
        if self._fails(f"write {path.name}"):
            write(content[: len(content) // 2])
            raise PowerFailure
        write(content)

    def rename(self, path: Path, rename: Callable[[], Any]) -> Any:
        """A name is the old file's or the new one's, never half."""
        if self._fails(f"rename {path.name}"):
            raise PowerFailure
        return rename()

    def remove(self, remove: Callable[[], None]) -> None:
        if self.at:
            raise PowerFailure
        remove()

    def _fails(self, at: str) -> bool:
        if self.at:
            raise PowerFailure
        self.left -= 1
        self.at = at if self.left < 0 else ""
        return self.left < 0


class Log:
    """A file that is open to be written on at its end."""

    def __init__(self, path: Path, file: Any, power: Power) -> None:
        self.path, self.file, self.power = path, file, power

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *what: object) -> None:
        self.file.close()

    def write(self, content: bytes) -> None:
        self.power.write(self.path, content, self.file.write)


def connect(power: Power, patch: pytest.MonkeyPatch) -> None:
    """Let everything that a worker of this process writes depend on the power."""
    write, replace, unlink = Path.write_bytes, Path.replace, Path.unlink
    save, open_end = recorder.save_tensors, files.open_end

    def saved(path: Path, *content: Any) -> None:
        save(path, *content)
        power.write(path, path.read_bytes(), lambda half: write(path, half))

    def written(path: Path, content: bytes) -> None:
        power.write(path, content, lambda half: write(path, half))

    def replaced(path: Path, target: Path) -> Path:
        return power.rename(target, lambda: replace(path, target))

    patch.setattr(recorder, "save_tensors", saved)
    patch.setattr(files, "open_end", lambda path: Log(path, open_end(path), power))
    patch.setattr(Path, "write_bytes", written)
    patch.setattr(Path, "replace", replaced)
    patch.setattr(Path, "unlink", lambda path, **how: power.remove(lambda: unlink(path, **how)))


def torn(run: Run, number: int) -> str:
    """Train a run until the power fails after so many writes; where it did, or "" at its end."""
    power = Power(number)
    with pytest.MonkeyPatch.context() as patch:
        connect(power, patch)
        with suppress(PowerFailure):
            worker.execute(run)
    return power.at


def test_a_write_that_is_torn_at_any_point_costs_a_run_nothing() -> None:
    config = settings(epochs=2)
    calm = undisturbed(config)
    places: list[str] = []
    while not places or places[-1]:
        run = runs.create(config)
        places.append(torn(run, len(places)))
        (row,) = comparison.read_rows([run])
        assert run.problem is None, places[-1]
        if places[-1]:
            # One that was launched just now may still come.
            begun = run.recorded.state != "starting"
            assert row.status.state == ("interrupted" if begun else "starting"), places[-1]
            assert worker.execute(run).state == "finished", places[-1]
        assert_same_outcome(run, calm)
        assert not list(run.path.rglob("*.tmp")), places[-1]
    names = {place.partition(" ")[2].lstrip(".").partition(".")[0] for place in places}
    assert names >= {"status", "losses", "epochs", "best", "last", "result", "data", "epoch-00001"}
    assert len(places) > 50
